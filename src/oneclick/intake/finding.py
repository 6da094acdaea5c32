"""What is told, and what is found out, about the shape of an exported file."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError, field_validator

from oneclick.errors import OneclickError
from oneclick.parameters import Parameters

Mark = Literal[",", "."]
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", ".": "point"}
NAMES |= {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}


class Dialect(Parameters):
    """What a person may say about a file that does not tell it itself."""

    encoding: str | None = None
    delimiter: Literal[",", ";", "\t"] | None = None
    decimal: Mark | None = None

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, encoding: str | None) -> str | None:
        if encoding is None:
            return None
        try:
            b"text".decode(encoding, errors="replace")  # some codecs are not for texts
            return codecs.lookup(encoding).name
        except (LookupError, UnicodeError) as error:
            raise ValueError(f"there is no encoding '{encoding}' of texts") from error


def read_dialect(told: Mapping[str, Any] | None, table: str) -> Dialect:
    """Return what the catalog says about the shape of a table.

    Raises:
        OneclickError: It says what cannot be.
    """
    try:
        return Dialect(**(told or {}))
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise OneclickError(f"The dialect of {table} in the catalog is wrong: {faults}.") from error


@dataclass
class FileFinding:
    """What was found out about one exported file; holds no value of any customer."""

    path: Path
    kind: str  # csv, csv in gzip, xlsx, parquet; or table, of an engine
    rows: int = 0  # records; those of a long text are not counted before it is read
    blank: int = 0  # further rows without a cell of ours
    encoding: str | None = None
    repaired: bool = False  # the text was UTF-8 taken for windows-1251 and was put right
    delimiter: str | None = None
    line_end: str | None = None  # what ends the lines of a text, or «mixed»
    header_line: int = 1  # counted from 1
    sheet: str | None = None
    decimals: dict[str, Mark] = field(default_factory=dict)  # of columns of numbers as text
    grouped: list[str] = field(default_factory=list)  # columns that set thousands apart
    left_out: list[str] = field(default_factory=list)  # headers that nobody asked for
    absent: list[str] = field(default_factory=list)  # columns that may be absent and are

    @property
    def is_plain(self) -> bool:
        """Whether DuckDB can read the bytes of the text as they are."""
        return self.encoding in ("utf-8", "utf-8-sig") and not self.repaired

    def __str__(self) -> str:
        marks = sorted(NAMES[mark] for mark in set(self.decimals.values()))
        parts = {
            self.kind: True,
            f"{self.rows} rows": self.rows,
            f"{self.blank} empty rows left out": self.blank,
            f"{self.encoding}": self.encoding,
            "was UTF-8 read as windows-1251, repaired": self.repaired,
            f"delimiter {NAMES.get(self.delimiter or '', '')}": self.delimiter,
            f"line ends {NAMES.get(self.line_end or '', 'mixed')}": self.line_end,
            f"headers in line {self.header_line}": self.header_line > 1,
            f"sheet '{self.sheet}'": self.sheet,
            f"decimal {' and '.join(marks)}": marks,
            f"thousands set apart in {', '.join(self.grouped)}": self.grouped,
            f"left out {', '.join(map(repr, self.left_out))}": self.left_out,
            f"absent {', '.join(self.absent)}": self.absent,
        }
        return f"{self.path.name}: {', '.join(text for text, said in parts.items() if said)}"
