"""The page: what a chapter is made of, and how chapters become one file of HTML."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from oneclick.report.parameters import ReportParameters
from oneclick.report.svg import describe_svg
from oneclick.report.words import Words

_TEMPLATES = Path(__file__).parent / "templates"


class Prose(NamedTuple):
    """Paragraphs of text, perhaps under a heading."""

    paragraphs: Sequence[str]
    heading: str = ""


class Card(NamedTuple):
    """One key figure."""

    label: str
    value: str
    note: str = ""
    tone: str = ""
    """``warm`` or ``cool`` for figures of the declined or of the steady."""


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
    """Something the reader must not miss."""

    title: str
    text: str
    tone: str = "warm"
    """``warm`` for a warning, ``cool`` for a hint."""


class Table(NamedTuple):
    """A table; a column whose cells are `Figure` holds numbers."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


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
    """A chapter of the report.

    Attributes:
        key: Its anchor in the page.
        title: Its heading.
        lead: What it says, in one or two sentences.
        blocks: What it is made of, in order.
    """

    key: str
    title: str
    lead: str
    blocks: Sequence[Block]


def write_table(
    key: str, words: Words, rows: Sequence[Sequence[str]], note: str = "note", **values: object
) -> Table:
    """Return a table whose title, headings and note, if there is one, stand under a key of texts.

    Args:
        key: Where its texts stand.
        words: Texts of the report.
        rows: Cells, the first of each row its name.
        note: Which of the texts is its note.
        **values: What is put into the note.
    """
    texts = words.entry(key)
    written = words(f"{key}.{note}", **values) if note in texts else ""
    return Table(words(f"{key}.title"), texts["headings"], rows, written)


def render_report(report: ReportParameters, *sections: Section) -> str:
    """Return the report as one file of HTML that needs no network.

    Everything from the data is escaped; only the charts, whose writer escapes text, are put in as
    they are. A policy in the page forbids scripts other than its own, and every request.

    Args:
        report: Language of the report, and its month.
        sections: Chapters in the order of reading.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["chart"] = describe_svg
    environment.filters["kind"] = lambda block: type(block).__name__.lower()
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return environment.get_template("report.html.j2").render(
        sections=sections,
        snapshot=report.snapshot,
        words=report.words,
        style=Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704  ours
        script=Markup(script),  # noqa: S704  ours
        script_digest=digest,
    )


def as_markdown(section: Section) -> str:
    """Return a chapter of prose, terms, tables and panels as a file of Markdown."""
    parts = [f"# {section.title}", section.lead]
    for block in section.blocks:
        match block:
            case Terms(entries):
                parts += [f"**{term}.** {meaning}" for term, meaning in entries]
            case Prose(paragraphs, heading):
                parts += [f"## {heading}"] * bool(heading) + list(paragraphs)
            case Table(title, headings, rows):
                lines = (headings, ["---"] * len(headings), *rows)
                table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
                parts += [f"## {title}", table]
            case Panels(panels):
                for panel in panels:
                    parts += [f"## {panel.title}", "\n".join(f"- {fact}" for fact in panel.facts)]
    return "\n\n".join(parts) + "\n"
