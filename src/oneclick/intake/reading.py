"""From an exported file of any usual shape to a table of text under our column names."""

import atexit
import glob
import logging
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir
from pydantic import ValidationError

from oneclick.errors import OneclickError
from oneclick.intake import encoding
from oneclick.intake.dialect import duckdb_options, find_dialect, refuse_lines
from oneclick.intake.finding import Dialect, FileFinding
from oneclick.intake.headers import Columns, places
from oneclick.intake.locating import find_file, kind_by_content
from oneclick.intake.numbers import settle_marks, weigh, with_points
from oneclick.intake.workbook import copy_workbook

logger = logging.getLogger("oneclick.intake")

SAMPLE_ROWS = 20_000
SOURCE_ROW = "source_row"

_copies: list[tempfile.TemporaryDirectory] = []


def read_table(
    stem: Path,
    columns: Columns,
    connection: Any,
    overrides: Mapping[str, Any] | None = None,
    optional: Sequence[str] = (),
) -> ir.Table:
    """Return an exported table: every cell as text, numbers with decimal points.

    The file is read once to see that all of it can be read; the table is lazy. Text other than
    UTF-8, and workbooks, are copied to a temporary file that goes when the program ends.

    Args:
        stem: The path without its ending (``.csv``, ``.csv.gz``, ``.xlsx``, ``.parquet``).
        columns: The headers that every column of ours may have.
        connection: The Ibis connection that the table is to live in.
        overrides: ``encoding``, ``delimiter``, ``decimal``, where the file does not tell them.
        optional: Columns that may be absent; they are null then.

    Returns:
        The columns under our names, and ``source_row`` (int64): the line of the record in the
        file, the header being line 1. Empty lines, and line ends inside quotes, are not counted.

    Raises:
        OneclickError: The file is missing, is no table, or cannot be read without doubt.
    """
    try:
        told = Dialect(**(overrides or {}))
    except ValidationError as error:
        raise OneclickError(f"{stem}: the dialect in the catalog is wrong: {error}") from error
    path = find_file(stem)
    kind = kind_by_content(path)
    finding = FileFinding(path, kind="csv" if kind == "gzip" else kind, compressed=kind == "gzip")
    if kind == "xlsx":
        scan, exact = _scan_workbook(finding, columns, optional)
    elif kind == "parquet":
        scan, exact = _scan_parquet(finding, columns, optional)
    else:
        scan, exact = _scan_text(finding, columns, optional, told), set()
    scan, sample = _read_through(finding, scan)
    if not finding.rows:
        raise OneclickError(f"{path} holds headers and no rows. Export the table again.")
    evidence = {name: weigh(cells) for name, cells in sample.items() if name not in exact}
    settle_marks(finding, evidence, told.decimal)
    finding.absent = [name for name in columns if name not in scan.names]
    logger.info("%s", finding)
    records = scan.open(connection)
    cells = {
        name: with_points(records[name], finding.decimals[name], evidence[name])
        if name in finding.decimals
        else records[name]
        for name in scan.names
    }
    nothing = dict.fromkeys(finding.absent, ibis.null("string"))
    ordered = {name: (cells | nothing)[name] for name in columns}
    return records.select(SOURCE_ROW, **ordered)


@dataclass(frozen=True)
class _Scan:
    """How DuckDB reads a file.

    Attributes:
        function: ``read_csv`` or ``read_parquet``.
        path: The file, or its temporary copy.
        options: Arguments of the function.
        names: For every column of ours its name in what is read.
        first_line: The line of the first record; None where ``source_row`` is in the file.
        step: Every how many rows one is looked at.
    """

    function: str
    path: Path
    options: Mapping[str, Any]
    names: Mapping[str, str]
    first_line: int | None
    step: int = 1

    def sql(self) -> str:
        """Return the scan as a table function of DuckDB."""
        options = "".join(f", {name} = {_literal(told)}" for name, told in self.options.items())
        return f"{self.function}({_literal(_pattern(self.path))}{options})"

    def open(self, connection: Any) -> ir.Table:
        """Return the lazy table with our names and ``source_row``, all cells as they stand."""
        if connection.name != "duckdb":  # other engines read what DuckDB has understood
            return connection.read_parquet(str(self._copy()))
        read = getattr(connection, self.function)(_pattern(self.path), **self.options)
        line = read[SOURCE_ROW] if self.first_line is None else ibis.row_number() + self.first_line
        cells = {ours: read[theirs].cast("string") for ours, theirs in self.names.items()}
        return read.select(line.cast("int64").name(SOURCE_ROW), **cells)

    def _copy(self) -> Path:
        target = _copy_path("table.parquet")
        line = (
            SOURCE_ROW
            if self.first_line is None
            else f"row_number() over () + {self.first_line - 1}"
        )
        cells = ", ".join(
            f"{_name(theirs)}::varchar as {_name(o)}" for o, theirs in self.names.items()
        )
        with duckdb.connect() as engine:
            engine.execute(
                f"copy (select {line} as {SOURCE_ROW}, {cells} from {self.sql()}) "  # noqa: S608
                f"to {_literal(str(target))} (format parquet)"
            )
        return target


