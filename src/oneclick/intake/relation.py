"""From a table of an engine to a table of text under our column names."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from oneclick.errors import OneclickError
from oneclick.intake.encoding import refuse_misread
from oneclick.intake.finding import Dialect, FileFinding
from oneclick.intake.headers import Columns, place_columns
from oneclick.intake.numbers import settle_marks, weigh, with_points
from oneclick.intake.scanning import SAMPLE_ROWS, SOURCE_ROW

logger = logging.getLogger("oneclick.intake")


def read_relation(
    relation: ir.Table,
    name: str,
    columns: Columns,
    overrides: Mapping[str, Any] | None = None,
    optional: Sequence[str] = (),
) -> ir.Table:
    """Return a table of an engine as an exported file would be read: every cell as text.

    Columns are found by the same rules as in files, and texts by the same rules taken for numbers.

    Args:
        relation: The table, with columns of any type.
        name: Its name, for messages.
        columns: The names that every column of ours may have.
        overrides: ``decimal``, where the cells do not tell it.
        optional: Columns that may be absent; they are null then.

    Returns:
        ``source_row`` (int64; null unless the table has a column of this name) and our columns.

    Raises:
        OneclickError: A column is missing, the table is empty, or it cannot be read without doubt.
    """
    finding = FileFinding(Path(name), "table")
    names = {ours: [*theirs, *map(_cut, theirs)] for ours, theirs in columns.items()}
    places = place_columns(finding, relation.columns, names, optional)
    found = {ours: relation[relation.columns[place]] for ours, place in places.items()}
    finding.rows = int(relation.count().execute())
    if not finding.rows:
        raise OneclickError(f"The table {name} is empty. Load it again.")
    texts = {ours: column for ours, column in found.items() if column.type().is_string()}
    evidence = {}
    if texts:
        sampled = relation.limit(SAMPLE_ROWS).select(**texts).execute().astype(object)
        for ours, sample in sampled.items():
            cells = [cell if isinstance(cell, str) else None for cell in sample]
            refuse_misread(finding.path, cells)
            evidence[str(ours)] = weigh(cells)
    settle_marks(finding, evidence, Dialect(**(overrides or {})).decimal)
    logger.info("%s", finding)
    read: dict[str, ir.Value] = dict.fromkeys(columns, ibis.null("string"))
    for ours, column in found.items():
        read[ours] = column.cast("string")
        if ours in finding.decimals:
            read[ours] = with_points(read[ours], finding.decimals[ours], evidence[ours])
    line = relation[SOURCE_ROW] if SOURCE_ROW in relation.columns else ibis.null("int64")
    return relation.select(line.cast("int64").name(SOURCE_ROW), **read)


def _cut(name: str) -> str:
    """Return what PostgreSQL keeps of a name: 63 bytes, which are few Russian letters."""
    return name.encode()[:63].decode(errors="ignore")
