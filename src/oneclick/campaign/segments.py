"""Segments: probability of decline × profit, and who has declined already."""

from typing import Any, Literal, Self

import ibis
import ibis.expr.types as ir
from pydantic import Field, model_validator

from oneclick.campaign.economics import ValueParameters, profit_at_stake
from oneclick.campaign.offers import OfferCatalogue, Wording
from oneclick.errors import OneclickError
from oneclick.parameters import Parameters

RiskBand = Literal["low", "medium", "high"]
ProfitBand = Literal["low", "high"]


class Threshold(Parameters):
    """Where a band of probability begins: a quantile of all customers, or where offers pay."""

    quantile: float | None = Field(default=None, gt=0, lt=1)
    offers_pay: Literal["cheapest", "dearest"] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.quantile is None) == (self.offers_pay is None):
            raise ValueError("give either quantile or offers_pay, not both and not neither")
        return self


class Segment(Parameters):
    """One cell of the grid of probability and profit, with its name for people."""

    key: str
    risk: RiskBand
    profit: ProfitBand
    name: Wording


class SegmentParameters(Parameters):
    """The grid of segments."""

    profit_threshold_rub: float
    """A customer with less profit a month, RUB, is in the low band."""
    medium_risk: Threshold
    high_risk: Threshold
    segments: tuple[Segment, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        cells = [(segment.risk, segment.profit) for segment in self.segments]
        keys = {segment.key for segment in self.segments}
        grid = {(risk, profit) for risk in ("low", "medium", "high") for profit in ("low", "high")}
        if set(cells) != grid or len(cells) != len(grid) or len(keys) != len(grid):
            raise ValueError(
                "segments: each of low, medium, high risk × low, high profit needs one segment "
                "with a key of its own"
            )
        return self

    def names(self, language: str) -> dict[str, str]:
        """Return the name of every segment by its key, in the order of the configuration."""
        return {segment.key: getattr(segment.name, language) for segment in self.segments}


def find_thresholds(
    customers: ir.Table,
    scores: ir.Table,
    parameters: SegmentParameters,
    catalogue: OfferCatalogue,
    value: ValueParameters,
) -> dict[str, Any]:
    """Return where the bands of probability and profit begin, and how that was found.

    ``offers_pay`` puts a threshold where the cheapest or the dearest offer of the catalogue begins
    to pay for a customer of median profit; 0.5 means nothing here.

    Raises:
        OneclickError: If no customer has a probability.
    """
    asked = {"medium": parameters.medium_risk, "high": parameters.high_risk}
    row = customers.join(scores.select("customer_id", "p_decline"), "customer_id").aggregate(
        scored=lambda t: t.p_decline.count(),
        profit=lambda t: t.monthly_profit.median(),
        labels=lambda t: t.declined.count() if "declined" in t.columns else ibis.literal(0),
        **{
            name: (lambda t, q=threshold.quantile: t.p_decline.quantile(q))
            for name, threshold in asked.items()
            if threshold.quantile is not None
        },
    )
    found = row.execute().iloc[0]
    if found.scored == 0:
        raise OneclickError(
            "decline_scores: no customer of `customers` has a probability of decline; "
            "the two tables are of different snapshots. Run `kedro run` for this snapshot first."
        )
    stake = profit_at_stake(float(found.profit), value)
    result: dict[str, Any] = {}
    for name, threshold in asked.items():
        if threshold.quantile is not None:
            result[f"p_{name}"], origin = float(found[name]), "quantile"
        else:
            result[f"p_{name}"], origin = _pays_from(catalogue, stake, threshold), "costs"
        result[f"p_{name}_origin"] = origin
    result["p_high"] = max(result["p_high"], result["p_medium"])
    return result | {
        "profit_threshold_rub": parameters.profit_threshold_rub,
        "profit_unit": value.profit_unit,
        "profit_unit_rub": value.profit_unit_rub,
        "labelled": bool(found.labels > 0),
    }


def _pays_from(catalogue: OfferCatalogue, stake: float, threshold: Threshold) -> float:
    offer = catalogue.measures[0 if threshold.offers_pay == "cheapest" else -1]
    return min(offer.break_even(stake), 1.0)


def assign_segments(
    customers: ir.Table,
    scores: ir.Table,
    thresholds: dict[str, Any],
    parameters: SegmentParameters,
) -> ir.Table:
    """Return one row per customer: bands, segment and whether the decline has happened already.

    A customer without a probability is in the low band of risk; one without a profit in the low
    band of profit.

    Columns: customer_id, p_decline, risk_band, profit_band, segment, risk_group.
    """
    scored = customers.left_join(scores.select("customer_id", "p_decline"), "customer_id")
    status = scored.declined if "declined" in customers.columns else ibis.null("boolean")
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
        declined=status.cast("boolean"),
    )
    cell = [
        ((banded.risk_band == s.risk) & (banded.profit_band == s.profit), s.key)
        for s in parameters.segments
    ]
    return (
        banded.mutate(
            segment=ibis.cases(*cell),
            risk_group=ibis.cases(
                (banded.declined, "already_declined"),
                (banded.declined.isnull(), "unknown_status"),
                (banded.risk_band == "high", "early_warning"),
                else_="steady",
            ),
        )
        .drop("declined")
        .order_by("customer_id")
    )
