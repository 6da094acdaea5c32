"""From an exported file of any usual shape to a table of text under our column names."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir

from oneclick.errors import OneclickError
from oneclick.intake import encoding, long_text, scanning
from oneclick.intake.dialect import find_dialect
from oneclick.intake.finding import Dialect, FileFinding, read_dialect
from oneclick.intake.headers import Wanted
from oneclick.intake.locating import find_file, find_kind
from oneclick.intake.long_text import LongText
from oneclick.intake.numbers import read_cells, with_proven_points
from oneclick.intake.scanning import SOURCE_ROW, Scan, copy_path
from oneclick.intake.workbook import copy_sheet


def read_table(
    stem: Path,
    columns: Mapping[str, Sequence[str]],
    connection: Any,
    overrides: Mapping[str, Any] | None = None,
    optional: Sequence[str] = (),
) -> ir.Table:
    """Return an exported table: every cell as text, numbers with decimal points.

    Texts and workbooks are read once, into a temporary parquet file that goes at exit; a long text
    is read by DuckDB where it lies, whenever it is asked for. The table is lazy. It has
    ``source_row`` (int64), the line of the record in its file, and our columns (text). Empty lines
    between records, and line ends inside quotes, are not counted as lines.

    Args:
        stem: The path without its ending (``.csv``, ``.csv.gz``, ``.xlsx``, ``.parquet``).
        columns: The headers that every column of ours may have.
        connection: The Ibis connection that the table is to live in.
        overrides: ``encoding``, ``delimiter``, ``decimal``, where the file does not tell them.
        optional: Columns that may be absent; they are null then.

    Raises:
        OneclickError: The file is missing, is no table, or cannot be read without doubt.
    """
    told = read_dialect(overrides, stem.name)
    path = find_file(stem)
    finding, wanted = FileFinding(path, find_kind(path)), Wanted(columns, optional)
    scan: Scan | LongText
    exact: set[str] = set()  # columns whose numbers are numbers in the file
    with _refused_without_room(path):
        if finding.kind == "xlsx":
            copy = copy_path("table.parquet")
            names, exact = copy_sheet(finding, wanted, copy)
            scan = Scan(copy, {name: name for name in names}, None, finding.rows)
        elif finding.kind == "parquet":
            scan, exact = _scan_parquet(finding, wanted)
        else:
            scan = _scan_text(finding, wanted, told, connection.name)
    samples = _sample(scan, path)
    if isinstance(scan, LongText) and not any(samples.values()):
        scan = scan.copy()  # no line of it is a record by itself
        samples = _sample(scan, path)
    if isinstance(scan, Scan):
        finding.rows, finding.blank = scan.rows - scan.blank, scan.blank
        if not finding.rows:
            raise OneclickError(f"{path} holds headers and no rows. Export the table again.")
    for texts in samples.values():
        encoding.refuse_misread(path, texts)
    records = scan.open(connection)
    cells = {name: records[name] for name in scan.names}
    for name in exact:
        del samples[name]
        if finding.kind == "xlsx":
            cells[name] = with_proven_points(cells[name])
    return records.select(SOURCE_ROW, **read_cells(finding, wanted, cells, samples, told.decimal))


def _sample(scan: Scan | LongText, path: Path) -> dict[str, tuple[str | None, ...]]:
    try:
        return scan.sample()
    except duckdb.Error as error:
        raise scanning.refusal(path, error) from error


@contextmanager
def _refused_without_room(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OneclickError(
            f"{path} cannot be copied to be read ({error.strerror}). Make room, or name a folder "
            "with room in the environment variable TMPDIR."
        ) from error


def _scan_text(finding: FileFinding, wanted: Wanted, told: Dialect, engine: str) -> Scan | LongText:
    prefix = encoding.read_prefix(finding)
    finding.encoding = told.encoding or encoding.find_encoding(finding.path, prefix)
    text = encoding.decode_prefix(prefix, finding.encoding)
    headers = find_dialect(finding, text, wanted, told.delimiter)
    encoding.refuse_misread(finding.path, headers)
    places = wanted.place_among(headers, finding)
    options = scanning.text_options(finding, [f"column {place}" for place in range(len(headers))])
    names = {ours: f"column {place}" for ours, place in places.items()}
    first_line = finding.header_line + 1

    def copy() -> Scan:
        with _refused_without_room(finding.path):
            return _copy_text(finding, options, names, first_line)

    if engine != "duckdb" or not long_text.is_long(finding):
        return copy()
    encoding.refuse_endless_line(finding)
    return LongText(finding.path, options, names, first_line, copy)


def _copy_text(
    finding: FileFinding, options: dict[str, Any], names: Mapping[str, str], first_line: int
) -> Scan:
    def read(path: Path) -> Scan:
        records = scanning.table_function("read_csv", path, options)
        return scanning.copy_cells(records, names, first_line)

    if finding.is_plain:
        encoding.refuse_endless_line(finding)
        try:
            return read(finding.path)
        except duckdb.Error:
            finding.line_end = "mixed"  # that may be all, and a copy does not mix them
    copy = copy_path("table.csv")
    encoding.write_utf8(finding, copy)
    options = {**options, "compression": "none"}
    encoding.refuse_endless_line(finding, copy)
    try:
        return read(copy)
    except duckdb.Error as error:
        raise scanning.refusal(finding.path, error, copy, options) from error
    finally:
        copy.unlink()


def _scan_parquet(finding: FileFinding, wanted: Wanted) -> tuple[Scan, set[str]]:
    """Return the scan, and the columns that the file does not hold as text."""
    headers = _headers_of(finding.path)
    records = scanning.table_function("read_parquet", finding.path, {})
    try:
        with duckdb.connect() as engine:
            described = engine.execute(f"describe from {records}").fetchall()
            rows = engine.execute(f"select count(*) from {records}").fetchall()[0][0]  # noqa: S608
        places = wanted.place_among(headers, finding)
        exact = {ours for ours, place in places.items() if described[place][1] != "VARCHAR"}
        names = {ours: described[place][0] for ours, place in places.items()}
        if any(header.casefold() == scanning.PLACE for header in headers):
            return scanning.copy_cells(records, names, 2), exact
    except duckdb.Error as error:
        raise scanning.refusal(finding.path, error) from error
    return Scan(finding.path, names, 2, rows), exact


def _headers_of(path: Path) -> list[str]:
    """Return the headers of a parquet file; DuckDB renames those that differ in case alone."""
    from pyarrow import ArrowException
    from pyarrow.parquet import read_schema

    try:
        return list(read_schema(path).names)
    except (ArrowException, OSError, ValueError) as error:
        raise scanning.refusal(path, error) from error
