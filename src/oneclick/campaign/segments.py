"""Segments: probability of decline × profit, and who has declined already."""

import math
from typing import Any

import ibis
import ibis.expr.types as ir

from oneclick.campaign.conditions import all_hold
from oneclick.campaign.economics import ValueParameters, profit_at_stake
from oneclick.campaign.offers import OfferCatalogue
from oneclick.campaign.parameters import SegmentParameters
from oneclick.errors import OneclickError


def find_thresholds(
    customers: ir.Table,
    scores: ir.Table,
    parameters: SegmentParameters,
    catalogue: OfferCatalogue,
    value: ValueParameters,
) -> dict[str, Any]:
    """Return where the bands of probability and profit begin.

    ``offers_pay`` puts a threshold where the cheapest or the dearest offer of the catalogue begins
    to pay for a customer of median profit; 0.5 means nothing here. Who is at high risk does not
    depend on it: where the medium band would begin above the high one, there is none. The key
    ``offers_pay`` of the result says whether any offer pays for such a customer at all.

    Raises:
        OneclickError: If a customer has no probability.
    """
    asked = {"medium": parameters.medium_risk, "high": parameters.high_risk}
    table = customers.left_join(scores.select("customer_id", "p_decline"), "customer_id")
    quantiles = {
        name: table.p_decline.quantile(threshold.quantile)
        for name, threshold in asked.items()
        if threshold.quantile is not None
    }
    facts = table.aggregate(
        scored=table.p_decline.count(),
        customers=table.count(),
        profit=table.monthly_profit.median(),
        labels=table.declined.count(),
        **quantiles,
    )
    found = facts.execute().iloc[0]
    if lacking := int(found.customers - found.scored):
        raise OneclickError(
            f"decline_scores: {lacking} of {found.customers:.0f} customers have no probability of "
            "decline: they came with tables that were read since. Score them: "
            "kedro run, or kedro run --pipeline scoring for a month without a status."
        )
    stake = profit_at_stake(float(found.profit), value)
    result: dict[str, Any] = {}
    for name, threshold in asked.items():
        if threshold.quantile is not None:
            # Engines differ in the last digit; those who share the threshold are above it in all.
            result[f"p_{name}"] = math.floor(found[name] * 1e12) / 1e12
        else:
            offer = catalogue.measures[0 if threshold.offers_pay == "cheapest" else -1]
            result[f"p_{name}"] = min(offer.break_even(stake), 1.0)
    result["p_medium"] = min(result["p_medium"], result["p_high"])
    return result | {
        "offers_pay": any(offer.break_even(stake) <= 1 for offer in catalogue.measures),
        "profit_threshold_rub": parameters.profit_threshold_rub,
        "profit_unit_rub": value.profit_unit_rub,
        "labelled": bool(found.labels > 0),
    }


def assign_segments(
    customers: ir.Table,
    scores: ir.Table,
    thresholds: dict[str, Any],
    parameters: SegmentParameters,
) -> ir.Table:
    """Return one row per customer: bands, segment and whether the decline has happened already.

    A customer without a probability is in the low band of risk; one without a profit in the low
    band of profit (`Segments`).
    """
    scored = customers.left_join(scores.select("customer_id", "p_decline"), "customer_id")
    asked = sorted({condition.column for s in parameters.segments for condition in s.only})
    p, profit = scored.p_decline, scored.monthly_profit * thresholds["profit_unit_rub"]
    banded = scored.select(
        "customer_id",
        "p_decline",
        risk_band=ibis.cases(
            (p >= thresholds["p_high"], "high"),
            (p >= thresholds["p_medium"], "medium"),
            else_="low",
        ),
        profit_band=ibis.cases((profit >= thresholds["profit_threshold_rub"], "high"), else_="low"),
        declined=scored.declined,
        **{name: scored[name] for name in asked},
    )
    cell = []
    for one in parameters.segments:
        here = (banded.risk_band == one.risk) & (banded.profit_band == one.profit)
        cell.append((here & all_hold(banded, one.only), one.key))
    risk_group = ibis.cases(
        (banded.declined, "already_declined"),
        (banded.declined.isnull(), "unknown_status"),
        (banded.risk_band == "high", "early_warning"),
        else_="steady",
    )
    result = banded.mutate(segment=ibis.cases(*cell), risk_group=risk_group)
    return result.drop("declined", *asked).order_by("customer_id")
