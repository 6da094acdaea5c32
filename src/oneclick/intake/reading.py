"""From an exported file of any usual shape to a table of text under our column names."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
from pydantic import ValidationError

from oneclick.errors import OneclickError
from oneclick.intake import encoding
from oneclick.intake.dialect import find_dialect
from oneclick.intake.finding import Dialect, FileFinding
from oneclick.intake.headers import Columns, place_columns
from oneclick.intake.locating import find_file, find_kind
from oneclick.intake.numbers import settle_marks, weigh, with_points
from oneclick.intake.scanning import SOURCE_ROW, Scan, copy_path, text_options
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

    The file is read once to see that all of it can be read; the table is lazy. Texts in other
    encodings than UTF-8, and workbooks, are copied to a temporary file that goes at exit.

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
        scan, sample = _read_through(finding, scan)
    except OSError as error:
        raise OneclickError(
            f"{path} cannot be copied to be read ({error.strerror}). Make room, or name a folder "
            "with room in the environment variable TMPDIR."
        ) from error
    if not finding.rows:
        raise OneclickError(f"{path} holds headers and no rows. Export the table again.")
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
    names = [f"column {place}" for place in range(len(headers))]
    size = finding.path.stat().st_size * (8 if finding.kind == "csv in gzip" else 1)
    scan = Scan(
        "read_csv",
        finding.path,
        text_options(finding, names),
        {ours: names[place] for ours, place in places.items()},
        finding.header_line + 1,
        rows=size * len(text.splitlines()) // len(prefix),
    )
    in_place = finding.encoding in ("utf-8", "utf-8-sig") and not finding.repaired
    return scan if in_place else _copied(finding, scan)


def _copied(finding: FileFinding, scan: Scan) -> Scan:
    """Return the scan of a temporary copy in UTF-8 with line feeds only."""
    copy = copy_path("table.csv")
    encoding.write_utf8(finding, copy)
    return replace(scan, path=copy, options={**scan.options, "compression": "none"})


def _scan_workbook(
    finding: FileFinding, columns: Columns, optional: Sequence[str]
) -> tuple[Scan, set[str]]:
    copy = copy_path("table.parquet")
    names, exact = copy_sheet(finding, columns, optional, copy)
    same = {name: name for name in names}
    return Scan("read_parquet", copy, {}, same, None, finding.rows), exact


def _scan_parquet(
    finding: FileFinding, columns: Columns, optional: Sequence[str]
) -> tuple[Scan, set[str]]:
    scan = Scan("read_parquet", finding.path, {"hive_partitioning": False}, {}, 2, 0)
    try:
        with duckdb.connect() as engine:
            described = engine.execute(f"describe from {scan.sql()}").fetchall()
            rows = engine.execute(f"select count(*) from {scan.sql()}").fetchall()[0][0]  # noqa: S608
    except duckdb.Error as error:
        raise scan.refusal(finding.path, error) from error
    headers = [name for name, *_ in described]
    places = place_columns(finding, headers, columns, optional)
    exact = {ours for ours, place in places.items() if described[place][1] != "VARCHAR"}
    names = {ours: headers[place] for ours, place in places.items()}
    return replace(scan, names=names, rows=rows), exact


def _read_through(finding: FileFinding, scan: Scan) -> tuple[Scan, dict[str, list[str | None]]]:
    """Read all of a file once; return the scan that can, and cells spread evenly over the file.

    Raises:
        OneclickError: Some lines cannot be read, or hold UTF-8 read as windows-1251.
    """
    if scan.function == "read_csv":
        encoding.refuse_endless_line(finding, scan.path)
    try:
        finding.rows, sample = scan.sample()
    except duckdb.Error as error:
        if scan.function == "read_parquet" or scan.path != finding.path:
            raise scan.refusal(finding.path, error) from error
        # A text may only mix line ends, which its copy does not.
        finding.line_end = "mixed"
        return _read_through(finding, _copied(finding, scan))
    for cells in sample.values():
        encoding.refuse_misread(finding.path, cells)
    return scan, sample
