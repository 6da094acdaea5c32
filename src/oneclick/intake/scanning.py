"""How DuckDB reads a file: strictly, guessing nothing, and with messages for people."""

import atexit
import fcntl
import glob
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import ibis.expr.types as ir

from oneclick.engines import READ_AHEAD
from oneclick.errors import OneclickError
from oneclick.intake.finding import FileFinding

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE_ROW = "source_row"
SAMPLE_ROWS = 20_000
_SHOWN = 10
GROUP = 122_880  # rows; DuckDB's own measure, so that it writes what it reads group by group
PLACE = "file_row_number"  # DuckDB's name for the place of a record in a parquet file

_OTHER_FIELDS = (
    "has more or fewer fields {lines} than the {fields} of its headers. If numbers have decimal "
    "commas, or texts hold the delimiter, export them in quotes or with another delimiter. Take "
    "out what is no record: titles, footers, totals, blanks at the end."
)
_UNPAIRED = "has quotes that do not pair up {lines}. Write a quote inside a field twice."
# What is wrong with a text, by DuckDB's name for it, the most telling first.
_FAULTS = {
    "INVALID ENCODING": "holds bytes that are not UTF-8 {lines}, while its headers are. Export the "
    "whole table in one encoding, best UTF-8.",
    "MISSING COLUMNS": _OTHER_FIELDS,
    "TOO MANY COLUMNS": _OTHER_FIELDS,
    "LINE SIZE OVER MAXIMUM": "has a record of more than 2 MB {lines}: a quote does not close, or "
    "line ends got lost. Export the table again.",
}


@dataclass(frozen=True)
class Scan:
    """A parquet file, mostly a temporary copy, in which DuckDB knows the place of every record."""

    path: Path
    names: Mapping[str, str]  # the name in it of every column of ours
    first_line: int | None  # of the first record; None where ``source_row`` stands in the file
    rows: int
    blank: int = 0  # of the rows, those in which all our cells are empty; they are left out

    def open(self, connection: Any) -> ir.Table:
        """Return our columns as text and ``source_row``, lazily."""
        if connection.name != "duckdb":  # other engines read what DuckDB has understood
            copy = copy_path("table.parquet")
            with duckdb.connect() as engine:
                self.open(ibis.duckdb.from_connection(engine)).to_parquet(copy)
            return connection.read_parquet(str(copy))
        numbered = {PLACE: True} if self.first_line is not None else {}
        read = connection.read_parquet(_pattern(self.path), hive_partitioning=False, **numbered)
        if self.blank:
            read = read.filter(
                ibis.or_(*(read[theirs].notnull() for theirs in self.names.values()))
            )
        line = read[SOURCE_ROW] if self.first_line is None else read[PLACE] + self.first_line
        cells = {ours: read[theirs].cast("string") for ours, theirs in self.names.items()}
        return read.select(line.cast("int64").name(SOURCE_ROW), **cells)

    def sample(self) -> dict[str, tuple[str | None, ...]]:
        """Return cells of our columns, spread evenly over the file.

        Raises:
            duckdb.Error: Some of it cannot be read.
        """
        every = max(1, self.rows // SAMPLE_ROWS)
        cells = ", ".join(f"{quoted(theirs)}::varchar" for theirs in self.names.values())
        records = table_function("read_parquet", self.path, {PLACE: True})
        with duckdb.connect() as engine:
            sampled = engine.execute(
                f"select {cells} from {records} where {PLACE} % {every} = 0"  # noqa: S608
            ).fetchall()
        return dict(zip(self.names, zip(*sampled, strict=True), strict=bool(sampled)))


def copy_cells(records: str, names: Mapping[str, str], first_line: int) -> Scan:
    """Read all of a file into a temporary copy, in parallel; return the scan of the copy.

    pyarrow writes it while DuckDB reads on. ``records`` is the file as `table_function`, ``names``
    the name in it of every column of ours, ``first_line`` the line of its first record.

    Raises:
        duckdb.Error: Some of it cannot be read.
    """
    from pyarrow.parquet import ParquetWriter

    copy = copy_path("table.parquet")
    cells = ", ".join(f"{quoted(theirs)} as {quoted(ours)}" for ours, theirs in names.items())
    rows = blank = 0
    with duckdb.connect() as engine:
        engine.execute(f"set streaming_buffer_size = '{READ_AHEAD}'")
        reader = engine.sql(f"select {cells} from {records}").to_arrow_reader(GROUP)  # noqa: S608
        with ParquetWriter(copy, reader.schema, write_statistics=False) as writer:
            for group in groups(batches(reader)):
                writer.write_table(group)
                rows += group.num_rows
                if all(column.null_count for column in group.columns):
                    blank += group.filter(_is_blank(group)).num_rows
    return Scan(copy, {ours: ours for ours in names}, first_line, rows, blank)


def _is_blank(rows: "pa.Table") -> "pa.ChunkedArray":
    from pyarrow.compute import and_

    return reduce(and_, (column.is_null() for column in rows.columns))


def batches(reader: Iterable["pa.RecordBatch"]) -> Iterator["pa.RecordBatch"]:
    """Yield what DuckDB reads; what it refuses, pyarrow passes on as an error of the system."""
    try:
        yield from reader
    except (OSError, ValueError) as error:
        raise duckdb.Error(str(error)) from error


def groups(parts: Iterable["pa.RecordBatch"]) -> Iterator["pa.Table"]:
    """Yield the rows of batches of any length in groups of one length.

    Groups that DuckDB itself writes, in parallel, differ in length from run to run, and with them
    the groups of whatever it writes after reading them.
    """
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    for part in parts:
        waiting.append(part)
        while sum(part.num_rows for part in waiting) >= GROUP:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, GROUP)
            waiting = table.slice(GROUP).to_batches()
    if waiting:
        yield pa.Table.from_batches(waiting)


