"""What the tables must look like: the rules of cleaning, as configuration states them."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from oneclick.parameters import Parameters
from oneclick.tables.spelling import fold_text

TABLES = {  # and what the shop exports them as
    "behaviour": "market_file",
    "revenue": "market_money",
    "time_on_site": "market_time",
    "profit": "money",
}
_GREATEST_ID = 2.0**53  # beyond it, numbers of eight bytes leave out every other one


class ColumnRule(Parameters):
    """How the text of one column becomes a value, and which values are believed.

    Attributes:
        kind: ``id`` and ``integer`` are whole numbers, ``number`` is any finite number,
            ``category`` one of ``values``, ``flag`` a category whose values are true and false.
        minimum: The least believable number.
        maximum: The greatest believable number.
        values: Our value → the spellings accepted for it; the first is the right spelling,
            every other one counts as repaired.
        missing: What an empty cell means: the row is rejected, or the value stays unknown.
        unknown: The value that an unknown spelling stands for; without it the row is rejected.
    """

    kind: Literal["id", "integer", "number", "category", "flag"]
    minimum: float = 0.0
    maximum: float = 1e9
    values: dict[str, list[str]] = Field(default_factory=dict)
    missing: Literal["reject", "keep"] = "keep"
    unknown: str | None = None

    @model_validator(mode="after")
    def _values_fit_the_kind(self) -> "ColumnRule":
        named = self.kind in ("category", "flag")
        if named != bool(self.values):
            raise ValueError(f"'values' belong to categories and flags, not to kind '{self.kind}'")
        if self.kind == "flag" and set(self.values) != {"true", "false"}:
            raise ValueError("a flag has the values 'true' and 'false'")
        if self.unknown is not None and self.unknown not in self.values:
            raise ValueError(f"'unknown: {self.unknown}' is not among the values")
        if not self.minimum <= self.maximum:
            raise ValueError(f"minimum {self.minimum:g} is not below maximum {self.maximum:g}")
        if self.kind == "id" and (self.missing == "keep" or self.maximum > _GREATEST_ID):
            raise ValueError("an id needs 'missing: reject', and a maximum of 9.0e+15 or less")
        return self

    @field_validator("values")
    @classmethod
    def _spellings_are_clear(cls, values: dict[str, list[str]]) -> dict[str, list[str]]:
        meant: dict[str, str] = {}
        for ours, spellings in values.items():
            if not spellings:
                raise ValueError(f"value '{ours}' has no spelling; name one, or leave it out")
            for spelling in spellings:
                other = meant.setdefault(fold_text(spelling), ours)
                if other != ours:
                    raise ValueError(f"'{spelling}' is a spelling of both '{other}' and '{ours}'")
        return values


class Months(Parameters):
    """A table with a row per customer and month becomes columns, one per month.

    Attributes:
        value: The column that holds the month's value.
        columns: Our name of the period → the column of ``customers`` it fills.
    """

    value: str
    columns: dict[str, str]


class TableRules(Parameters):
    """The rules of one exported table.

    Attributes:
        file: The exported file's name without its ending, for messages.
        columns: The rules by column.
        months: Where the table has a row per month: how months become columns.
    """

    file: str
    columns: dict[str, ColumnRule]
    months: Months | None = None

    @model_validator(mode="after")
    def _columns_fit_together(self) -> "TableRules":
        key = self.columns.get("customer_id")
        if key is None or key.kind != "id":
            raise ValueError("the column customer_id must be there, of 'kind: id'")
        if self.months is None:
            return self
        if self.months.value not in self.columns:
            raise ValueError(f"months.value names '{self.months.value}', which is no column here")
        period = self.columns.get("period")
        read = set(period.values) if period else set()
        if read != set(self.months.columns):  # rows of other periods would be lost
            odd = ", ".join(sorted(read ^ set(self.months.columns)))
            raise ValueError(
                "the values of the column period and months.columns must name the same periods; "
                f"only one of them has {odd}"
            )
        return self

    def filled(self) -> dict[str, ColumnRule]:
        """Return the columns of ``customers`` that the table fills, and by which rule."""
        if self.months is None:
            return {name: rule for name, rule in self.columns.items() if name != "customer_id"}
        return dict.fromkeys(self.months.columns.values(), self.columns[self.months.value])


class Anomalies(Parameters):
    """Customers whose figures nobody should learn from.

    Attributes:
        reject_inactive: Whether customers without revenue in one of the months are set aside.
        outlier_factor: A month's revenue more than this many times the customer's largest other
            month is taken for an error of typing.
    """

    reject_inactive: bool
    outlier_factor: float = Field(gt=1)


class CleaningRules(Parameters):
    """All rules of cleaning.

    Attributes:
        missing_markers: Cells that mean «nothing here», compared without regard to case.
        max_rejected_share: A run that would reject a larger share of customers stops.
        folder: Where the tables lie, for messages, unless it goes without saying.
    """

    missing_markers: list[str]
    max_rejected_share: float = Field(ge=0, le=1)
    anomalies: Anomalies
    tables: dict[str, TableRules]
    folder: str = ""

    @field_validator("tables")
    @classmethod
    def _tables_fill_the_customers(cls, tables: dict[str, TableRules]) -> dict[str, TableRules]:
        if absent := TABLES.keys() - tables.keys():
            raise ValueError(f"rules for the table {', '.join(sorted(absent))} are missing")
        from oneclick.tables.schemas import Customers  # slow to import

        columns = Customers.to_schema().columns
        filled = {name: rule for table in tables.values() for name, rule in table.filled().items()}
        if lacking := columns.keys() - filled.keys() - {"customer_id"}:
            raise ValueError(f"no rule fills {', '.join(sorted(lacking))} of the table customers")
        if unknown := filled.keys() - columns.keys():
            raise ValueError(f"the table customers has no column {', '.join(sorted(unknown))}")
        for name, rule in filled.items():
            if not columns[name].nullable and rule.missing == "keep" and rule.unknown is None:
                raise ValueError(f"{name} may not be empty: its column needs 'missing: reject'")
        return tables

    def path_of(self, table: str) -> str:
        """Return how messages name the exported file of a table."""
        return "/".join(filter(None, (self.folder, self.tables[table].file)))
