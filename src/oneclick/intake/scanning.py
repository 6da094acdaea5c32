"""How DuckDB reads a file: strictly, guessing nothing, and with messages for people."""

import atexit
import glob
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import ibis
import ibis.expr.types as ir

from oneclick.errors import OneclickError
from oneclick.intake.finding import FileFinding

SOURCE_ROW = "source_row"
SAMPLE_ROWS = 20_000
_SHOWN = 10


@dataclass(frozen=True)
class Scan:
    """A file as DuckDB reads it.

    Attributes:
        function: ``read_csv`` or ``read_parquet``.
        path: The file, or its temporary copy.
        options: Arguments of the function.
        names: The name in what is read of every column of ours.
        first_line: The line of the first record; None where ``source_row`` stands in the file.
        rows: About how many records there are.
    """

    function: str
    path: Path
    options: Mapping[str, Any]
    names: Mapping[str, str]
    first_line: int | None
    rows: int

    def open(self, connection: Any) -> ir.Table:
        """Return our columns as text and ``source_row``, lazily."""
        if connection.name != "duckdb":  # other engines read what DuckDB has understood
            return connection.read_parquet(str(self._copy()))
        read = getattr(connection, self.function)(_pattern(self.path), **self.options)
        line = read[SOURCE_ROW] if self.first_line is None else ibis.row_number() + self.first_line
        cells = {ours: read[theirs].cast("string") for ours, theirs in self.names.items()}
        return read.select(line.cast("int64").name(SOURCE_ROW), **cells)

    def _copy(self) -> Path:
        copy = copy_path("table.parquet")
        with duckdb.connect() as engine:
            self.open(ibis.duckdb.from_connection(engine)).to_parquet(copy)
        return copy

    def sample(self) -> tuple[int, dict[str, list[str | None]]]:
        """Read all of the file; return how many records it has, and cells spread evenly over it.

        Raises:
            duckdb.Error: Some of it cannot be read.
        """
        every = max(1, self.rows // SAMPLE_ROWS)
        cells = (
            f"list({_quoted(theirs)}::varchar) filter (line % {every} = 0)"
            for theirs in self.names.values()
        )
        with duckdb.connect() as engine:
            rows, *sampled = engine.execute(
                f"select count(*), {', '.join(cells)} "  # noqa: S608
                f"from (select *, row_number() over () as line from {self.sql()})"
            ).fetchall()[0]
        return rows, {name: found or [] for name, found in zip(self.names, sampled, strict=True)}

    def refusal(self, original: Path, error: duckdb.Error) -> OneclickError:
        """Return in words what DuckDB cannot read.

        Args:
            original: The file of which this is the scan, or the scan of a copy.
            error: What DuckDB says.
        """
        faults = self._faults() if self.function == "read_csv" else {}
        if not faults:
            line = re.search(r"Line: (\d+)", str(error))
            faults = {int(line[1]): ""} if line else {}
        lines = ", ".join(str(line) for line in sorted(faults)[:_SHOWN])
        lines = f"at line {lines}" + (" and more" if len(faults) > _SHOWN else "")
        kinds = set(faults.values())
        if "INVALID ENCODING" in kinds:
            what = (
                f"holds bytes that are not UTF-8 {lines}, while its headers are. Export the whole "
                "table in one encoding, best UTF-8."
            )
        elif kinds & {"MISSING COLUMNS", "TOO MANY COLUMNS"}:
            what = (
                f"has more or fewer fields {lines} than the {len(self.options['columns'])} of its "
                "headers. If numbers have decimal commas, or texts hold the delimiter, export them "
                "in quotes or with another delimiter."
            )
        elif "LINE SIZE OVER MAXIMUM" in kinds:
            what = (
                f"has a record of more than 2 MB {lines}: a quote does not close, or line ends got "
                "lost. Export the table again."
            )
        elif kinds:
            what = f"has quotes that do not pair up {lines}. Write a quote inside a field twice."
        else:
            what = "cannot be read to its end. Export the table again."
        return OneclickError(f"{original} {what}")

    def _faults(self) -> dict[int, str]:
        """Return what is wrong with which line of a text."""
        options = {**self.options, "store_rejects": True, "rejects_limit": 1000}
        read = ", ".join(f"max({_quoted(name)})" for name in self.options["columns"])
        with duckdb.connect() as engine:
            try:
                query = f"select {read} from {replace(self, options=options).sql()}"  # noqa: S608
                engine.execute(query).fetchall()
                found = "select line, error_type::varchar from reject_errors order by all desc"
                return dict(engine.execute(found).fetchall())
            except duckdb.Error:
                return {}

    def sql(self) -> str:
        """Return the scan as a table function of DuckDB."""
        options = "".join(f", {name} = {_literal(told)}" for name, told in self.options.items())
        return f"{self.function}({_literal(_pattern(self.path))}{options})"


def text_options(finding: FileFinding, names: list[str]) -> dict[str, Any]:
    """Return options with which DuckDB guesses nothing and forgives nothing.

    Line ends are left to DuckDB 2.0, which reads no row when told that they are CRLF; in its strict
    mode a file that mixes them is an error.

    Args:
        finding: What is known of the file.
        names: A name for every column of the file.
    """
    return {
        "auto_detect": False,
        "delim": finding.delimiter,
        "quote": '"',
        "escape": '"',
        "skip": finding.header_line - 1,
        "header": True,
        "columns": dict.fromkeys(names, "VARCHAR"),
        "compression": "gzip" if finding.kind == "csv in gzip" else "none",
        "strict_mode": True,
        "null_padding": False,
        "hive_partitioning": False,
    }


_copies: list[str] = []


def copy_path(name: str) -> Path:
    """Return a path in a new folder that vanishes when the program ends."""
    _copies.append(tempfile.mkdtemp(prefix="oneclick-intake-"))
    return Path(_copies[-1]) / name


@atexit.register
def _remove_copies() -> None:
    for folder in _copies:
        shutil.rmtree(folder, ignore_errors=True)


def _pattern(path: Path) -> str:
    """Return a path in which DuckDB finds no wildcards."""
    return glob.escape(str(path.absolute()))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(told: object) -> str:
    if isinstance(told, Mapping):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in told.items()) + "}"
    return "'" + told.replace("'", "''") + "'" if isinstance(told, str) else str(told).lower()
