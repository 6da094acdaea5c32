"""What the tables must look like: the rules of cleaning, as configuration states them."""

from typing import Literal

from pydantic import Field, model_validator

from oneclick.parameters import Parameters


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
        return self


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
    """

    missing_markers: list[str]
    max_rejected_share: float = Field(ge=0, le=1)
    anomalies: Anomalies
    tables: dict[str, TableRules]
