"""From four exported tables to one row per customer, without losing a row."""

from typing import Any

import ibis.expr.types as ir
import pandas as pd

from oneclick.tables import accounting, checking, joining, quarantine
from oneclick.tables.rules import CleaningRules


def check_behaviour(market_file: ir.Table, cleaning: CleaningRules) -> ir.Table:
    """Type the columns of the behaviour table; note what cannot be believed."""
    return _check("behaviour", market_file, cleaning)


def check_revenue(market_money: ir.Table, cleaning: CleaningRules) -> ir.Table:
    """Type the columns of the revenue table; note what cannot be believed."""
    return _check("revenue", market_money, cleaning)


def check_time_on_site(market_time: ir.Table, cleaning: CleaningRules) -> ir.Table:
    """Type the columns of the table of minutes; note what cannot be believed."""
    return _check("time_on_site", market_time, cleaning)


def check_profit(money: ir.Table, cleaning: CleaningRules) -> ir.Table:
    """Type the columns of the profit table; note what cannot be believed."""
    return _check("profit", money, cleaning)


def _check(name: str, exported: ir.Table, cleaning: CleaningRules) -> ir.Table:
    return checking.check_table(exported, cleaning.tables[name], cleaning)


def join_tables(
    behaviour: ir.Table,
    revenue: ir.Table,
    time_on_site: ir.Table,
    profit: ir.Table,
    cleaning: CleaningRules,
) -> ir.Table:
    """Put the months into columns and join: one row per customer that any table knows."""
    tables = _by_name(behaviour, revenue, time_on_site, profit)
    return joining.join_tables(tables, cleaning)


def reject_rows(
    behaviour: ir.Table,
    revenue: ir.Table,
    time_on_site: ir.Table,
    profit: ir.Table,
    joined_customers: ir.Table,
) -> ir.Table:
    """List what cannot be used: table, line, column, value and reason."""
    tables = _by_name(behaviour, revenue, time_on_site, profit)
    return quarantine.reject_rows(tables, joined_customers)


def account_for_rows(
    behaviour: ir.Table,
    revenue: ir.Table,
    time_on_site: ir.Table,
    profit: ir.Table,
    joined_customers: ir.Table,
    rejected_rows: ir.Table,
    cleaning: CleaningRules,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Say where every row went, and stop the run if too many cannot be used."""
    tables = _by_name(behaviour, revenue, time_on_site, profit)
    rows = accounting.account_for_rows(tables, joined_customers, cleaning)
    quality = accounting.describe_quality(rows, tables, joined_customers, rejected_rows)
    accounting.refuse_unusable(quality, cleaning)
    return rows, quality


def keep_customers(
    joined_customers: ir.Table, data_quality: dict[str, Any], cleaning: CleaningRules
) -> ir.Table:
    """Return the customers against whom nothing speaks, ordered by id.

    The quality is an input so that nobody is kept before the rows have been accounted for.
    """
    kept = joined_customers.filter(~joined_customers.rejected)
    return kept.select(joining.KEY, *joining.value_columns(cleaning)).order_by(joining.KEY)


def _by_name(
    behaviour: ir.Table, revenue: ir.Table, time_on_site: ir.Table, profit: ir.Table
) -> dict[str, ir.Table]:
    return {
        "behaviour": behaviour,
        "revenue": revenue,
        "time_on_site": time_on_site,
        "profit": profit,
    }
