"""From an exported file of any usual shape to a table of text under our column names."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
from pydantic import ValidationError

from oneclick.errors import OneclickError
from oneclick.intake import encoding, scanning
from oneclick.intake.dialect import find_dialect
from oneclick.intake.finding import Dialect, FileFinding
from oneclick.intake.headers import Columns, place_columns
from oneclick.intake.locating import find_file, find_kind
from oneclick.intake.numbers import settle_marks, weigh, with_points
from oneclick.intake.scanning import SOURCE_ROW, Scan, copy_path
from oneclick.intake.workbook import copy_sheet

logger = logging.getLogger("oneclick.intake")


def read_table(
    stem: Path,
    columns: Columns,
    connection: Any,
    overrides: Mapping[str, Any] | None = None,
    optional: Sequence[str] = (),
) -> ir.Table:
    """Return an exported table: every cell as text, numbers with decimal points.

    Texts and workbooks are read once, into a temporary parquet file that goes at exit; the table
    is lazy.

    Args:
        stem: The path without its ending (``.csv``, ``.csv.gz``, ``.xlsx``, ``.parquet``).
        columns: The headers that every column of ours may have.
        connection: The Ibis connection that the table is to live in.
        overrides: ``encoding``, ``delimiter``, ``decimal``, where the file does not tell them.
        optional: Columns that may be absent; they are null then.

    Returns:
        ``source_row`` (int64), the line of the record in its file, and our columns (text). Empty
        lines between records, and line ends inside quotes, are not counted as lines.

    Raises:
        OneclickError: The file is missing, is no table, or cannot be read without doubt.
    """
    try:
        told = Dialect(**(overrides or {}))
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise OneclickError(
            f"The dialect of {stem.name} in the catalog is wrong: {faults}."
        ) from error
    path = find_file(stem)
    finding = FileFinding(path, find_kind(path))
    exact: set[str] = set()
    try:
        if finding.kind == "xlsx":
            scan, exact = _scan_workbook(finding, columns, optional)
        elif finding.kind == "parquet":
            scan, exact = _scan_parquet(finding, columns, optional)
        else:
            scan = _scan_text(finding, columns, optional, told)
    except OSError as error:
        raise OneclickError(
            f"{path} cannot be copied to be read ({error.strerror}). Make room, or name a folder "
            "with room in the environment variable TMPDIR."
        ) from error
    finding.rows = scan.rows
    if not finding.rows:
        raise OneclickError(f"{path} holds headers and no rows. Export the table again.")
    try:
        sample = scan.sample()
    except duckdb.Error as error:
        raise scanning.refusal(path, error) from error
    for texts in sample.values():
        encoding.refuse_misread(path, texts)
    evidence = {name: weigh(cells) for name, cells in sample.items() if name not in exact}
    settle_marks(finding, evidence, told.decimal)
    logger.info("%s", finding)
    records = scan.open(connection)
    cells: dict[str, ir.Value] = dict.fromkeys(columns, ibis.null("string"))
    for name in scan.names:
        cells[name] = records[name]
        if name in finding.decimals:
            cells[name] = with_points(records[name], finding.decimals[name], evidence[name])
    return records.select(SOURCE_ROW, **cells)


def _scan_text(
    finding: FileFinding, columns: Columns, optional: Sequence[str], told: Dialect
) -> Scan:
    prefix = encoding.read_prefix(finding)
    finding.encoding = told.encoding or encoding.find_encoding(finding.path, prefix)
    text = encoding.decode_prefix(prefix, finding.encoding)
    headers = find_dialect(finding, text, columns, told.delimiter)
    encoding.refuse_misread(finding.path, headers)
    places = place_columns(finding, headers, columns, optional)
    options = scanning.text_options(finding, [f"column {place}" for place in range(len(headers))])
    names = {ours: f"column {place}" for ours, place in places.items()}
    if finding.encoding in ("utf-8", "utf-8-sig") and not finding.repaired:
        encoding.refuse_endless_line(finding, finding.path)
        try:
            return _copy_text(finding, finding.path, options, names)
        except duckdb.Error:
            finding.line_end = "mixed"  # that may be all, and a copy does not mix them
    copy = copy_path("table.csv")
    encoding.write_utf8(finding, copy)
    options["compression"] = "none"
    encoding.refuse_endless_line(finding, copy)
    try:
        return _copy_text(finding, copy, options, names)
    except duckdb.Error as error:
        raise scanning.refusal(finding.path, error, copy, options) from error
    finally:
        copy.unlink()


def _copy_text(
    finding: FileFinding, path: Path, options: dict[str, Any], names: dict[str, str]
) -> Scan:
    records = scanning.table_function("read_csv", path, options)
    return scanning.copy_cells(records, names, finding.header_line + 1)


def _scan_workbook(
    finding: FileFinding, columns: Columns, optional: Sequence[str]
) -> tuple[Scan, set[str]]:
    copy = copy_path("table.parquet")
    names, exact = copy_sheet(finding, columns, optional, copy)
    return Scan(copy, {name: name for name in names}, None, finding.rows), exact


def _scan_parquet(
    finding: FileFinding, columns: Columns, optional: Sequence[str]
) -> tuple[Scan, set[str]]:
    records = scanning.table_function("read_parquet", finding.path, {})
    try:
        with duckdb.connect() as engine:
            described = engine.execute(f"describe from {records}").fetchall()
            rows = engine.execute(f"select count(*) from {records}").fetchall()[0][0]  # noqa: S608
        headers = [name for name, *_ in described]
        places = place_columns(finding, headers, columns, optional)
        exact = {ours for ours, place in places.items() if described[place][1] != "VARCHAR"}
        names = {ours: headers[place] for ours, place in places.items()}
        if any(header.casefold() == scanning.PLACE for header in headers):
            return scanning.copy_cells(records, names, 2), exact
    except duckdb.Error as error:
        raise scanning.refusal(finding.path, error) from error
    return Scan(finding.path, names, 2, rows), exact
