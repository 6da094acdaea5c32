"""Texts too long to be copied: DuckDB reads them where they lie, and their lines are numbered here.

On all processors DuckDB cannot number the lines of a text. So what a step makes of a long text,
row by row, comes through here in the order of the file, and gets its numbers on the way.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import numpy as np

from oneclick.engines import stream_rows
from oneclick.intake import scanning
from oneclick.intake.finding import FileFinding
from oneclick.intake.scanning import SOURCE_ROW, Scan

if TYPE_CHECKING:
    import pyarrow as pa

logger = logging.getLogger("oneclick.intake")

LONG = 64 * 2**20  # bytes; below, a copy costs a second at most
_SLICES, _SLICE = 200, 2**14  # of a text, to look at; bytes of each


def is_long(finding: FileFinding) -> bool:
    """Return whether a text is worth reading without a copy, and can be."""
    return finding.kind == "csv" and finding.is_plain and finding.path.stat().st_size >= LONG


@dataclass(frozen=True)
class LongText:
    """A text of records in UTF-8, as far as it is known before it has been read through.

    Attributes:
        path: The file.
        options: How DuckDB reads it.
        names: The name in ``options`` of every column of ours.
        first_line: The line of its first record.
        copy: Copies it, and says in words what cannot be read of it.
    """

    path: Path
    options: Mapping[str, Any]
    names: Mapping[str, str]
    first_line: int
    copy: Callable[[], Scan]

    def sample(self) -> dict[str, tuple[str | None, ...]]:
        """Return cells of our columns from slices of the file, spread evenly over it."""
        size, lines = self.path.stat().st_size, []
        slices = min(_SLICES, -(-size // _SLICE))
        with self.path.open("rb") as file:
            for place in range(slices):
                file.seek(size * place // slices)
                whole = file.read(_SLICE).splitlines()
                if file.tell() < size:
                    del whole[-1:]  # it is cut, as is the first, or stands above the records
                lines += whole[1 if place else self.first_line - 1 :]
        # A quote that a line leaves open would take in all that follows.
        closed = [line for line in lines if line.count(b'"') % 2 == 0]
        sample = scanning.copy_path("sample.csv")
        every = max(1, len(closed) // scanning.SAMPLE_ROWS)
        sample.write_bytes(b"\n".join(closed[::every]))
        loosely = {**self.options, "skip": 0, "header": False, "ignore_errors": True}
        cells = ", ".join(scanning.quoted(theirs) for theirs in self.names.values())
        records = scanning.table_function("read_csv", sample, loosely)
        with duckdb.connect() as engine:
            sampled = engine.execute(f"select {cells} from {records}").fetchall()  # noqa: S608
        sample.unlink()
        columns = zip(*sampled, strict=True) if sampled else [()] * len(self.names)
        return dict(zip(self.names, columns, strict=True))

    def open(self, connection: Any) -> ir.Table:
        """Return our columns as text and ``source_row``, lazily."""
        cells = ", ".join(
            f"{scanning.quoted(theirs)} as {scanning.quoted(ours)}"
            for ours, theirs in self.names.items()
        )
        read = scanning.table_function("read_csv", self.path, self.options)
        view = ibis.util.gen_name("long_text")
        connection.con.execute(f"create temp view {view} as select {cells} from {read}")  # noqa: S608
        records = connection.table(view)
        blank = ibis.and_(*(records[name].isnull() for name in self.names))
        numbered = records.mutate(**{SOURCE_ROW: ibis.row_number() + self.first_line})
        opened = numbered.filter(~blank).select(SOURCE_ROW, *self.names)
        # A blank record has no number, any other has 0 until it gets its own.
        unnumbered = ibis.ifelse(blank, ibis.null("int64"), ibis.literal(0, "int64"))
        records = records.select(unnumbered.name(SOURCE_ROW), *self.names)
        _OPENED[opened.op()] = self, records
        return opened

    def number(
        self, rows: ir.Table, opened: ops.Relation, unnumbered: ir.Table
    ) -> Iterator["pa.RecordBatch"]:
        """Yield what is made of each record, in groups of one length; see `in_file_order`."""
        import pyarrow as pa

        made = _made_of(unnumbered, rows, opened)
        place = made.columns.index(SOURCE_ROW)
        line, kept = self.first_line, 0
        try:
            for group in scanning.groups(scanning.batches(stream_rows(made, scanning.GROUP))):
                lines = pa.array(np.arange(line, line + group.num_rows))
                line += group.num_rows
                known = group.column(place)
                group = group.set_column(place, SOURCE_ROW, lines)
                group = group.filter(known.is_valid()) if known.null_count else group
                kept += group.num_rows
                yield from group.combine_chunks().to_batches()
        except duckdb.Error:
            # The copy tells what is wrong, or mends it: the lines that are left come from there.
            copy = self.copy()
            made = _made_of(copy.open(rows.get_backend()), rows, opened)
            yield from stream_rows(made.filter(made[SOURCE_ROW] >= line), scanning.GROUP)
            line, kept = self.first_line + copy.rows, copy.rows - copy.blank
        finding = FileFinding(self.path, "csv", kept, line - self.first_line - kept)
        logger.info("%s", finding)


_OPENED: dict[ops.Relation, tuple[LongText, ir.Table]] = {}


def in_file_order(rows: ir.Table) -> "ir.Table | pa.RecordBatchReader":
    """Return what was made of an exported table row by row: of a long text, as numbered batches.

    Args:
        rows: One row per record, with the ``source_row`` of the record.

    Raises:
        OneclickError: While the batches are taken: the text cannot be read to its end.
    """
    import pyarrow as pa

    for relation in rows.op().find(ops.Relation):
        if relation in _OPENED:
            text, unnumbered = _OPENED[relation]
            batches = text.number(rows, relation, unnumbered)
            return pa.RecordBatchReader.from_batches(rows.schema().to_pyarrow(), batches)
    return rows


def _made_of(instead: ir.Table, rows: ir.Table, of: ops.Relation) -> ir.Table:
    """Return what is made of a table as it is made of another one."""
    return rows.op().replace({of: instead.op()}).to_expr()
