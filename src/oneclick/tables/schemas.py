"""What each table of the project promises; the catalog attaches these to its datasets.

A schema checks what is stored, so that a later step may rely on it. Faults of the input are not
its business: those are found, row by row, by `oneclick.tables.checking`.
"""

from collections.abc import Callable, Iterator
from typing import Any

import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pandera.ibis as pa
import pandera.pandas
from pandera.engines.pandas_engine import Engine

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
            raise _breach(cls, broken)
        return check_obj


_KEPT: dict[str, Callable[..., Any]] = {
    "greater_than_or_equal_to": lambda column, min_value: column >= min_value,
    "greater_than": lambda column, min_value: column > min_value,
    "less_than_or_equal_to": lambda column, max_value: column <= max_value,
    "isin": lambda column, allowed_values: column.isin(allowed_values),
}


def _promises(table: ir.Table, name: str, column: Any) -> Iterator[tuple[str, ir.BooleanScalar]]:
    """Yield each promise of a column in words and whether all its rows keep it, lazily."""
    if not column.nullable:
        yield "not null", table[name].notnull().all()
    for check in column.checks:
        yield check.error, _KEPT[check.name](table[name], **check.statistics).all()


class Figures(pandera.pandas.DataFrameModel):
    """A small table of figures whose columns are exactly those of its schema."""

    class Config:
        """No column more, no column less."""

        strict = True

    @classmethod
    def validate(cls, check_obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the table if it keeps its promise.

        pandera's own way loads a hundred modules more and takes five times as long.

        Raises:
            OneclickError: It does not; names the column and the promise.
        """
        columns, found = cls.to_schema().columns, list(check_obj)
        broken = [f"{name}: absent" for name in columns if name not in found]
        broken += [f"{name}: unknown" for name in found if name not in columns]
        if not broken:
            broken = [each for name in found for each in _broken(check_obj[name], columns[name])]
        if broken:
            raise _breach(cls, broken)
        return check_obj


def _broken(values: pd.Series, column: Any) -> Iterator[str]:
    """Yield the promises of a column that its values break."""
    if not np.all(column.dtype.check(Engine.dtype(values.dtype), values)):
        yield f"{column.name}: {values.dtype} instead of {column.dtype}"
        return
    known = values.dropna()
    if len(known) < len(values) and not column.nullable:
        yield f"{column.name}: not null"
    for check in column.checks:
        if not _KEPT[check.name](known, **check.statistics).all():
            yield f"{column.name}: {check.error}"


def _breach(schema: type, broken: list[str]) -> OneclickError:
    return OneclickError(
        f"The table {schema.__name__} breaks its contract ({'; '.join(broken)}). "
        "Was it made by another version? Run the pipelines again from data_processing."
    )


def described(meaning: str, unit: str = "", **promise: Any) -> Any:
    """Return a schema's field: what the column means, in which unit, and what it promises.

    Args:
        meaning: For the data dictionary.
        unit: Unit of a number; indicators have theirs in ``texts/en/columns.yml``.
        **promise: ``nullable`` and checks, as for ``pandera.Field``.
    """
    return pa.Field(description=meaning, metadata={"unit": unit}, **promise)


def proportion(meaning: str, **promise: Any) -> Any:
    """Return the field of a share or probability, 0 to 1; empty where nothing was measured."""
    return described(meaning, "share", ge=0, le=1, nullable=True, **promise)


class Customers(Table):
    """One row per customer: everything that is known of them, typed, ordered by id."""

    customer_id: dt.Int64 = described("Key. Never a feature.")
    declined: dt.Boolean = described("Target: activity declined; empty if unknown.", nullable=True)
    service_tier: dt.String = described("Tier of service.", nullable=True)
    allows_contact: dt.Boolean = described("Consent. A gate, never a feature.")
    marketing_contacts_6m: dt.Float64 = described(
        "Mean marketing contacts a month over six months.", nullable=True, ge=0
    )
    marketing_contacts_current: dt.Float64 = described(
        "Marketing contacts this month.", nullable=True, ge=0
    )
    days_since_registration: dt.Float64 = described("Since registration.", nullable=True, ge=0)
    promo_share: dt.Float64 = described(
        "Share of promo purchases in six months.", nullable=True, ge=0, le=1
    )
    favourite_category: dt.String = described("The category bought most.", nullable=True)
    categories_per_visit: dt.Float64 = described(
        "Categories seen per visit, last month.", nullable=True, ge=0
    )
    unpaid_items_quarter: dt.Float64 = described(
        "Items left unpaid in the basket, last three months.", nullable=True, ge=0
    )
    service_errors: dt.Float64 = described(
        "Failures of the service that touched the customer.", nullable=True, ge=0
    )
    pages_per_visit: dt.Float64 = described(
        "Pages seen per visit, last three months.", nullable=True, ge=0
    )
    revenue_two_months_ago: dt.Float64 = described("Revenue of the month before last.", ge=0)
    revenue_previous: dt.Float64 = described("Revenue of last month.", ge=0)
    revenue_current: dt.Float64 = described("Revenue of this month.", ge=0)
    minutes_previous: dt.Float64 = described("Time on site last month.", ge=0)
    minutes_current: dt.Float64 = described("Time on site this month.", ge=0)
    monthly_profit: dt.Float64 = described(
        "Mean profit a month over three months, in `profit_unit`."
    )


class RejectedRows(Table):
    """One row per reason why a row or a customer cannot be used."""

    customer_id: dt.Int64 = described("Empty if unreadable.", nullable=True)
    table: dt.String = described("`behaviour`, `revenue`, `time_on_site` or `profit`.")
    line: dt.Int64 = described(
        "In the file, not counting empty lines and line ends within quotes; empty if the whole "
        "customer is meant, or the table was a folder of parts.",
        nullable=True,
    )
    column: dt.String = described("Our name of the column.")
    value: dt.String = described("As it stands in the file.", nullable=True)
    reason: dt.String = described("A key of the texts on quality.")
