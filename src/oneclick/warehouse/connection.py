"""The connection to a warehouse in PostgreSQL; rows leave and enter it by COPY, in batches."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
import yaml
from ibis.backends.postgres import Backend
from ibis.common.exceptions import IbisError, TableNotFound
from psycopg import sql
from pyarrow import csv

from oneclick.errors import LOST, ConnectionLostError, OneclickError, is_lost_connection
from oneclick.warehouse.compiler import WarehouseCompiler

_BLOCK = 1 << 22  # bytes of CSV that become one Arrow batch


def connect(credentials: dict[str, str], **told: Any) -> "Warehouse":
    """Return a connection to the warehouse.

    Each of host, port, database, user and password is taken from the environment, such as
    ``ONECLICK_WAREHOUSE_PASSWORD``; else from ``warehouse`` in the file of credentials; else from
    the configuration (``told``); else, as with psql, from libpq's own variables and password file.
    ``credentials`` holds the ``filepath`` of the YAML file; it need not exist.

    Raises:
        OneclickError: The server cannot be reached or lets nobody in; holds no password.
    """
    path = Path(credentials["filepath"])
    known = {"connect_timeout": 10, **told, **_read(path)}
    for name in ("host", "port", "database", "user", "password"):
        if given := os.environ.get(f"ONECLICK_WAREHOUSE_{name.upper()}"):
            known[name] = given
    try:
        return Warehouse().connect(**known | {"client_encoding": "UTF8"})
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        said = " ".join(str(error).split())
        raise OneclickError(
            f"The warehouse cannot be used: {said}. Say where it is, and as whom to come, in "
            f"{path} or in ONECLICK_WAREHOUSE_HOST, _PORT, _DATABASE, _USER and _PASSWORD."
        ) from None


def _read(path: Path) -> dict[str, Any]:
    """Return what the file of credentials tells; no message holds a word of it."""
    text = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    try:
        told = yaml.safe_load(text) or {}
    except (yaml.YAMLError, ValueError) as error:  # 2026-99-99 is a date that is none
        mark = getattr(error, "problem_mark", None)
        line = min(mark.line + 1, len(text.splitlines())) if mark else "?"
        raise OneclickError(
            f"Line {line} of {path} is not valid YAML. Put the password in quotes."
        ) from None
    found = (told.get("warehouse") or {}) if isinstance(told, dict) else told
    words = (*found, found.get("password") or "") if isinstance(found, dict) else (None,)
    if not all(isinstance(word, str) for word in words):
        raise OneclickError(
            f"{path} cannot be understood. Write in it, the password in quotes: "
            'warehouse: {host: …, port: …, database: …, user: …, password: "…"}'
        )
    return found


class Warehouse(Backend):  # type: ignore[misc]  # ibis has no types
    """An Ibis connection to PostgreSQL; rows leave and enter it by COPY, never all at once."""

    compiler = WarehouseCompiler()

    @contextmanager
    def explained(self, what: str) -> Iterator[None]:
        """Tell what could not be done in one message, beside the server's own."""
        try:
            yield
        except (psycopg.Error, IbisError) as error:
            cause = error.__cause__ or error
            if is_lost_connection(cause):
                raise ConnectionLostError(f"{what}. {LOST}") from error
            said = str(cause).strip().partition("\n")[0]
            raise OneclickError(
                f"{what}: {said}. Ask who runs the warehouse for the rights, or mend its table; "
                "earlier results are as they were."
            ) from error

    def relation(self, schema: str, table: str) -> ir.Table:
        """Return a table by its names, lazily.

        Raises:
            OneclickError: There is none.
        """
        try:
            columns = self.get_schema(table, database=schema)
        except TableNotFound:
            held = ", ".join(self.tables(schema)) or "nothing"
            raise OneclickError(
                f"The warehouse has no table {schema}.{table}; the schema {schema} holds {held}. "
                "Load the table, or name its schema: --params raw=SCHEMA"
            ) from None
        space = ops.Namespace(database=schema)
        return ops.DatabaseTable(table, schema=columns, source=self, namespace=space).to_expr()

    def has(self, schema: str, table: str) -> bool:
        """Whether there is a table of these names."""
        return table in self.tables(schema)

    def tables(self, schema: str) -> list[str]:
        """Return the names of the tables and views of a schema."""
        asked = (
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE nspname = %s AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY relname"
        )
        return [name for (name,) in self.con.execute(asked, [schema]).fetchall()]

    def store(self, schema: str, table: str, data: ir.Table | pa.RecordBatchReader) -> None:
        """Make a table of an expression, which never leaves the server, or of Arrow batches."""
        with self.explained(f"The table {schema}.{table} cannot be written"):
            with self.con.transaction():
                if isinstance(data, pa.RecordBatchReader):
                    self._copy_in(schema, table, data)
                else:
                    self.create_table(table, data, database=schema)
            # Fresh tables have no statistics, and the next step is planned by them.
            self.con.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(schema, table)))

    def _copy_in(self, schema: str, table: str, batches: pa.RecordBatchReader) -> None:
        kinds = ibis.Schema.from_pyarrow(batches.schema)
        self.create_table(table, schema=kinds, database=schema)
        into = sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(sql.Identifier(schema, table))
        with self.con.cursor() as cursor, cursor.copy(into) as copy:
            for batch in batches:
                written = io.BytesIO()
                csv.write_csv(batch, written, csv.WriteOptions(include_header=False))
                copy.write(written.getbuffer())

    def to_pyarrow_batches(
        self, expr: Any, /, *, chunk_size: int = 1_000_000, **options: Any
    ) -> pa.RecordBatchReader:
        """Return the rows of an expression in batches of at most ``chunk_size`` rows.

        They come through a connection of their own, so that this one stays free for other work.
        """
        self._run_pre_execute_hooks(expr)
        schema = expr.as_table().schema().to_pyarrow()
        query = self.compile(expr, **options)
        return pa.RecordBatchReader.from_batches(schema, self._copy_out(query, schema, chunk_size))

    def _copy_out(self, query: str, schema: pa.Schema, rows: int) -> Iterator[pa.RecordBatch]:
        here = self.con.info
        with (
            psycopg.connect(here.dsn, password=here.password) as connection,
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy,
        ):
            copied = io.BufferedReader(_Copied(copy), _BLOCK)
            if not copied.peek(1):
                return  # no rows, which the reader would refuse
            reader = csv.open_csv(
                copied,
                csv.ReadOptions(block_size=_BLOCK, column_names=schema.names),
                csv.ParseOptions(newlines_in_values=True),
                csv.ConvertOptions(
                    column_types=schema,
                    strings_can_be_null=True,
                    quoted_strings_can_be_null=False,
                    null_values=[""],
                    true_values=["t"],
                    false_values=["f"],
                ),
            )
            for batch in reader:
                for start in range(0, batch.num_rows, rows):
                    yield batch.slice(start, rows)


class _Copied(io.RawIOBase):
    """The bytes of a COPY as a file."""

    def __init__(self, copy: psycopg.Copy) -> None:
        self._copy = copy
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            self._left = memoryview(self._copy.read())
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size
