import codecs
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import field_validator

from oneclick.parameters import Parameters

DecimalMark = Literal[",", "."]

NAMES = {",": "comma", ";": "semicolon", "\t": "tab", ".": "point", "\n": "LF", "\r\n": "CRLF"}


class Dialect(Parameters):
    """What a person may say about a file where it does not say it itself.

    Attributes:
        encoding: The name of a character encoding that Python knows.
        delimiter: What stands between the fields of a line.
        decimal: What stands before the decimals of a number.
    """

    encoding: str | None = None
    delimiter: Literal[",", ";", "\t"] | None = None
    decimal: DecimalMark | None = None

    @field_validator("encoding")
    @classmethod
    def _is_known(cls, encoding: str | None) -> str | None:
        try:
            return codecs.lookup(encoding).name if encoding else None
        except LookupError as error:
            raise ValueError(f"there is no encoding '{encoding}'") from error


@dataclass
class FileFinding:
    """What was found out about one exported file; holds no value of any customer.

    Attributes:
        path: The file.
        kind: ``csv``, ``xlsx`` or ``parquet``.
        compressed: Whether it is packed with gzip.
        encoding: Its character encoding; None where the format settles it.
        repaired: Whether its text was UTF-8 taken for windows-1251 and was put right.
        delimiter: What stands between its fields.
        line_end: What ends its lines.
        header_line: The line of its headers, counted from 1.
        decimals: The decimal mark of every column that holds numbers.
        grouped: The columns whose thousands are set apart.
        extra_headers: Headers that nobody asked for; their columns are left out.
        absent: Columns that may be absent and are.
        sheet: The sheet of a workbook.
        rows: The number of records.
    """

    path: Path
    kind: str = "csv"
    compressed: bool = False
    encoding: str | None = None
    repaired: bool = False
    delimiter: str | None = None
    line_end: str | None = None
    header_line: int = 1
    decimals: dict[str, DecimalMark] = field(default_factory=dict)
    grouped: list[str] = field(default_factory=list)
    extra_headers: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    sheet: str | None = None
    rows: int = 0

    def __str__(self) -> str:
        parts = [f"{self.kind}{' in gzip' if self.compressed else ''}", f"{self.rows} rows"]
        if self.encoding:
            parts.append(self.encoding)
        if self.repaired:
            parts.append("was UTF-8 read as windows-1251, repaired")
        if self.delimiter:
            parts.append(f"delimiter {NAMES.get(self.delimiter, repr(self.delimiter))}")
        if self.line_end:
            parts.append(f"line ends {NAMES.get(self.line_end, 'CR')}")
        if self.sheet:
            parts.append(f"sheet '{self.sheet}'")
        if self.decimals:
            marks = sorted({NAMES[mark] for mark in self.decimals.values()})
            parts.append(f"decimal {' and '.join(marks)}")
        if self.grouped:
            parts.append(f"thousands set apart in {', '.join(self.grouped)}")
        if self.extra_headers:
            parts.append(f"left out: {', '.join(repr(header) for header in self.extra_headers)}")
        if self.absent:
            parts.append(f"absent: {', '.join(self.absent)}")
        return f"{self.path.name}: {', '.join(parts)}"
