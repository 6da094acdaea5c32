"""Why a customer is at risk, in words: the own value beside the usual range of steady ones."""

from math import isnan
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from oneclick.campaign.conditions import PERCENT, indicators_in
from oneclick.texts import Language, decimal, label, load_texts
from oneclick.texts.words import NARROW_SPACE, ROUBLE, SPACE, Words

SLOTS = (1, 2, 3)
# Factor and decimals of a feature's figures in a phrase; the others are whole numbers.
_FORMATS = {"marketing_contacts_6m": (1, 1), "promo_share": (100, 0)}
_WHOLE = (1, 0)
_RANGE = (0.25, 0.75)


def usual_ranges(customers: ir.Table, segments: ir.Table) -> dict[str, list[float]]:
    """Return the 25 % and 75 % quantiles of every numeric feature among steady customers.

    Steady are those whose status says so; in an unlabelled snapshot, and where none is labelled
    steady, the half of the customers with the lowest probability. A feature without any value has
    no range.
    """
    numbers, _ = indicators_in(customers)
    found = _quantiles(customers.filter(~customers.declined), numbers)
    if found["customers"] == 0:
        middle = segments.p_decline.quantile(0.5).as_scalar()
        calm = segments.filter(segments.p_decline <= middle)
        found = _quantiles(customers.semi_join(calm, "customer_id"), numbers)
    # Engines differ in the last digit of an interpolated quantile.
    ranges = {name: [round(float(found[f"{name} {q}"]), 9) for q in _RANGE] for name in numbers}
    return {name: span for name, span in ranges.items() if not isnan(span[0])}


def _quantiles(steady: ir.Table, numbers: list[str]) -> pd.Series:
    quantiles = {f"{name} {q}": steady[name].quantile(q) for name in numbers for q in _RANGE}
    return steady.aggregate(customers=steady.count(), **quantiles).execute().iloc[0]


def describe_reasons(
    customers: ir.Table, reasons: ir.Table, ranges: dict[str, list[float]], language: Language
) -> ir.Table:
    """Return the strongest reasons of each customer as keys and as phrases.

    «мало страниц за визит: 4, обычно 8–11», «низкая выручка в этом месяце: 3 276 ₽, обычно
    4 508–5 350 ₽»; a value inside the usual range is said without «мало» or «много», for it is the
    combination that counts then.

    Columns: customer_id, reason_1, reason_1_text, … reason_3_text (null where there are fewer).
    Customers who were not explained have no row.
    """
    keys = [f"reason_{slot}" for slot in SLOTS]
    # A column for which nobody wrote phrases is called by its name.
    parts = ("low", "high", "usual")
    numbers, texts = indicators_in(customers)
    texts = [*texts, *(name for name in numbers if name not in ranges)]  # all of them unknown
    plain = {name: dict.fromkeys(parts, label(name, language)) for name in (*ranges, *texts)}
    words = plain | load_texts("campaign", language)["reasons"]
    features = customers.select("customer_id", *ranges, *texts)
    table = features.join(reasons.select("customer_id", *keys), "customer_id")
    # A layer of its own, for each phrase asks for its number several times.
    table = table.mutate(**{name: _scaled(table[name]) for name in ranges})
    phrases = {name: _phrase(table[name], words, span, language) for name, span in ranges.items()}
    phrases |= {
        name: f"{words[name]['usual']}: "
        + ibis.coalesce(table[name].cast("string"), words["unknown"])
        for name in texts
    }
    columns: dict[str, Any] = {}
    for key in keys:
        cases = ((table[key] == name, phrase) for name, phrase in phrases.items())
        columns |= {key: table[key], f"{key}_text": ibis.cases(*cases)}
    return table.select("customer_id", **columns).order_by("customer_id")


def _scaled(feature: ir.FloatingColumn) -> ir.IntegerValue:
    """Return the whole number of the last decimals that a phrase shows."""
    factor, decimals = _FORMATS.get(feature.get_name(), _WHOLE)
    return (feature * float(factor * 10**decimals)).round().cast("int64")


def _phrase(
    scaled: ir.IntegerColumn, words: dict[str, Any], usual: list[float], language: Language
) -> ir.StringValue:
    name, figures = scaled.get_name(), Words("campaign", language)
    said = words[name]
    factor, decimals = _FORMATS.get(name, _WHOLE)
    before, after = "", PERCENT[language] if factor == 100 else ""
    if figures.unit(name) == ROUBLE:
        before, after = (ROUBLE, "") if language == "en" else ("", SPACE + ROUBLE)
    # What is compared is what is shown, else 4683 might be low where 4683–5172 is usual.
    low, high = (round(bound * factor * 10**decimals) for bound in usual)
    start = ibis.cases(
        (scaled < low, said["low"]), (scaled > high, said["high"]), else_=said["usual"]
    )
    value = scaled.cast("string")
    if high >= 1000 or figures.unit(name) == ROUBLE:
        value = group_thousands(scaled, "," if language == "en" else NARROW_SPACE)
    if decimals:
        whole, rest = (scaled / 10**decimals).floor().cast("int64"), scaled % 10**decimals
        value = whole.cast("string") + decimal(".", language) + rest.cast("string")
    ends = [figures.number(bound / 10**decimals, decimals) for bound in (low, high)]
    span = "–".join(dict.fromkeys(ends))
    value = ibis.coalesce(before + value + after, words["unknown"])
    return start + ": " + value + f", {words['usually']} {before}{span}{after}"


def group_thousands(number: ir.IntegerValue, mark: str) -> ir.StringValue:
    """Return a whole number from 0 on with a mark between thousands, as ``Words.number`` has it."""

    def last_three(digits: ir.IntegerValue) -> ir.StringValue:
        return mark + (digits % 1000 + 1000).cast("string").right(3)

    def without_last_three(digits: ir.IntegerValue) -> ir.IntegerValue:
        return (digits / 1000).floor().cast("int64")

    thousands = without_last_three(number)
    millions = without_last_three(thousands).cast("string") + last_three(thousands)
    return ibis.cases(
        (number < 1000, number.cast("string")),
        (number < 10**6, thousands.cast("string") + last_three(number)),
        else_=millions + last_three(number),
    )
