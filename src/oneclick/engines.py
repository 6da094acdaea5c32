"""Where tables live and are computed: DuckDB, Spark or a warehouse. All that they differ in."""

import atexit
import glob
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis.common.exceptions import IbisError

from oneclick.errors import OneclickError

BatchFunction = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]
READ_AHEAD = "256MB"  # of what DuckDB makes while Python uses what it has made
_BATCH = 50_000  # rows in memory at a time
_RANGE = 1_000_000  # rows that DuckDB joins and sorts at a time


def connect(config: dict[str, Any]) -> Any:
    """Return the Ibis connection that ``engine`` in conf/<environment>/globals.yml describes.

    Args:
        config: ``backend``, the name Ibis has for the engine, and the engine's own arguments.

    Raises:
        OneclickError: The engine is not installed, or does not answer.
    """
    arguments = dict(config)
    backend = arguments.pop("backend")
    if backend == "postgres":
        return _warehouse(**arguments)
    if backend == "pyspark":
        arguments = {"session": _spark_session(**arguments)}
    if backend == "duckdb":
        return _embedded(**arguments)
    return getattr(ibis, backend).connect(**arguments)


def _embedded(**arguments: Any) -> Any:
    """Return DuckDB, within this process; it goes before the process does."""
    ibis.options.sql.fuse_selects = False  # DuckDB does it itself, and far quicker
    engine = ibis.duckdb.connect(**arguments)
    engine.con.execute(f"set streaming_buffer_size = '{READ_AHEAD}'")
    atexit.register(_close, engine)
    return engine


def _close(engine: Any) -> None:
    engine.disconnect()
    engine.con = None  # tables outlive it, and each refers to its engine


def _warehouse(**arguments: Any) -> Any:
    try:
        from oneclick.warehouse.connection import connect as connect_warehouse
    except ModuleNotFoundError as error:
        raise OneclickError(
            f"The warehouse needs the package {error.name}, which is not installed. Install it: "
            "python -m pip install --editable '.[warehouse]'"
        ) from error
    return connect_warehouse(**arguments)


def _spark_session(master: str, options: dict[str, Any]) -> Any:
    """Return the one Spark session of the process.

    Args:
        master: ``local[*]``, ``spark://host:7077``, ``yarn`` or ``k8s://…``.
        options: Spark's own settings.
    """
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise OneclickError(
            "Spark is not installed. Install it beside the other packages: "
            "pip install -r requirements-spark.lock"
        ) from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise OneclickError(
            "Spark needs Java 17 or 21, and there is none: no `java` on the PATH and no "
            "JAVA_HOME. Install it (Debian: apt-get install openjdk-17-jre-headless)."
        )
    if master.startswith("spark://"):
        _knock(master)
    elif master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # the workers' Python is ours
    builder = SparkSession.builder.appName("oneclick").master(master).config(map=options)
    try:
        return builder.getOrCreate()
    except Exception as error:  # Java's errors have no common class in Python
        said = str(error).strip().splitlines() or ["no word"]
        told = [line for line in said if line.startswith((": ", "Caused by: "))] or said[:1]
        raise OneclickError(
            f"Spark does not start with the master '{master}' ({told[-1].removeprefix(': ')}). "
            "Check master and options of `engine` in globals.yml of the environment, and JAVA_HOME."
        ) from error


def _knock(master: str) -> None:
    """Refuse a master that does not answer: Spark itself tries for a minute, and says little."""
    address = urlsplit(master)
    try:
        socket.create_connection((address.hostname or "", address.port or 7077), timeout=5).close()
    except OSError as error:
        raise OneclickError(
            f"The Spark master {master} does not answer ({error.strerror or error}). Is it "
            "running, and reachable from here? Its address is `master` in globals.yml of the "
            "environment."
        ) from error


def read_parquet(engine: Any, path: Path) -> ir.Table:
    """Return a parquet file, or a folder of its parts as Spark writes it, lazily."""
    if engine.name != "duckdb":
        return engine.read_parquet(str(path))
    parts = "/**/*.parquet" if path.is_dir() else ""
    return engine.read_parquet(glob.escape(str(path)) + parts)


def write_parquet(engine: Any, table: ir.Table, path: Path) -> None:
    """Let the engine write its table."""
    # DuckDB would try a dictionary for every column; of ours, those it suits have few values.
    options = {"dictionary_size_limit": 1024} if engine.name == "duckdb" else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    engine.to_parquet(table, str(path), **options)


def as_stored(rows: ir.Table, key: str) -> ir.Table | pa.RecordBatchReader:
    """Return rows of a table that is stored in order of ``key``, as batches where that is quicker.

    DuckDB, writing them on all processors, would cut them into other groups in every run.
    """
    if rows.get_backend().name != "duckdb":
        return rows.order_by(key)
    return pa.RecordBatchReader.from_batches(rows.schema().to_pyarrow(), stream_rows(rows))


# A number as people and programs write it; Java would also read «1d» and «0x1p3».
_NUMBER = r"(?i)^\s*[-+]?((\d+\.?\d*|\.\d+)(e[-+]?\d+)?|nan|inf|infinity)\s*$"


