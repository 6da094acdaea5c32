"""What each table of the project promises; the catalog attaches these to its datasets.

A schema checks what is stored, so that a later step may rely on it. Faults of the input are not
its business: those are found, row by row, by `oneclick.tables.checking`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pandera.ibis as pa

from oneclick.errors import OneclickError


class Table(pa.DataFrameModel):
    """A table whose columns are exactly those of its schema."""

    class Config:
        """No column more, no column less."""

        strict = True

    @classmethod
    def validate(cls, check_obj: ir.Table, *args: Any, **kwargs: Any) -> ir.Table:
        """Return the table if it keeps its promise, which takes one query.

        pandera's own way takes a query per column, and on most engines numbers all rows for each.

        Raises:
            OneclickError: It does not; names the column and the promise, but no customer's value.
        """
        columns = cls.to_schema().columns
        wanted = {name: column.dtype.type for name, column in columns.items()}
        found = dict(check_obj.schema().items())
        broken = [
            f"{name}: {found.get(name, 'absent')} instead of {wanted.get(name, 'absent')}"
            for name in sorted(wanted.keys() | found.keys())
            if name not in found or found[name](nullable=True) != wanted.get(name)
        ]
        if not broken:
            promises = {
                f"{name}: {promise}": kept.fill_null(True)  # nobody breaks it in an empty table
                for name, column in columns.items()
                for promise, kept in _promises(check_obj, name, column)
            }
            kept = check_obj.aggregate(**promises).execute().iloc[0]
            broken = [promise for promise in promises if not kept[promise]]
        if broken:
            raise OneclickError(
                f"The table {cls.__name__} breaks its contract ({'; '.join(broken)}). "
                "Was it made by another version? Run the pipelines again from data_processing."
            )
        return check_obj


_KEPT: dict[str, Callable[..., ir.BooleanColumn]] = {
    "greater_than_or_equal_to": lambda column, min_value: column >= min_value,
    "less_than_or_equal_to": lambda column, max_value: column <= max_value,
    "isin": lambda column, allowed_values: column.isin(allowed_values),
}


def _promises(table: ir.Table, name: str, column: Any) -> Iterator[tuple[str, ir.BooleanScalar]]:
    """Yield each promise of a column in words and whether all its rows keep it, lazily."""
    if not column.nullable:
        yield "not null", table[name].notnull().all()
    for check in column.checks:
        yield check.error, _KEPT[check.name](table[name], **check.statistics).all()


class Customers(Table):
    """One row per customer: everything that is known of them, typed, ordered by id."""

    customer_id: dt.Int64 = pa.Field(description="Key. Never a feature.")
    declined: dt.Boolean = pa.Field(nullable=True, description="Target; null if unknown.")
    service_tier: dt.String = pa.Field(nullable=True, description="Tier of service.")
    allows_contact: dt.Boolean = pa.Field(description="Consent. A gate, never a feature.")
    marketing_contacts_6m: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="Mean marketing contacts a month over six months."
    )
    marketing_contacts_current: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="Marketing contacts this month."
    )
    days_since_registration: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="Days since registration."
    )
    promo_share: dt.Float64 = pa.Field(
        nullable=True, ge=0, le=1, description="Share of promo purchases in six months."
    )
    favourite_category: dt.String = pa.Field(nullable=True, description="The category bought most.")
    categories_per_visit: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="Categories seen per visit, last month."
    )
    unpaid_items_quarter: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="Items left unpaid in the basket, last three months."
    )
    service_errors: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="Failures of the service that touched the customer."
    )
    pages_per_visit: dt.Float64 = pa.Field(
        nullable=True, ge=0, description="Pages seen per visit, last three months."
    )
    revenue_two_months_ago: dt.Float64 = pa.Field(ge=0, description="RUB.")
    revenue_previous: dt.Float64 = pa.Field(ge=0, description="RUB.")
    revenue_current: dt.Float64 = pa.Field(ge=0, description="RUB.")
    minutes_previous: dt.Float64 = pa.Field(ge=0, description="Minutes on site.")
    minutes_current: dt.Float64 = pa.Field(ge=0, description="Minutes on site.")
    monthly_profit: dt.Float64 = pa.Field(
        description="Mean profit a month over three months, in `profit_unit`."
    )


class RejectedRows(Table):
    """One row per reason why a row or a customer cannot be used."""

    customer_id: dt.Int64 = pa.Field(nullable=True, description="Null if unreadable.")
    table: dt.String = pa.Field(description="behaviour, revenue, time_on_site or profit.")
    line: dt.Int64 = pa.Field(
        nullable=True, description="Line in the file; null where the whole customer is meant."
    )
    column: dt.String = pa.Field(description="Our name of the column.")
    value: dt.String = pa.Field(nullable=True, description="As it stands in the file.")
    reason: dt.String = pa.Field(description="A key of the texts on quality.")
