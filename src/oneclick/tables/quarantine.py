"""Rows that cannot be used, each with the place it stands in and the reason."""

from functools import reduce

import ibis
import ibis.expr.types as ir

from oneclick.tables.joining import KEY
from oneclick.tables.notes import CUSTOMER_FAULT, FAULT, read_notes

COLUMNS = ("customer_id", "table", "line", "column", "value", "reason")


def reject_rows(tables: dict[str, ir.Table], joined: ir.Table) -> ir.Table:
    """Return one row per reason: faulty cells, conflicting duplicates, unusable customers.

    Args:
        tables: The checked tables by name.
        joined: The table of `join_tables`.

    Returns:
        ``customer_id`` (null where the id itself is unreadable), ``table``, ``line`` in its file
        (null where the reason concerns the customer as a whole), ``column``, ``value`` (as it
        stands in the file) and ``reason``, a key of the texts on quality.
    """
    parts = [_of_customers(joined)]
    for name, checked in tables.items():
        parts.append(_of_cells(checked, name))
        parts.append(_of_conflicts(checked, joined, name))
    every = reduce(lambda above, below: above.union(below), parts)
    return every.order_by(*COLUMNS)


def _of_cells(checked: ir.Table, name: str) -> ir.Table:
    noted = checked.select(KEY, "faults", line=checked.source_row)
    cells = read_notes(noted, "faults", FAULT)
    return cells.mutate(table=ibis.literal(name)).select(*COLUMNS)


def _of_conflicts(checked: ir.Table, joined: ir.Table, name: str) -> ir.Table:
    conflicting = joined.filter(joined[f"{name}_conflict"])
    rows = checked.semi_join(conflicting, KEY)
    return rows.select(
        KEY,
        table=ibis.literal(name),
        line=rows.source_row,
        column=ibis.literal(KEY),
        value=rows[KEY].cast("string"),
        reason=ibis.literal("conflicting_duplicate"),
    )


def _of_customers(joined: ir.Table) -> ir.Table:
    customers = read_notes(joined.select(KEY, "faults"), "faults", CUSTOMER_FAULT)
    return customers.mutate(line=ibis.null("int64")).select(*COLUMNS)
