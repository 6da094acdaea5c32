"""From a table of an engine to a table of text under our column names."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from oneclick.engines import write_number
from oneclick.errors import OneclickError
from oneclick.intake.encoding import refuse_misread
from oneclick.intake.finding import FileFinding, read_dialect
from oneclick.intake.headers import Wanted
from oneclick.intake.numbers import read_cells
from oneclick.intake.scanning import SAMPLE_ROWS, SOURCE_ROW


def read_relation(
    relation: ir.Table,
    name: str,
    columns: Mapping[str, Sequence[str]],
    overrides: Mapping[str, Any] | None = None,
    optional: Sequence[str] = (),
) -> ir.Table:
    """Return a table of an engine, with columns of any type, as `read_table` returns a file.

    Columns are found by the same rules as in files, and texts by the same rules taken for numbers.
    ``source_row`` is null unless the table has a column of this name; ``name`` is for messages.

    Raises:
        OneclickError: A column is missing, the table is empty, or it cannot be read without doubt.
    """
    told = read_dialect(overrides, name)
    finding = FileFinding(Path(name), "table")
    names = {ours: [*theirs, *map(_cut, theirs)] for ours, theirs in columns.items()}
    wanted = Wanted(names, optional)
    places = wanted.place_among(relation.columns, finding)
    line = relation[SOURCE_ROW] if SOURCE_ROW in relation.columns else ibis.null("int64")
    if not line.type().is_numeric():
        raise OneclickError(
            f"The table {name}, column {SOURCE_ROW}: it tells the line of each row, so give it the "
            f"type bigint instead of {line.type()}, or leave it out."
        )
    finding.left_out = [header for header in finding.left_out if header != SOURCE_ROW]
    found = {ours: relation[relation.columns[place]] for ours, place in places.items()}
    finding.rows = int(relation.count().execute())
    if not finding.rows:
        raise OneclickError(f"The table {name} is empty. Load it again.")
    texts = {ours: column for ours, column in found.items() if column.type().is_string()}
    samples: dict[str, list[str | None]] = {}
    if texts:
        sampled = relation.limit(SAMPLE_ROWS).select(**texts).execute().astype(object)
        for ours, sample in sampled.items():
            samples[str(ours)] = [cell if isinstance(cell, str) else None for cell in sample]
            refuse_misread(finding.path, samples[str(ours)])
    cells = {
        ours: write_number(column) if column.type().is_floating() else column.cast("string")
        for ours, column in found.items()
    }
    read = read_cells(finding, wanted, cells, samples, told.decimal)
    return relation.select(line.cast("int64").name(SOURCE_ROW), **read)


def _cut(name: str) -> str:
    """Return what PostgreSQL keeps of a name: 63 bytes, which are few Russian letters."""
    return name.encode()[:63].decode(errors="ignore")
