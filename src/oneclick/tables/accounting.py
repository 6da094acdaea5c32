"""Where every row of the input went; sums that do not add up are an error."""

import math
import re
from collections.abc import Iterator
from itertools import islice
from textwrap import indent
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import yaml

from oneclick.errors import OneclickError
from oneclick.tables.joining import KEY, value_columns
from oneclick.tables.notes import REPAIR, read_notes
from oneclick.tables.rules import CleaningRules, ColumnRule
from oneclick.tables.spelling import fold_text

_FEW = 5  # rows
_MOST_TAUGHT = 20  # values of a column
MOST_LISTED = 200  # bounds what is listed, whatever the size of the input


def account_for_rows(
    tables: dict[str, ir.Table], joined: ir.Table, rules: CleaningRules
) -> pd.DataFrame:
    """Return what became of the rows of each table.

    Args:
        tables: The checked tables by name.
        joined: The table of `join_tables`.
        rules: The rules of cleaning.

    Returns:
        Per table one row: ``table``, ``read``, ``kept`` (used in ``customers``), ``duplicate``
        (copies of a kept row), ``faulty`` (rejected for a fault of its own) and ``set_aside``
        (a sound row of a customer who is rejected).

    Raises:
        OneclickError: The four fates of a table do not add up to the rows read.
    """
    sums = _sums(joined, tables)
    rows = []
    for name, checked in tables.items():
        months = rules.tables[name].months
        counted = checked.agg(
            read=checked.count(), faulty=(checked.faults != "").cast("int64").sum().fill_null(0)
        ).execute()
        kept = int(sums["customers"]) * (1 if months is None else len(months.columns))
        read = int(counted["read"][0])
        fates = {
            "kept": kept,
            "duplicate": int(sums[f"{name}_of_kept"]) - kept,
            "faulty": int(counted["faulty"][0]),
            "set_aside": int(sums[f"{name}_sound_of_rejected"]),
        }
        if read != sum(fates.values()) or fates["duplicate"] < 0:
            raise OneclickError(
                f"The {read} rows of table {name} do not add up: {fates}. This is an error of the "
                "program, not of the data; nothing was published."
            )
        rows.append({"table": name, "read": read, **fates})
    return pd.DataFrame(rows)


def _sums(joined: ir.Table, tables: dict[str, ir.Table]) -> dict[str, Any]:
    kept = ~joined.rejected
    sums = {"customers": kept.cast("int64").sum()}
    for name in tables:
        rows, faulty = joined[f"{name}_rows"], joined[f"{name}_faulty"]
        sums[f"{name}_of_kept"] = rows.sum(where=kept)
        sums[f"{name}_sound_of_rejected"] = (rows - faulty).sum(where=joined.rejected)
    totals = joined.agg(**{name: value.fill_null(0) for name, value in sums.items()}).execute()
    return dict(totals.iloc[0])


def count_repairs(tables: dict[str, ir.Table]) -> dict[str, pd.DataFrame]:
    """Return how often which text was understood as another, the most frequent first.

    Args:
        tables: The checked tables by name.

    Returns:
        Per table ``column``, ``from``, ``to``, ``rows`` and ``repaired``: all rows in which the
        column was repaired. The `MOST_LISTED` most frequent texts of each meaning are listed.
    """
    counted = {}
    for name, checked in tables.items():
        # Rows share few combinations of repairs, so they are counted before they are read.
        combined = checked.filter(checked.repairs != "").group_by("repairs")
        notes = read_notes(combined.agg(rows=ibis._.count()), "repairs", REPAIR)
        repairs = notes.group_by(REPAIR).agg(rows=notes.rows.sum())
        in_order = ibis.window(group_by=["column", "to"], order_by=[repairs.rows.desc(), "from"])
        repairs = repairs.mutate(
            repaired=repairs.rows.sum().over(group_by="column"),
            place=ibis.row_number().over(in_order),
        )
        first = repairs.filter(repairs.place < MOST_LISTED).drop("place")
        counted[name] = first.order_by([first.rows.desc(), "column", "from"]).execute()
    return counted


