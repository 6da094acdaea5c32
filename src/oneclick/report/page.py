"""The page: what a chapter is made of, and how chapters become one file of HTML."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from oneclick.annotations import DataFrame
from oneclick.report.parameters import ReportParameters
from oneclick.report.svg import describe_svg
from oneclick.texts.words import Figure, Words, bind

TEMPLATES = Path(__file__).parent / "templates"


class Prose(NamedTuple):
    """Paragraphs of text, perhaps under a heading."""

    paragraphs: Sequence[str]
    heading: str = ""


class Card(NamedTuple):
    """One key figure; its tone is ``warm`` for the declined, ``cool`` for the steady."""

    label: str
    value: str
    note: str = ""
    tone: str = ""


class Cards(NamedTuple):
    """Key figures side by side."""

    cards: Sequence[Card]


class Panel(NamedTuple):
    """A short list of facts about one thing."""

    title: str
    facts: Sequence[str]
    note: str = ""
    figures: str = ""


class Panels(NamedTuple):
    """Several panels side by side."""

    panels: Sequence[Panel]
    heading: str = ""


class Callout(NamedTuple):
    """Something the reader must not miss: ``warm`` for a warning, ``cool`` for a hint."""

    title: str
    text: str
    tone: str = "warm"


class Table(NamedTuple):
    """A table; a column whose cells are `Figure` holds numbers. Sorting leaves the total below."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""
    total: Sequence[str] = ()


class Charts(NamedTuple):
    """Charts as SVG, each with its title inside, perhaps under a heading; narrow ones in threes."""

    svgs: Sequence[str]
    heading: str = ""
    narrow: bool = False


class Terms(NamedTuple):
    """Words and what they mean."""

    entries: Sequence[tuple[str, str]]


Block = Prose | Cards | Panels | Callout | Table | Charts | Terms


class Section(NamedTuple):
    """A chapter: its anchor in the page, its heading, what it says in a sentence or two."""

    key: str
    title: str
    lead: str
    blocks: Sequence[Block]


def write_rows(table: DataFrame | list[dict[str, Any]], *columns: tuple) -> list[list[str]]:
    """Return the cells of a table, row by row, the first of each row its name.

    Each of ``columns`` is a function that writes cells, with the names of the columns that it
    writes, in order; a cell of several figures has a tuple of names.
    """
    records = table if isinstance(table, list) else table.to_dict("records")
    cells = [
        (write, name if isinstance(name, tuple) else (name,))
        for write, *names in columns
        for name in names
    ]
    return [[write(*(each[name] for name in names)) for write, names in cells] for each in records]


def write_table(
    words: Words, key: str, rows: Sequence[Sequence[str]], note: str = "note", **values: object
) -> Table:
    """Return a table whose title, headings and note stand under a key of texts.

    ``note`` is which of the texts is the note, if there is one; ``values`` are put into it.
    """
    texts = words.entry(key)
    written = words(f"{key}.{note}", **values) if note in texts else ""
    return Table(words(f"{key}.title"), texts["headings"], rows, written)


def page_templates() -> Any:
    """Return the jinja2 environment of pages; it escapes and binds whatever is put into them."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_unbroken,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _unbroken(put: Any) -> Any:
    """Return what is put into a page so that no line of text breaks in a wrong place."""
    if type(put) not in (str, Figure):
        return put
    return re.sub(r"-(?=AUC)|(?<=\d)–(?=[\d₽])", "\\g<0>\N{WORD JOINER}", bind(put))


def render_report(report: ReportParameters, *sections: Section) -> str:
    """Return the report, chapters in the order given, as one file of HTML that needs no network.

    Everything from the data is escaped; only the charts, whose writer escapes text, are put in as
    they are. A policy in the page forbids scripts other than its own, and every request.
    """
    from markupsafe import Markup

    templates = page_templates()
    templates.filters["linked"] = partial(_linked, sections, report.words)
    templates.filters["chart"] = describe_svg
    templates.filters["kind"] = lambda block: type(block).__name__.lower()
    script = (TEMPLATES / "report.js").read_text(encoding="utf-8")
    return templates.get_template("report.html.j2").render(
        sections=sections,
        snapshot=report.snapshot,
        words=report.words,
        script=Markup(script),  # noqa: S704  ours
        script_digest=b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii"),
    )


def _linked(sections: Sequence[Section], words: Words, text: str) -> Any:
    """Return a text in which the chapters that it names are links to them."""
    from markupsafe import Markup, escape

    page = escape(_unbroken(text))
    for section in sections:
        named = escape(words("page.chapter", title=section.title))
        link = Markup('<a href="#{}">{}</a>').format(section.key, named)
        page = page.replace(named, link)
    return page


def as_markdown(section: Section) -> str:
    """Return a chapter of prose, terms, tables and panels as a file of Markdown."""
    parts = [f"# {section.title}", section.lead]
    for block in section.blocks:
        match block:
            case Terms(entries):
                parts += [f"**{term}.** {meaning}" for term, meaning in entries]
            case Prose(paragraphs, heading):
                parts += [f"## {heading}"] * bool(heading) + list(paragraphs)
            case Table(title, headings, rows, note, total):
                lines = (headings, ["---"] * len(headings), *rows, *[total] * bool(total))
                table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
                parts += [f"## {title}", table, *[note] * bool(note)]
            case Panels(panels):
                for panel in panels:
                    parts += [f"## {panel.title}", "\n".join(f"- {fact}" for fact in panel.facts)]
    return "\n\n".join(parts) + "\n"
