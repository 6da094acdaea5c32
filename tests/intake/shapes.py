"""Fabricates the shapes in which people export tables, and reads them back."""

import csv
import gzip
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from encodings import cp1251
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend

from oneclick.intake.reading import read_table

Rows = list[list[str]]
Columns = Mapping[str, Sequence[str]]

MONEY: Columns = {"customer_id": ["id"], "monthly_profit": ["Прибыль"]}
REVENUE: Columns = {"customer_id": ["id"], "period": ["Период"], "revenue": ["Выручка"]}

_MISREAD = cp1251.decoding_table.replace("\ufffe", "\x98")


def as_text(
    rows: Rows,
    *,
    delimiter: str = ",",
    decimal: str = ".",
    thousands: str = "",
    line_end: str = "\n",
    quote_all: bool = False,
) -> str:
    """Return rows (headers first, numbers with points) as a person's program would write them."""
    shaped = [rows[0], *([_number(cell, decimal, thousands) for cell in row] for row in rows[1:])]
    text = io.StringIO(newline="")
    csv.writer(
        text,
        delimiter=delimiter,
        lineterminator=line_end,
        quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL,
    ).writerows(shaped)
    return text.getvalue()


def _number(cell: str, decimal: str, thousands: str) -> str:
    if not re.fullmatch(r"-?\d+\.\d+", cell):
        return cell
    whole, decimals = cell.split(".")
    return f"{int(whole):,}".replace(",", thousands) + decimal + decimals


def misread(text: str) -> str:
    """Return what a program shows that takes UTF-8 for windows-1251."""
    return "".join(_MISREAD[byte] for byte in text.encode("utf-8"))


def workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)


def rewrite_sheet(path: Path, change: Callable[[str], str]) -> None:
    """Change the XML of a workbook's first sheet, as another program would have written it."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = change(parts[sheet].decode()).encode()
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)


def parquet(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    headers, *records = rows
    columns = zip(*records, strict=True)
    pq.write_table(pa.table([pa.array(column) for column in columns], names=list(headers)), path)


def put(folder: Path, content: bytes | str | Callable[[Path], None], name: str) -> None:
    """Put a file into a folder: bytes, UTF-8 text, or whatever a function writes to the path."""
    if callable(content):
        content(folder / name)
    else:
        content = content.encode("utf-8") if isinstance(content, str) else content
        (folder / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)


@cache
def connection() -> BaseBackend:
    return ibis.duckdb.connect()


def read_rows(stem: Path, columns: Columns, **arguments: Any) -> list[tuple[Any, ...]]:
    """Return line and cells of every record."""
    table = read_table(stem, columns, connection(), **arguments)
    assert table.columns == ("source_row", *columns)
    assert {str(kind) for kind in table.schema().types} == {"int64", "string"}
    found = table.to_pyarrow()
    return list(zip(*(column.to_pylist() for column in found.columns), strict=True))