def describe_quality(
    accounting: pd.DataFrame,
    repairs: dict[str, pd.DataFrame],
    joined: ir.Table,
    rejected: ir.Table,
    rules: CleaningRules,
    profit_unit_rub: float,
) -> dict[str, Any]:
    """Return the quality of the input: rows, repairs, rejections and customers, all bounded.

    Args:
        accounting: The table of `account_for_rows`.
        repairs: The tables of `count_repairs`.
        joined: The table of `join_tables`.
        rejected: The table of `reject_rows`.
        rules: The rules of cleaning.
        profit_unit_rub: RUB in one unit of profit; revenue is in RUB.

    Returns:
        ``tables`` (the accounting), ``repaired`` (table, column, from, to, rows), ``rejected``
        (table, column, reason, rows, customers, example), ``customers`` (in, kept, rejected,
        declined, unlabelled), ``profit_exceeds_revenue`` (customers; odd, yet kept) and ``gaps``:
        the columns of customers kept that lack values or hold but one (column, missing: share of
        customers, constant).
    """
    declined = joined.declined & ~joined.rejected
    unlabelled = joined.declined.isnull() & ~joined.rejected
    monthly_revenue = (
        joined.revenue_two_months_ago + joined.revenue_previous + joined.revenue_current
    ) / 3
    odd_profit = (joined.monthly_profit * profit_unit_rub > monthly_revenue) & ~joined.rejected
    totals = joined.agg(
        entered=joined.count(),
        rejected=_number_of(joined.rejected),
        declined=_number_of(declined),
        unlabelled=_number_of(unlabelled),
        odd_profit=_number_of(odd_profit),
    ).execute()
    counted = {name: int(value) for name, value in totals.iloc[0].items()}
    return {
        "tables": accounting.to_dict("records"),
        "repaired": _repairs(repairs, rules),
        "rejected": _rejections(rejected),
        "customers": {
            "in": counted["entered"],
            "kept": counted["entered"] - counted["rejected"],
            "rejected": counted["rejected"],
            "declined": counted["declined"],
            "unlabelled": counted["unlabelled"],
        },
        "profit_exceeds_revenue": counted["odd_profit"],
        "gaps": _gaps(joined, rules),
    }


def _number_of(condition: ir.BooleanValue) -> ir.IntegerScalar:
    return condition.fill_null(False).cast("int64").sum().fill_null(0)


def _gaps(joined: ir.Table, rules: CleaningRules) -> list[dict[str, Any]]:
    kept = joined.filter(~joined.rejected)
    # Declined is empty in a month to score.
    names = [name for name in value_columns(rules) if name != "declined"]
    counts = {"customers": kept.count()}
    for name in names:
        # No engine orders truths; and to look for two values costs less than to count them all.
        values = kept[name].cast("int8") if kept[name].type().is_boolean() else kept[name]
        counts[f"{name}_known"] = values.count()
        counts[f"{name}_constant"] = (values.max() == values.min()).fill_null(False)
    found = kept.agg(**counts).execute().iloc[0]
    columns = [
        {
            "column": name,
            "missing": round(1 - int(found[f"{name}_known"]) / max(int(found["customers"]), 1), 6),
            "constant": bool(found[f"{name}_constant"]),
        }
        for name in names
    ]
    return [column for column in columns if column["missing"] or column["constant"]]


def _repairs(repairs: dict[str, pd.DataFrame], rules: CleaningRules) -> list[dict[str, Any]]:
    every: list[Any] = []
    for name, counted in repairs.items():
        listed = counted.drop(columns="repaired").head(MOST_LISTED)
        columns = rules.tables[name].columns
        own_words = [
            rows < _FEW and not _is_known(text, columns[column])
            for column, text, _, rows in listed.itertuples(index=False, name=None)
        ]
        # A note on one customer, for all one knows; what is listed goes to the report.
        listed.loc[pd.Series(own_words, dtype=bool), "from"] = "…"
        listed = listed.groupby([*REPAIR], sort=False, as_index=False).agg({"rows": "sum"})
        every += [{"table": name, **row} for row in listed.to_dict("records")]
    return every


def _is_known(text: str, rule: ColumnRule) -> bool:
    """Whether a text is a spelling that the rules know, or none that they would have to know."""
    known = (spelling for spellings in rule.values.values() for spelling in spellings)
    return rule.unknown is None or fold_text(text) in {"", *map(fold_text, known)}


def _rejections(rejected: ir.Table) -> list[dict[str, Any]]:
    faulty = rejected["reason"] != "conflicting_duplicate"  # whose value is a customer's id
    reasons = rejected.group_by(["table", "column", "reason"]).agg(
        rows=rejected.count(),
        customers=rejected[KEY].nunique(),
        example=rejected["value"].min(where=faulty).fill_null(""),
    )
    ordered = reasons.order_by([reasons.rows.desc(), "table", "column", "reason"])
    return ordered.limit(MOST_LISTED).execute().to_dict("records")