def _scan_text(
    finding: FileFinding, columns: Columns, optional: Sequence[str], told: Dialect
) -> _Scan:
    path = finding.path
    prefix = encoding.read_prefix(path, finding.compressed)
    finding.encoding = told.encoding or encoding.find_encoding(path, prefix)
    text = encoding.decode_prefix(prefix, finding.encoding)
    headers = find_dialect(finding, text, columns, told.delimiter)
    where = places(str(path), headers, columns, optional)
    names = [f"column {place}" for place in range(len(headers))]
    finding.extra_headers = [
        header for place, header in enumerate(headers) if place not in where.values()
    ]
    average_line = len(prefix) / max(1, prefix.count(b"\n"), prefix.count(b"\r"))
    scan = _Scan(
        "read_csv",
        path,
        duckdb_options(finding, names),
        {ours: names[place] for ours, place in where.items()},
        finding.header_line + 1,
        step=max(1, int(path.stat().st_size / average_line / SAMPLE_ROWS)),
    )
    if finding.encoding == "utf-8" and not finding.repaired:
        return scan
    return _copied(finding, scan)


def _copied(finding: FileFinding, scan: _Scan) -> _Scan:
    """Return the scan of a temporary copy in UTF-8 with line feeds only."""
    copy = _copy_path("table.csv")
    encoding.write_utf8(
        finding.path, finding.compressed, finding.encoding or "utf-8", finding.repaired, copy
    )
    options = {**scan.options, "compression": "none"}
    return replace(scan, path=copy, options=options)


def _scan_workbook(
    finding: FileFinding, columns: Columns, optional: Sequence[str]
) -> tuple[_Scan, set[str]]:
    copy = _copy_path("table.parquet")
    names, exact = copy_workbook(finding, columns, optional, copy)
    return _Scan("read_parquet", copy, {}, {name: name for name in names}, None), exact


def _scan_parquet(
    finding: FileFinding, columns: Columns, optional: Sequence[str]
) -> tuple[_Scan, set[str]]:
    path = finding.path
    scan = _Scan("read_parquet", path, {"hive_partitioning": False}, {}, 2)
    try:
        with duckdb.connect() as engine:
            described = engine.execute(f"describe from {scan.sql()}").fetchall()
    except duckdb.Error as error:
        raise OneclickError(f"{path} is no readable parquet file. Export it again.") from error
    headers = [row[0] for row in described]
    where = places(str(path), headers, columns, optional)
    finding.extra_headers = [
        header for place, header in enumerate(headers) if place not in where.values()
    ]
    exact = {ours for ours, place in where.items() if described[place][1] != "VARCHAR"}
    return replace(scan, names={ours: headers[place] for ours, place in where.items()}), exact


def _read_through(finding: FileFinding, scan: _Scan) -> tuple[_Scan, dict[str, list[str | None]]]:
    """Read all of a file once; return cells of rows spread evenly over it, by column.

    A text file that cannot be read in place may only mix line ends, so a copy is tried.

    Raises:
        OneclickError: Some lines cannot be read.
    """
    try:
        return scan, _sample(finding, scan)
    except duckdb.Error as error:
        if scan.function == "read_parquet":
            raise OneclickError(f"{finding.path} cannot be read. Export it again.") from error
        if scan.path != finding.path:
            raise refuse_lines(finding.path, _faults(scan), str(error)) from error
    scan = _copied(finding, scan)
    finding.line_end = "mixed"
    return _read_through(finding, scan)


def _sample(finding: FileFinding, scan: _Scan) -> dict[str, list[str | None]]:
    cells = ", ".join(
        f"list({_name(theirs)}::varchar) filter (line % {scan.step} = 0)"
        for theirs in scan.names.values()
    )
    with duckdb.connect() as engine:
        rows, *sampled = engine.execute(
            f"select count(*), {cells} "  # noqa: S608
            f"from (select *, row_number() over () as line from {scan.sql()})"
        ).fetchone() or (0,)
    finding.rows = rows
    return {name: found or [] for name, found in zip(scan.names, sampled, strict=True)}


def _faults(scan: _Scan) -> list[tuple[int, str]]:
    """Return line and kind of what DuckDB cannot read in a text file."""
    lenient = replace(scan, options={**scan.options, "store_rejects": True, "rejects_limit": 1000})
    with duckdb.connect() as engine:
        try:
            engine.execute(f"create table read as select * from {lenient.sql()}")  # noqa: S608
            return engine.execute(
                "select distinct line, error_type::varchar from reject_errors order by all"
            ).fetchall()
        except duckdb.Error:
            return []


def _copy_path(name: str) -> Path:
    """Return a path in a folder that vanishes when the program ends."""
    folder = tempfile.TemporaryDirectory(prefix="oneclick-intake-")
    _copies.append(folder)
    return Path(folder.name) / name


@atexit.register
def _remove_copies() -> None:
    while _copies:
        _copies.pop().cleanup()


def _pattern(path: Path) -> str:
    """Return a path in which DuckDB finds no wildcards."""
    return glob.escape(str(path.absolute()))


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'


def _literal(told: object) -> str:
    if isinstance(told, Mapping):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in told.items()) + "}"
    if isinstance(told, str):
        return "'" + told.replace("'", "''") + "'"
    return str(told).lower()