def refusal(
    original: Path,
    error: Exception,
    copy: Path | None = None,
    options: Mapping[str, Any] | None = None,
) -> OneclickError:
    """Return in words what cannot be read of an exported file.

    Of a text, ``copy`` is the copy in UTF-8 that was read, and ``options`` say how.
    """
    faults = _faults(copy, options) if copy and options else {}
    if not faults:
        line = re.search(r"Line: (\d+)", str(error))
        faults = {int(line[1]): ""} if line else {}
    if not faults:
        return OneclickError(f"{original} cannot be read to its end. Export the table again.")
    lines = ", ".join(str(line) for line in sorted(faults)[:_SHOWN])
    lines = f"at line {lines}" + (" and more" if len(faults) > _SHOWN else "")
    kinds = set(faults.values())
    what = next((text for kind, text in _FAULTS.items() if kind in kinds), _UNPAIRED)
    fields = len(options["columns"]) if options else 0
    return OneclickError(f"{original} {what.format(lines=lines, fields=fields)}")


def _faults(path: Path, options: Mapping[str, Any]) -> dict[int, str]:
    """Return what is wrong with which line of a text."""
    telling = {**options, "store_rejects": True, "rejects_limit": 1000}
    cells = ", ".join(f"max({quoted(name)})" for name in options["columns"])
    records = table_function("read_csv", path, telling)
    with duckdb.connect() as engine:
        try:
            engine.execute(f"select {cells} from {records}").fetchall()  # noqa: S608
            found = "select line, error_type::varchar from reject_errors order by all desc"
            return dict(engine.execute(found).fetchall())
        except duckdb.Error:
            return {}


def text_options(finding: FileFinding, names: list[str]) -> dict[str, Any]:
    """Return options with which DuckDB guesses nothing and forgives nothing.

    Line ends are left to DuckDB 2.0, which reads no row when told that they are CRLF; in its strict
    mode a file that mixes them is an error. ``names`` are those of all columns of the file.
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
    }


def copy_path(name: str) -> Path:
    """Return a path in a new folder that vanishes when the program ends."""
    return Path(tempfile.mkdtemp(dir=_folder_of_copies())) / name


@cache
def _folder_of_copies() -> Path:
    """Return this program's folder of copies; clear those that killed programs left.

    The kernel lets go of a folder's lock when its program ends, however it ends.
    """
    for left in Path(tempfile.gettempdir()).glob("oneclick-intake-*"):
        with suppress(OSError), (left / ".lock").open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left)
    new = Path(tempfile.mkdtemp(prefix="oneclick-new-"))
    held = (new / ".lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    folder = new.rename(new.with_name(new.name.replace("new", "intake", 1)))  # nobody clears it now
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(held.close)
    return folder


def _pattern(path: Path) -> str:
    """Return a path in which DuckDB finds no wildcards."""
    return glob.escape(str(path.absolute()))


def table_function(function: str, path: Path, options: Mapping[str, Any]) -> str:
    """Return the reading of a file, as DuckDB writes it in a statement."""
    told = {**options, "hive_partitioning": False}
    arguments = "".join(f", {name} = {_literal(value)}" for name, value in told.items())
    return f"{function}({_literal(_pattern(path))}{arguments})"


def quoted(name: str) -> str:
    """Return a name as DuckDB writes it in a statement."""
    return '"' + name.replace('"', '""') + '"'


def _literal(told: object) -> str:
    if isinstance(told, Mapping):
        return "{" + ", ".join(f"{_literal(k)}: {_literal(v)}" for k, v in told.items()) + "}"
    return "'" + told.replace("'", "''") + "'" if isinstance(told, str) else str(told).lower()
