"""From four exported tables to one row per customer, without losing a row."""

from collections.abc import Callable
from typing import Any

from oneclick.annotations import DataFrame, RecordBatchReader, Table
from oneclick.tables.rules import CleaningRules


def check_table(table: str, exported: Table, cleaning: CleaningRules) -> Table | RecordBatchReader:
    """Type the columns of an exported table; note what cannot be believed."""
    from oneclick.intake.long_text import in_file_order
    from oneclick.tables import checking

    return in_file_order(checking.check_table(exported, cleaning.tables[table], cleaning))


def join_tables(cleaning: CleaningRules, **checked: Table) -> Table | RecordBatchReader:
    """Put the months into columns and join: one row per customer that any table knows."""
    from oneclick.engines import in_ranges
    from oneclick.tables import joining

    def join(within: Callable[[Table], Table]) -> Table:
        tables = {name: within(table) for name, table in checked.items()}
        return joining.join_tables(tables, cleaning)

    return in_ranges(join, joining.KEY, checked["behaviour"])


def reject_rows(joined_customers: Table, **checked: Table) -> Table:
    """List what cannot be used: table, line, column, value and reason."""
    from oneclick.tables import quarantine

    return quarantine.reject_rows(checked, joined_customers)


def account_for_rows(
    joined_customers: Table,
    rejected_rows: Table,
    cleaning: CleaningRules,
    profit_unit_rub: float,
    **checked: Table,
) -> tuple[DataFrame, dict[str, Any]]:
    """Say where every row went, and stop the run if too many cannot be used."""
    from oneclick.tables import accounting

    rows = accounting.account_for_rows(checked, joined_customers, cleaning)
    repairs = accounting.count_repairs(checked)
    quality = accounting.describe_quality(
        rows, repairs, joined_customers, rejected_rows, cleaning, profit_unit_rub
    )
    accounting.refuse_unusable(quality, rejected_rows, cleaning)
    accounting.refuse_unread_columns(rows, repairs, cleaning)
    return rows, quality


def keep_customers(
    joined_customers: Table, data_quality: dict[str, Any], cleaning: CleaningRules
) -> Table | RecordBatchReader:
    """Return the customers against whom nothing speaks, ordered by id.

    The quality is an input so that nobody is kept before the rows have been accounted for.
    """
    from oneclick.engines import as_stored
    from oneclick.tables.joining import KEY, value_columns

    kept = joined_customers.filter(~joined_customers.rejected)
    return as_stored(kept.select(KEY, *value_columns(cleaning)), KEY)
