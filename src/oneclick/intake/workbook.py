"""The sheet of a workbook that holds a table, as text."""

import datetime
import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from oneclick.errors import OneclickError
from oneclick.intake.finding import FileFinding
from oneclick.intake.headers import Columns, match_headers, places

_BATCH = 50_000


def copy_workbook(
    finding: FileFinding, columns: Columns, optional: Sequence[str], target: Path
) -> tuple[list[str], set[str]]:
    """Write the columns of the first sheet that has them to a parquet file, as text.

    Args:
        finding: What is known of the file; what is found is noted there.
        columns: The headers that every column of ours may have.
        optional: Columns that may be absent.
        target: The parquet file, with our column names and ``source_row``.

    Returns:
        The columns written, and those in which Excel holds true numbers with decimals.

    Raises:
        OneclickError: The workbook cannot be read, or no sheet has the columns.
    """
    import openpyxl

    try:
        book = openpyxl.load_workbook(finding.path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise OneclickError(
            f"{finding.path} is no readable workbook. Save it in Excel as .xlsx again, without a "
            "password."
        ) from error
    try:
        tops = {sheet.title: _top(sheet) for sheet in book.worksheets}
        counts = {
            title: sum(bool(where) for where in match_headers(headers, columns).values())
            for title, (_, headers) in tops.items()
        }
        if not counts:
            raise OneclickError(f"{finding.path} has no sheet with cells.")
        title = max(counts, key=lambda name: counts[name])
        line, headers = tops[title]
        where = places(f"{finding.path}, sheet '{title}',", headers, columns, optional)
        finding.sheet, finding.header_line = title, line
        finding.extra_headers = [
            header for place, header in enumerate(headers) if place not in where.values()
        ]
        return list(where), _write(finding, book[title], where, target)
    finally:
        book.close()


def _top(sheet: Any) -> tuple[int, list[str]]:
    """Return line and cells of the first row that is not empty."""
    sheet.reset_dimensions()  # some programs write wrong ones
    for line, row in enumerate(sheet.iter_rows(max_row=50, values_only=True), start=1):
        if any(cell is not None for cell in row):
            return line, [_text(cell) or "" for cell in row]
    return 1, []


def _write(finding: FileFinding, sheet: Any, where: dict[str, int], target: Path) -> set[str]:
    decimal: set[str] = set()
    schema = pa.schema([("source_row", pa.int64()), *((name, pa.string()) for name in where)])
    records = _records(finding, sheet, where)
    with ParquetWriter(target, schema) as writer:
        while batch := list(islice(records, _BATCH)):
            decimal.update(
                name
                for place, name in enumerate(where, start=1)
                if name not in decimal and any(isinstance(row[place], float) for row in batch)
            )
            arrays = [pa.array([row[0] for row in batch], pa.int64())]
            arrays += [
                pa.array([_text(row[place]) for row in batch], pa.string())
                for place in range(1, len(where) + 1)
            ]
            writer.write_table(pa.table(arrays, schema=schema))
            finding.rows += len(batch)
    return decimal


def _records(finding: FileFinding, sheet: Any, where: dict[str, int]) -> Iterator[list[Any]]:
    first = finding.header_line + 1
    for line, row in enumerate(sheet.iter_rows(min_row=first, values_only=True), start=first):
        if any(cell is not None for cell in row):
            yield [line, *(row[place] if place < len(row) else None for place in where.values())]


def _text(cell: object) -> str | None:
    if cell is None or cell == "":
        return None
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        return cell.date().isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell)
