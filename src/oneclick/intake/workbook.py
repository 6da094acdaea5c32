"""The sheet of a workbook that holds a table, as text."""

import datetime
import re
import warnings
import zipfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from oneclick.errors import OneclickError
from oneclick.intake.finding import FileFinding
from oneclick.intake.headers import Wanted

_BATCH = 50_000
_TOP = 50
_CHUNK = 1 << 20
_HARMLESS = 50_000_000  # bytes
_MOST_PACKED = 200  # times
_FORMULA_WITHOUT_VALUE = re.compile(  # with any prefix, and its attributes in any order
    rb"<(?:\w+:)?c(?=[\s>])(?![^>]*\st=[\"']str)(?:[^>]*?\sr=[\"'](\w+))?[^>]*>\s*"
    rb"<(?:\w+:)?f(?=[\s/>])(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


def copy_sheet(finding: FileFinding, wanted: Wanted, target: Path) -> tuple[list[str], set[str]]:
    """Write ``source_row`` and our columns of the sheet that has them to a parquet file, as text.

    Sheet, headers and rows are noted in ``finding``. Returned are the columns written, and those
    of them in which Excel holds numbers with decimals.

    Raises:
        OneclickError: The workbook cannot be read, or it is not clear which sheet is meant.
    """
    import openpyxl

    try:
        _refuse_bomb(finding.path)
        # The file is ours, for openpyxl leaves its own open where it gives up.
        with warnings.catch_warnings(), finding.path.open("rb") as file:
            warnings.simplefilter("ignore")  # of styles and other things that hold no values
            book = openpyxl.load_workbook(file, read_only=True, data_only=True)
            return _copy(finding, _choose_sheet(finding, book, wanted), wanted, target)
    except OneclickError:
        raise
    except Exception as error:  # a broken workbook fails in openpyxl in any way there is
        raise OneclickError(
            f"{finding.path} is no readable workbook ({type(error).__name__}). Save it in Excel as "
            ".xlsx again, without a password."
        ) from error


def _refuse_bomb(path: Path) -> None:
    """Refuse a file that would fill the memory; cells of a table shrink to a tenth or so."""
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(part.file_size for part in archive.infolist())
    if unpacked > max(_HARMLESS, _MOST_PACKED * path.stat().st_size):
        raise OneclickError(
            f"{path} unpacks to {unpacked / 1e6:,.0f} MB, which no table of its size does. Do not "
            "open it; ask for the export again, best as CSV."
        )


def _choose_sheet(finding: FileFinding, book: Any, wanted: Wanted) -> Any:
    counts = {sheet.title: wanted.count_among(_top(sheet)[1]) for sheet in book.worksheets}
    most = max(counts.values(), default=0)
    best = [title for title, count in counts.items() if count == most]
    if most and len(best) > 1:
        raise OneclickError(
            f"{finding.path}: which sheet is meant, {' or '.join(map(repr, best))}? Both have "
            "the columns. Leave one of them."
        )
    if not best:
        raise OneclickError(f"{finding.path} has no sheet with cells.")
    finding.sheet = best[0]
    return book[best[0]]


def _top(sheet: Any) -> tuple[int, list[str]]:
    """Return line and cells of the first row that is not empty."""
    sheet.reset_dimensions()  # some programs write wrong ones
    for line, row in enumerate(sheet.iter_rows(max_row=_TOP, values_only=True), start=1):
        if any(cell is not None for cell in row):
            return line, [_as_text(cell) or "" for cell in row]
    return 1, []


def _copy(
    finding: FileFinding, sheet: Any, wanted: Wanted, target: Path
) -> tuple[list[str], set[str]]:
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    finding.header_line, headers = _top(sheet)
    places = wanted.place_among(headers, finding)
    _refuse_formulas_without_values(finding, sheet)
    _refuse_continuation(finding, sheet, list(places.values()))
    exact: set[str] = set()
    schema = pa.schema({"source_row": pa.int64()} | dict.fromkeys(places, pa.string()))
    records = _records(sheet, finding.header_line + 1, list(places.values()))
    with ParquetWriter(target, schema) as writer:
        while batch := list(islice(records, _BATCH)):
            lines, *cells = zip(*batch, strict=True)
            texts = [[_as_text(cell) for cell in column] for column in cells]
            writer.write_table(pa.table([lines, *texts], schema=schema))
            finding.rows += len(batch)
            named = zip(places, cells, strict=True)
            exact |= {name for name, cells in named if any(isinstance(c, float) for c in cells)}
    return list(places), exact


def _records(sheet: Any, first: int, places: list[int]) -> Iterator[list[Any]]:
    """Yield line and wanted cells of every row that is not empty."""
    for line, row in enumerate(sheet.iter_rows(min_row=first, values_only=True), start=first):
        if any(cell is not None for cell in row):
            yield [line, *(row[place] if place < len(row) else None for place in places)]


def _refuse_continuation(finding: FileFinding, sheet: Any, places: list[int]) -> None:
    """Refuse a further sheet that begins as this one goes on; its rows would be lost."""
    first = _kinds(sheet, finding.header_line + 1, places)
    for other in sheet.parent.worksheets:
        if first and other is not sheet and _kinds(other, 1, places) == first:
            raise OneclickError(
                f"{finding.path}: sheet '{other.title}' has no headers, and begins as the rows of "
                f"sheet '{sheet.title}' do. If it continues them, put all into one sheet; else "
                "take it out."
            )


def _kinds(sheet: Any, first: int, places: list[int]) -> list[str]:
    """Return what the wanted cells of the first row are: number, text or nothing."""
    _, *cells = next(_records(sheet, first, places), [0])
    texts = [(_as_text(cell) or "").replace(",", ".") for cell in cells]
    is_number = r"\s*[-+]?\d+(\.\d+)?\s*"
    return [
        "number" if re.fullmatch(is_number, text) else "text" if text else "nothing"
        for text in texts
    ]


def _as_text(cell: object) -> str | None:
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return None if cell is None or cell == "" else str(cell)


def _refuse_formulas_without_values(finding: FileFinding, sheet: Any) -> None:
    """Refuse formulas that no program has computed yet; their cells would read as empty."""
    with zipfile.ZipFile(finding.path) as archive, archive.open(sheet._worksheet_path) as xml:
        kept = b""
        while chunk := xml.read(_CHUNK):
            kept += chunk
            has_formulas = b"<f" in kept or b":f" in kept
            if has_formulas and (cell := _FORMULA_WITHOUT_VALUE.search(kept)):
                place = f"cell {cell[1].decode()}" if cell[1] else "some cell"
                raise OneclickError(
                    f"{finding.path}, sheet '{finding.sheet}', {place}: its formula has no value. "
                    "Open the workbook in Excel, save it and export again."
                )
            kept = kept[-10_000:]
