"""The page: what a chapter is made of, and how chapters become one file of HTML."""

import hashlib
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from oneclick.report.svg import describe_svg
from oneclick.report.words import Words

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Prose:
    """Paragraphs of text, perhaps under a heading."""

    paragraphs: Sequence[str]
    heading: str = ""
    kind: ClassVar[str] = "prose"


@dataclass(frozen=True)
class Card:
    """One key figure."""

    label: str
    value: str
    note: str = ""
    tone: str = ""
    """``warm`` or ``cool`` for figures of the declined or of the steady."""


@dataclass(frozen=True)
class Cards:
    """Key figures side by side."""

    cards: Sequence[Card]
    kind: ClassVar[str] = "cards"


@dataclass(frozen=True)
class Panel:
    """A short list of facts about one thing."""

    title: str
    facts: Sequence[str]
    note: str = ""
    figures: str = ""


@dataclass(frozen=True)
class Panels:
    """Several panels side by side."""

    panels: Sequence[Panel]
    heading: str = ""
    kind: ClassVar[str] = "panels"


@dataclass(frozen=True)
class Callout:
    """Something the reader must not miss."""

    title: str
    text: str
    tone: str = "warm"
    """``warm`` for a warning, ``cool`` for a hint."""
    kind: ClassVar[str] = "callout"


@dataclass(frozen=True)
class Cell:
    """A figure in a table: as it is read, and the number it is sorted by."""

    text: str
    order: float | None = None


Row = Sequence[str | Cell]


@dataclass(frozen=True)
class Table:
    """A table; a column whose cells are `Cell` holds numbers."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Row]
    note: str = ""
    kind: ClassVar[str] = "table"

    @property
    def numeric(self) -> list[bool]:
        """Whether each column holds numbers."""
        if not self.rows:
            return [False] * len(self.headings)
        return [isinstance(cell, Cell) for cell in self.rows[0]]


@dataclass(frozen=True)
class Charts:
    """Charts as SVG, each with its title inside, perhaps under a heading; narrow ones in threes."""

    svgs: Sequence[str]
    heading: str = ""
    narrow: bool = False
    kind: ClassVar[str] = "charts"


@dataclass(frozen=True)
class Terms:
    """Words and what they mean."""

    entries: Sequence[tuple[str, str]]
    kind: ClassVar[str] = "terms"


Block = Prose | Cards | Panels | Callout | Table | Charts | Terms


@dataclass(frozen=True)
class Section:
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


def render_page(sections: Sequence[Section], snapshot: str, words: Words) -> str:
    """Return the report as one file of HTML that needs no network.

    Everything from the data is escaped; only the charts, whose writer escapes text, are put in as
    they are. A policy in the page forbids scripts other than its own, and every request.

    Args:
        sections: Chapters in the order of reading.
        snapshot: Name of the month of tables.
        words: Texts of the report.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["chart"] = describe_svg
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    return environment.get_template("report.html.j2").render(
        sections=sections,
        snapshot=snapshot,
        words=words,
        style=Markup((_TEMPLATES / "report.css").read_text(encoding="utf-8")),  # noqa: S704  ours
        script=Markup(script),  # noqa: S704  ours
        script_digest=digest,
    )
