"""From four exported tables to one row per customer, without losing a row."""

from typing import Any

from oneclick.annotations import DataFrame, Table
from oneclick.tables.rules import CleaningRules


def check_behaviour(market_file: Table, cleaning: CleaningRules) -> Table:
    """Type the columns of the behaviour table; note what cannot be believed."""
    return _check("behaviour", market_file, cleaning)


def check_revenue(market_money: Table, cleaning: CleaningRules) -> Table:
    """Type the columns of the revenue table; note what cannot be believed."""
    return _check("revenue", market_money, cleaning)


def check_time_on_site(market_time: Table, cleaning: CleaningRules) -> Table:
    """Type the columns of the table of minutes; note what cannot be believed."""
    return _check("time_on_site", market_time, cleaning)


def check_profit(money: Table, cleaning: CleaningRules) -> Table:
    """Type the columns of the profit table; note what cannot be believed."""
    return _check("profit", money, cleaning)


def _check(name: str, exported: Table, cleaning: CleaningRules) -> Table:
    from oneclick.tables import checking

    return checking.check_table(exported, cleaning.tables[name], cleaning)


def join_tables(cleaning: CleaningRules, **checked: Table) -> Table:
    """Put the months into columns and join: one row per customer that any table knows."""
    from oneclick.tables import joining

    return joining.join_tables(checked, cleaning)


def reject_rows(joined_customers: Table, **checked: Table) -> Table:
    """List what cannot be used: table, line, column, value and reason."""
    from oneclick.tables import quarantine

    return quarantine.reject_rows(checked, joined_customers)


def account_for_rows(
    joined_customers: Table, rejected_rows: Table, cleaning: CleaningRules, **checked: Table
) -> tuple[DataFrame, dict[str, Any]]:
    """Say where every row went, and stop the run if too many cannot be used."""
    from oneclick.tables import accounting

    rows = accounting.account_for_rows(checked, joined_customers, cleaning)
    quality = accounting.describe_quality(rows, checked, joined_customers, rejected_rows)
    accounting.refuse_unusable(quality, cleaning)
    return rows, quality


def keep_customers(
    joined_customers: Table, data_quality: dict[str, Any], cleaning: CleaningRules
) -> Table:
    """Return the customers against whom nothing speaks, ordered by id.

    The quality is an input so that nobody is kept before the rows have been accounted for.
    """
    from oneclick.tables.joining import KEY, value_columns

    kept = joined_customers.filter(~joined_customers.rejected)
    return kept.select(KEY, *value_columns(cleaning)).order_by(KEY)