def refuse_unusable(quality: dict[str, Any], rejected: ir.Table, rules: CleaningRules) -> None:
    """Stop a run whose input is too faulty to be trusted.

    Args:
        quality: What `describe_quality` returns.
        rejected: The table of `reject_rows`.
        rules: The rules of cleaning, with the largest share of customers that may be rejected.

    Raises:
        OneclickError: More customers, or more rows of a table for want of an id, are rejected than
            allowed, or no customer is left.
    """
    customers, most = quality["customers"], rules.max_rejected_share
    complaints = [
        f"{lost} of {read} rows of {rules.path_of(name)} have no readable id"
        for name, lost, read in _rows_without_id(quality)
        if lost > most * read
    ]
    if customers["rejected"] > most * customers["in"] or not customers["kept"]:
        complaints.append(f"{customers['rejected']} of {customers['in']} customers cannot be used")
    if not complaints:
        return
    reasons = [
        f"  {rules.path_of(row['table'])}, column {row['column']}: {row['rows']} × "
        f"{row['reason'].replace('_', ' ')}"
        + (f", for example {row['example']!r}" if row["example"] else "")
        + _advice(rules, row, rejected)
        for row in quality["rejected"][:5]
    ]
    raise OneclickError(
        f"{'; '.join(complaints)}; at most {most * 100:g}% may be rejected.\n"
        + "\n".join(reasons)
        + "\n"
        "Mend the files, teach a spelling in conf/base/data_processing/parameters.yml, or raise "
        "cleaning.max_rejected_share there."
    )


def refuse_unread_columns(
    accounting: pd.DataFrame, repairs: dict[str, pd.DataFrame], rules: CleaningRules
) -> None:
    """Stop a run in which every cell of a column would count as unknown, such as all consents.

    Args:
        accounting: The table of `account_for_rows`.
        repairs: The tables of `count_repairs`.
        rules: The rules of cleaning.

    Raises:
        OneclickError: No cell of a whole column has a known spelling.
    """
    for name, read in zip(accounting["table"], accounting["read"], strict=True):
        for column, rule in rules.tables[name].columns.items():
            counted = repairs[name]
            found = counted[(counted["column"] == column) & (counted["repaired"] == read)]
            if rule.unknown is None or found.empty:
                continue
            cells = found["from"]
            known = [spelling for spellings in rule.values.values() for spelling in spellings]
            if not {*map(fold_text, known)}.intersection(map(fold_text, cells)):
                raise OneclickError(
                    f"{rules.path_of(name)}, column {column}: no cell has a spelling that is "
                    f"known ({', '.join(known)}); most often it is {cells.iloc[0]!r}. Each would "
                    f"count as '{rule.unknown}'. Mend the file, or teach its spellings in "
                    f"conf/base/data_processing/parameters.yml, cleaning.tables.{name}."
                )


def _rows_without_id(quality: dict[str, Any]) -> Iterator[tuple[str, int, int]]:
    """Yield per table its name, the rows that belong to no customer, and the rows read."""
    for table in quality["tables"]:
        lost = sum(
            row["rows"]
            for row in quality["rejected"]
            if row["table"] == table["table"] and row["column"] == KEY and not row["customers"]
        )
        yield table["table"], lost, table["read"]


def _advice(rules: CleaningRules, row: dict[str, Any], rejected: ir.Table) -> str:
    if row["reason"] == "rounded":
        return "; format the column as a number without decimals and export it again"
    example = row["example"] or ""
    if example.startswith("="):
        return "; export values, not formulas"
    if row["reason"] == "not_a_number" and re.fullmatch(r"\s*[-+]?[\d ]*,\d+\s*", example):
        return "; a number stored as text? In Excel, convert the column to numbers"
    column = rules.tables[row["table"]].columns.get(row["column"])
    if row["reason"] != "unknown_value" or column is None:
        return ""
    spellings = [spelling for known in column.values.values() for spelling in known]
    known = f"; known are {', '.join(spellings)}"
    if column.kind == "flag" or (rules.tables[row["table"]].months and row["column"] == "period"):
        return known  # of which there can be no others
    lines = yaml.safe_dump(
        _unknown_values(row, rejected),
        allow_unicode=True,
        default_flow_style=None,  # each value is a line, its spellings a list
        sort_keys=False,
        width=math.inf,
    )
    path = f"cleaning.tables.{row['table']}.columns.{row['column']}.values"
    return f"{known}; new values are taught by lines below {path}:\n" + indent(
        lines.rstrip(), " " * 12
    )


def _unknown_values(row: dict[str, Any], rejected: ir.Table) -> dict[str, list[str]]:
    """Return the most frequent unknown values of a column, each with its spellings.

    A value of few rows may be what somebody wrote about one customer; such are left out, but for
    one where there are no others.
    """
    alike = rejected.filter(
        rejected["table"] == row["table"],
        rejected["column"] == row["column"],
        rejected["reason"] == row["reason"],
    )
    counted = alike.group_by("value").agg(rows=ibis._.count())
    ordered = counted.order_by([ibis.desc("rows"), "value"]).limit(MOST_LISTED).execute()
    most = max(1, int((ordered["rows"] >= _FEW).sum()))
    spellings: dict[str, list[str]] = {}
    for value in map(str.strip, ordered["value"].head(most)):
        known = spellings.setdefault(fold_text(value), [])
        if value not in known:
            known.append(value)
    return {each[0]: each for each in islice(spellings.values(), _MOST_TAUGHT)}
