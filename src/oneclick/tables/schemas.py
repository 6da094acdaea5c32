"""What each table of the project promises; the catalog attaches these to its datasets.

A schema checks what is stored, so that a later step may rely on it. Faults of the input are not
its business: those are found, row by row, by `oneclick.tables.checking`.
"""

from typing import Any

import ibis.expr.datatypes as dt
import pandera.ibis as pa
from pandera.errors import SchemaError, SchemaErrors

from oneclick.errors import OneclickError


class Table(pa.DataFrameModel):
    """A table whose columns are exactly those of its schema."""

    class Config:
        """No column more, no column less."""

        strict = True

    @classmethod
    def validate(cls, check_obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the table if it keeps its promise.

        Raises:
            OneclickError: It does not; names the column and the promise, but no customer's value.
        """
        try:
            return super().validate(check_obj, *args, **kwargs)
        except SchemaErrors as errors:
            broken = [f"{error.schema.name}: {error.check}" for error in errors.schema_errors]
        except SchemaError as error:
            broken = [f"{error.schema.name}: {error.check}"]
        raise OneclickError(
            f"The table {cls.__name__} breaks its contract ({'; '.join(broken)}). "
            "Was it made by another version? Run the pipelines again from data_processing."
        )


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