def read_number(
    text: ir.StringValue,
    plain: ir.StringValue | None = None,
    cast: ir.FloatingValue | None = None,
) -> ir.FloatingValue:
    """Return the number that a text stands for, null if none, by the same rule on every engine.

    ``plain`` is the text with plain blanks only, which is read where the text itself is no number;
    ``cast`` is what the engine makes of the text, where a column holds it already.
    """
    if _runs_on(text) == "pyspark":  # it would repeat all of a case in each place that asks for it
        text = text if plain is None else plain
        return ibis.ifelse(text.re_search(_NUMBER), text, ibis.null("string")).try_cast("float64")
    # The others read by that rule but for «1_000», and a pattern would cost seconds.
    cast = text.try_cast("float64") if cast is None else cast
    number = ibis.ifelse(text.contains("_"), ibis.null("float64"), cast)
    if plain is None:
        return number
    # Not coalesce(): DuckDB would translate every cell, which takes longer than all the rest.
    return ibis.ifelse(number.isnull(), read_number(plain), number)


def write_number(number: ir.FloatingValue) -> ir.StringValue:
    """Return a number as text without an exponent, which Java begins to write at ten million."""
    text = number.cast("string")
    if _runs_on(number) != "pyspark":
        return text
    exact = number.cast("decimal(38, 6)").cast("string").re_replace(r"(\.\d+?)0+$", "$1")
    return ibis.ifelse(number.abs().between(1e7, 1e30), exact, text)  # it has no NaN


def _runs_on(value: ir.Value) -> str:
    try:
        return value.get_backend().name
    except IbisError:  # of no engine's table: ibis takes DuckDB then
        return "duckdb"


def stream_rows(table: ir.Table, rows: int = _BATCH) -> Iterator[pa.RecordBatch]:
    """Yield a table of any size in batches of some ``rows`` rows."""
    engine = table.get_backend()
    if engine.name == "duckdb":  # ibis 12 calls a method that DuckDB 2 no longer has
        yield from engine.con.sql(engine.compile(table)).to_arrow_reader(rows)
    elif engine.name == "pyspark":  # ibis 12 would collect the whole table first
        yield from _stream_from_spark(engine, table)
    else:
        yield from table.to_pyarrow_batches(chunk_size=rows)


def _stream_from_spark(engine: Any, table: ir.Table) -> Iterator[pa.RecordBatch]:
    """Fetch one partition after the other, its batches packed as bytes: a row would be slow."""

    def pack(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, batch.schema) as writer:
                writer.write_batch(batch)
            yield pa.record_batch({"packed": [sink.getvalue().to_pybytes()]})

    packed = engine.raw_sql(engine.compile(table)).mapInArrow(pack, "packed binary")
    for row in packed.toLocalIterator():
        yield from pa.ipc.open_stream(row.packed)


def map_rows(
    table: ir.Table, key: str, function: BatchFunction, schema: pa.Schema
) -> ir.Table | pa.RecordBatchReader:
    """Return what Python makes of a table of any size, batch by batch, where the rows are.

    Spark calls the function on its workers and the rows never pass through this process; from
    other engines they stream through it in the order of the key.

    Args:
        table: The rows; in DuckDB they keep the order in which they were stored, by the key.
        key: The column that orders them.
        function: From batches of the table to batches of the result.
        schema: Of the result.
    """
    engine = table.get_backend()
    if engine.name != "pyspark":
        rows = table if engine.name == "duckdb" else table.order_by(key)
        return pa.RecordBatchReader.from_batches(schema, function(stream_rows(rows)))
    from pyspark.sql.pandas.types import from_arrow_schema

    name = ibis.util.gen_name("mapped")
    rows = engine.raw_sql(engine.compile(table))
    rows.mapInArrow(function, from_arrow_schema(schema)).createOrReplaceTempView(name)
    return engine.table(name)


def in_ranges(
    make: Callable[[Callable[[ir.Table], ir.Table]], ir.Table], key: str, rows: ir.Table
) -> ir.Table | pa.RecordBatchReader:
    """Return a table as batches, made of one range of its key after the other, where it is long.

    What joins and sorts all rows at once outgrows the memory and waits for the disk; other engines
    than DuckDB see to that themselves.

    Args:
        make: Returns the table, in the order of the key; puts every table that has the key through
            the function it is given, which keeps the rows of one range.
        key: A number.
        rows: A stored table whose keys say where the ranges end.
    """
    engine = rows.get_backend()
    parts = -(-int(rows[key].count().execute()) // _RANGE) if engine.name == "duckdb" else 1
    if parts <= 1:
        return make(lambda table: table)
    wholes: dict[str, ir.Table] = {}  # what is cached lasts as long as the tables made of it
    views: dict[str, str] = {}

    def within(table: ir.Table) -> ir.Table:
        name = ibis.util.gen_name("range")
        wholes[name], views[name] = table, engine.compile(table)
        _narrow(engine, name, views[name], "true")
        return engine.table(name)

    made = make(within)
    statement = engine.compile(made)  # once: this takes as long as a tenth of a range
    shares = [part / parts for part in range(1, parts)]
    ends = rows.aggregate(ends=rows[key].quantile(shares)).execute()["ends"][0]
    bounds = pairwise([None, *map(int, ends), None])

    def stream() -> Iterator[pa.RecordBatch]:
        for low, high in bounds:
            above = [] if low is None else [f'"{key}" > {low}']
            below = [] if high is None else [f'"{key}" <= {high}']
            for name in wholes:
                _narrow(engine, name, views[name], " and ".join(above + below))
            yield from engine.con.sql(statement).to_arrow_reader(_BATCH)

    return pa.RecordBatchReader.from_batches(made.schema().to_pyarrow(), stream())


def _narrow(engine: Any, view: str, statement: str, condition: str) -> None:
    """Let a view of DuckDB hold the rows of a statement that meet a condition."""
    engine.con.execute(
        f"create or replace temp view {view} as select * from ({statement}) where {condition}"  # noqa: S608
    )
