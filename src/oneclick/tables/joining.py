"""Four checked tables become one row per customer, with the reasons against it beside it."""

from functools import reduce
from operator import add, or_

import ibis
import ibis.expr.types as ir

from oneclick.engines import write_number
from oneclick.tables.notes import Note, write_note, write_notes
from oneclick.tables.rules import CleaningRules, Months, TableRules

KEY = "customer_id"


def join_tables(tables: dict[str, ir.Table], rules: CleaningRules) -> ir.Table:
    """Return one row per customer id that any of the tables knows.

    Args:
        tables: The checked tables by name, as `check_table` returns them.
        rules: The rules of cleaning.

    Returns:
        ``customer_id``, every value column (null where nothing believable is known), per table
        ``<table>_rows`` and ``<table>_faulty`` (rows with this id, and how many of them have
        faults), ``faults`` (as `notes`, `CUSTOMER_FAULT`)
        and ``rejected``: whether there is any reason against the customer. Ordered by id.
    """
    singles = [_one_row_per_customer(tables[name], name, rules.tables[name]) for name in tables]
    joined = reduce(_outer_join, singles)
    counts = [f"{name}_{what}" for name in tables for what in ("rows", "faulty")]
    joined = joined.mutate(**{column: joined[column].fill_null(0) for column in counts})
    notes = [note for name in tables for note in _missing_notes(joined, name, rules.tables[name])]
    # A layer of its own: each of the next notes asks for it.
    joined = joined.mutate(complete=~reduce(or_, (lacks for lacks, _ in notes)))
    notes += _anomaly_notes(joined, rules)
    joined = joined.mutate(faults=write_notes(notes)).drop("complete")
    faulty = reduce(or_, (joined[f"{name}_faulty"] > 0 for name in tables))
    conflicting = reduce(or_, (joined[f"{name}_conflict"].fill_null(False) for name in tables))
    joined = joined.mutate(rejected=(joined.faults != "") | faulty | conflicting)
    return joined.order_by(KEY)


def value_columns(rules: CleaningRules) -> list[str]:
    """Return the columns of ``customers`` but the id, in the order of the tables."""
    return [column for table in rules.tables.values() for column in table.filled()]


def _one_row_per_customer(checked: ir.Table, name: str, table: TableRules) -> ir.Table:
    if table.months is not None:
        return _months_to_columns(checked.filter(checked[KEY].notnull()), name, table.months)
    return _single_rows(checked, name, list(table.filled()))


def _months_to_columns(known: ir.Table, name: str, months: Months) -> ir.Table:
    """A row per customer and month becomes a row per customer; two values of one month conflict."""
    value = known[months.value]
    columns, differing = {}, []
    for period, column in months.columns.items():
        of_period = known.period == period
        columns[column] = value.max(where=of_period)
        differing.append(value.max(where=of_period) != value.min(where=of_period))
    conflict = reduce(or_, (different.fill_null(False) for different in differing))
    return known.group_by(KEY).agg(
        **columns,
        **{
            f"{name}_rows": known.count(),
            f"{name}_faulty": known.count(where=known.faults != ""),
            f"{name}_conflict": conflict,
        },
    )


def _single_rows(checked: ir.Table, name: str, values: list[str]) -> ir.Table:
    """Copies of a row count once, also if they differ only in spelling; others conflict.

    Ids that stand once are by far the most, so only the others are grouped by their values. Rows
    without an id join nothing.
    """
    several = checked.group_by(KEY).having(checked.count() > 1)
    several = several.agg(copies=checked.count(), faulty=checked.count(where=checked.faults != ""))
    several = several.alias(f"several_{name}")  # a name of its own: else it is found twice
    known = checked.filter(checked[KEY].notnull())
    once = known.anti_join(several, KEY).select(
        KEY,
        *values,
        **{
            f"{name}_rows": ibis.literal(1, "int64"),
            f"{name}_faulty": (known.faults != "").cast("int64"),
            f"{name}_conflict": ibis.literal(False),
        },
    )
    repeated = checked.join(several, KEY)
    versions = repeated.group_by([KEY, *values]).agg(
        copies=repeated.copies.max(), faulty=repeated.faulty.max()
    )
    merged = versions.group_by(KEY).agg(
        **{value: versions[value].max() for value in values},
        **{
            f"{name}_rows": versions.copies.max(),
            f"{name}_faulty": versions.faulty.max(),
            f"{name}_conflict": versions.count() > 1,
        },
    )
    return once.union(merged)


def _outer_join(left: ir.Table, right: ir.Table) -> ir.Table:
    joined = left.outer_join(right, KEY, rname="{name}_right")
    key = ibis.coalesce(joined[KEY], joined[f"{KEY}_right"])
    return joined.mutate(**{KEY: key}).drop(f"{KEY}_right")


def _missing_notes(joined: ir.Table, name: str, table: TableRules) -> list[Note]:
    """Notes on a table that lacks the customer, or a month of it.

    A month that is absent because its row was faulty is noted with that row, not twice.
    """
    notes = [_note(joined[f"{name}_rows"] == 0, name, KEY, "", "absent_from_table")]
    if table.months is not None:
        there = (joined[f"{name}_rows"] > 0) & (joined[f"{name}_faulty"] == 0)
        for period, column in table.months.columns.items():
            absent = there & joined[column].isnull()
            notes.append(_note(absent, name, "period", period, "month_missing"))
    return notes


def _anomaly_notes(joined: ir.Table, rules: CleaningRules) -> list[Note]:
    months = rules.tables["revenue"].months
    if months is None:
        return []
    columns = list(months.columns.values())
    least = ibis.least(*(joined[column] for column in columns))
    inactive = joined.complete & (least <= 0)
    idle = reduce(add, ((joined[column] <= 0).cast("int64") for column in columns))
    shown = idle.cast("string") + f"/{len(columns)}"
    notes = []
    if rules.anomalies.reject_inactive:
        notes.append(_note(inactive, "revenue", months.value, shown, "not_active_in_all_months"))
    for column in columns:
        others = ibis.greatest(*(joined[other] for other in columns if other != column))
        outlier = joined.complete & (least > 0)
        outlier &= joined[column] > rules.anomalies.outlier_factor * others
        notes.append(_note(outlier, "revenue", column, joined[column], "implausible_revenue"))
    return notes


def _note(
    condition: ir.BooleanValue, table: str, column: str, value: ir.Value | str, reason: str
) -> Note:
    shown = ibis.literal(value) if isinstance(value, str) else value
    shown = write_number(shown) if shown.type().is_floating() else shown
    return condition.fill_null(False), write_note(table, column, shown, reason)
