"""Why a customer is at risk, in words: the own value beside the usual range of steady ones."""

from typing import TYPE_CHECKING, Any

from oneclick.annotations import Table
from oneclick.campaign.conditions import NUMBER_COLUMNS, TEXT_COLUMNS
from oneclick.texts import Language, decimal, load_texts

if TYPE_CHECKING:
    import ibis.expr.types as ir

SLOTS = (1, 2, 3)
# Decimals that a phrase shows; a share is shown in percent.
_DECIMALS = {"marketing_contacts_6m": 1}
_PERCENT = ("promo_share",)
_RANGE = (0.25, 0.75)


def usual_ranges(customers: Table, segments: Table) -> dict[str, list[float]]:
    """Return the 25 % and 75 % quantiles of every numeric feature among steady customers.

    Steady are those whose status says so; in an unlabelled snapshot, and where none is labelled
    steady, the half of the customers with the lowest probability.
    """
    steady = customers.filter(~customers.declined)
    if steady.count().execute() == 0:
        middle = segments.p_decline.quantile(0.5).as_scalar()
        calm = segments.filter(segments.p_decline <= middle)
        steady = customers.semi_join(calm, "customer_id")
    quantiles = {
        f"{feature} {q}": steady[feature].quantile(q) for feature in NUMBER_COLUMNS for q in _RANGE
    }
    found = steady.aggregate(**quantiles).execute().iloc[0]
    # Engines differ in the last digit of an interpolated quantile.
    return {
        feature: [round(float(found[f"{feature} {q}"]), 9) for q in _RANGE]
        for feature in NUMBER_COLUMNS
    }


def describe_reasons(
    customers: Table, reasons: Table, ranges: dict[str, list[float]], language: Language
) -> Table:
    """Return the strongest reasons of each customer as keys and as phrases.

    «мало страниц за визит: 4, обычно 8–11»; a value inside the usual range is said without «мало»
    or «много», for it is the combination that counts then.

    Columns: customer_id, reason_1, reason_1_text, … reason_3_text (null where there are fewer).
    Customers who were not explained have no row.
    """
    import ibis

    keys = [f"reason_{slot}" for slot in SLOTS]
    features = customers.select("customer_id", *NUMBER_COLUMNS, *TEXT_COLUMNS)
    table = features.join(reasons.select("customer_id", *keys), "customer_id")
    phrases = {name: _phrase(table, name, ranges, language) for name in ranges}
    words = load_texts("campaign", language)["reasons"]
    phrases |= {name: f"{words[name]['usual']}: " + table[name] for name in TEXT_COLUMNS}
    columns: dict[str, Any] = {}
    for key in keys:
        columns[key] = table[key]
        cases = [(table[key] == name, phrase) for name, phrase in phrases.items()]
        columns[f"{key}_text"] = ibis.cases(*cases)
    return table.select("customer_id", **columns).order_by("customer_id")


def _phrase(
    table: Table, feature: str, ranges: dict[str, list[float]], language: Language
) -> "ir.StringValue":
    import ibis

    words = load_texts("campaign", language)["reasons"]
    low, high = ranges[feature]
    start = ibis.cases(
        (table[feature] < low, words[feature]["low"]),
        (table[feature] > high, words[feature]["high"]),
        else_=words[feature]["usual"],
    )
    low_text, high_text = (_number_text(bound, feature, language) for bound in ranges[feature])
    span = low_text if low_text == high_text else f"{low_text}–{high_text}"
    end = f", {words['usually']} {span}"
    return start + ": " + _value_text(table[feature], feature, language) + end


def _scale(feature: str) -> tuple[float, int, str]:
    """Return factor, decimals and unit sign of a feature's figures in a phrase."""
    return (100.0, 0, " %") if feature in _PERCENT else (1.0, _DECIMALS.get(feature, 0), "")


def _number_text(value: float, feature: str, language: Language) -> str:
    factor, decimals, sign = _scale(feature)
    return decimal(f"{value * factor:.{decimals}f}{sign}", language)


def _value_text(column: "ir.Column", feature: str, language: Language) -> "ir.StringValue":
    factor, decimals, sign = _scale(feature)
    scaled = (column * (factor * 10**decimals)).round().cast("int64")
    if decimals == 0:
        return scaled.cast("string") + sign
    mark = decimal(".", language)
    whole, rest = (scaled / 10**decimals).floor().cast("int64"), scaled % 10**decimals
    return whole.cast("string") + mark + rest.cast("string") + sign
