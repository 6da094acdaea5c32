"""Structured conditions on customer columns: whom an offer suits."""

from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, Self

from pydantic import model_validator

from oneclick.parameters import Parameters
from oneclick.texts import Language, decimal, label

if TYPE_CHECKING:
    import ibis.expr.types as ir

PERCENT = {"ru": " %", "en": "%"}
NUMBER_COLUMNS = (
    *("marketing_contacts_6m", "marketing_contacts_current", "days_since_registration"),
    *("promo_share", "categories_per_visit", "unpaid_items_quarter", "service_errors"),
    *("pages_per_visit", "revenue_two_months_ago", "revenue_previous", "revenue_current"),
    *("minutes_previous", "minutes_current"),
)
TEXT_COLUMNS = ("service_tier", "favourite_category")
CONDITION_COLUMNS = (*NUMBER_COLUMNS, *TEXT_COLUMNS, "monthly_profit")


class Condition(Parameters):
    """One bound on one column; an unknown value meets no condition."""

    column: str
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.column not in CONDITION_COLUMNS:
            raise ValueError(
                f"unknown column «{self.column}»; use one of: {', '.join(CONDITION_COLUMNS)}"
            )
        bounds = (self.at_least, self.at_most)
        if self.column in TEXT_COLUMNS and (self.one_of is None or bounds != (None, None)):
            raise ValueError(f"«{self.column}» holds text: give one_of, a list of its values")
        if self.column not in TEXT_COLUMNS and (self.one_of is not None or bounds == (None, None)):
            raise ValueError(f"«{self.column}» holds numbers: give at_least, at_most or both")
        return self

    def expression(self, table: "ir.Table") -> "ir.BooleanValue":
        """Return the condition on a table as a boolean column without nulls."""
        import ibis

        column = table[self.column]
        tests = []
        if self.one_of is not None:
            tests.append(column.isin(self.one_of))
        if self.at_least is not None:
            tests.append(column >= self.at_least)
        if self.at_most is not None:
            tests.append(column <= self.at_most)
        return ibis.coalesce(reduce(and_, tests), False)

    def text(self, language: Language, profit_unit: str) -> str:
        """Return the condition for people: «Страниц за визит ≤ 5», «Выручка за месяц ≥ 3000 ₽»."""
        name = label(self.column, language)
        if self.one_of is not None:
            return f"{name}: {', '.join(self.one_of)}"
        factor, before, unit = 1, "", ""  # the names of most columns say what is counted
        if self.column == "promo_share":
            factor, unit = 100, PERCENT[language]
        elif self.column == "monthly_profit":
            unit = f" {profit_unit}"
        elif self.column.startswith("revenue_"):
            before, unit = ("₽", "") if language == "en" else ("", " ₽")
        bounds = (("≥", self.at_least), ("≤", self.at_most))
        known = [(sign, f"{x * factor:g}") for sign, x in bounds if x is not None]
        return name + "".join(f" {sign} {before}{decimal(x, language)}{unit}" for sign, x in known)


def indicators_in(customers: "ir.Table") -> tuple[list[str], list[str]]:
    """Return which columns of ``customers`` say something of them: numbers, then texts."""
    kinds = customers.drop("monthly_profit").schema().items()
    numbers = [name for name, kind in kinds if kind.is_floating()]
    return numbers, [name for name, kind in kinds if kind.is_string()]


def all_hold(table: "ir.Table", conditions: tuple[Condition, ...]) -> "ir.BooleanValue":
    """Return where every condition holds; no conditions hold for everybody."""
    import ibis

    tests = [condition.expression(table) for condition in conditions]
    return reduce(and_, tests) if tests else ibis.literal(True)
