"""What sets each segment apart from the rest, and which measures suit it."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from oneclick.campaign.conditions import all_hold, indicators_in
from oneclick.campaign.economics import ValueParameters, profit_at_stake
from oneclick.campaign.intervals import Z95, share_difference, standardised_difference
from oneclick.campaign.offers import OfferCatalogue
from oneclick.campaign.parameters import SegmentParameters
from oneclick.modelling.significance import SIGNIFICANT, holm
from oneclick.texts import Language

_PROFILE = (
    *("segment", "feature", "level", "kind", "n_segment", "n_rest", "value_segment", "value_rest"),
    *("effect", "effect_low", "effect_high"),
)
_MEASURE = ("segment", "offer_id", "offer_name", "difference", "difference_low", "difference_high")
_MOMENTS = ("n", "mean", "var")
_DIGITS = 6  # hides the order in which an engine adds floating-point numbers


def _joined(customers: ir.Table, segments: ir.Table) -> ir.Table:
    return customers.join(segments.select("customer_id", "segment"), "customer_id")


def _with_names(
    table: pd.DataFrame, names: dict[str, str], how: Literal["inner", "left"] = "inner"
) -> pd.DataFrame:
    """Put position, key and name of the segment first, by position; ``left`` adds empty ones."""
    head = pd.DataFrame(names.items(), columns=["segment", "segment_name"])
    head.insert(0, "position", range(len(head)))
    return head.merge(table, on="segment", how=how, validate="one_to_many")


def _beyond_chance(effect: pd.Series, low: pd.Series, high: pd.Series) -> np.ndarray:
    """Return which of a table's differences are beyond chance, corrected for their number (Holm).

    Each is taken as normal with the error that its 95 % interval has towards zero. Uncorrected,
    three of five reports would recommend a measure to segments drawn by lot.
    """
    reach = (effect - low).where(effect > 0, high - effect)
    # Not scipy's: loading it would take a tenth of a short run.
    one_sided = (-Z95 * effect.abs() / reach).map(NormalDist().cdf)
    return holm(2 * one_sided) < SIGNIFICANT


def summarise_segments(
    customers: ir.Table,
    segments: ir.Table,
    thresholds: dict[str, Any],
    parameters: SegmentParameters,
    value: ValueParameters,
    language: Language,
) -> pd.DataFrame:
    """Return one row per segment of the configuration, customers or not (`SegmentSummary`)."""
    told = customers.select("customer_id", "allows_contact", "monthly_profit")
    table = told.join(segments, "customer_id")
    found = table.group_by("segment").aggregate(
        customers=table.count(),
        mean_p_decline=table.p_decline.mean(),
        already_declined=(table.risk_group == "already_declined").sum(),
        early_warning=(table.risk_group == "early_warning").sum(),
        consented=ibis.coalesce(table.allows_contact, False).sum(),
        mean_profit=table.monthly_profit.mean() * value.profit_unit_rub,
        profit_at_stake=(table.p_decline * profit_at_stake(table.monthly_profit, value)).sum(),
    )
    counts = ("customers", "already_declined", "early_warning", "consented")
    result = _with_names(found.execute(), parameters.names(language), "left")
    result = result.fillna({**dict.fromkeys(counts, 0), "profit_at_stake": 0.0})
    result = result.astype(dict.fromkeys(counts, "int64"))
    result = result.round({"profit_at_stake": 2, "mean_p_decline": _DIGITS, "mean_profit": _DIGITS})
    result.insert(3, "risk_band", [segment.risk for segment in parameters.segments])
    result.insert(4, "profit_band", [segment.profit for segment in parameters.segments])
    result.insert(6, "share", result["customers"] / max(result["customers"].sum(), 1))
    declined = result["already_declined"] if thresholds["labelled"] else pd.NA
    result.insert(8, "declined", pd.Series(declined, index=result.index, dtype="Int64"))
    return result


def profile_segments(
    customers: ir.Table, segments: ir.Table, parameters: SegmentParameters, language: Language
) -> pd.DataFrame:
    """Return every segment against all the rest, feature by feature, with effect sizes.

    Numbers are compared by the standardised mean difference, the values of a text column by the
    difference of their shares (`SegmentProfiles`).
    """
    table = _joined(customers, segments)
    rows = []
    numbers, texts = indicators_in(customers)
    features = (*numbers, "monthly_profit")
    moments = _moments(table, features)
    for feature in features:
        rows += _number_rows(feature, moments[[f"{feature} {name}" for name in _MOMENTS]])
    counts = table.group_by("segment", *texts).aggregate(n=table.count()).execute()
    for feature in texts:
        crossed = counts.pivot_table(
            index="segment", columns=feature, values="n", fill_value=0, aggfunc="sum"
        )
        rows += _level_rows(feature, crossed)
    result = pd.DataFrame(rows, columns=_PROFILE)
    result["distinct"] = _beyond_chance(*(result[f"effect{end}"] for end in ("", "_low", "_high")))
    result = _with_names(result, parameters.names(language))
    result["size"] = -result["effect"].abs().fillna(0)
    result["order"] = result["kind"] != "numeric"
    by = ["position", "order", "size", "feature", "level"]
    result = result.sort_values(by, ignore_index=True).drop(columns=["size", "order"])
    return result.round(_DIGITS)


def _moments(table: ir.Table, features: Sequence[str]) -> pd.DataFrame:
    """Return n, mean and variance of one feature after the other by segment."""
    measures: dict[str, ir.Value] = {}
    for feature in features:
        column = table[feature]
        moments = column.count(), column.mean(), column.var(how="sample")
        measures |= {f"{feature} {n}": moment for n, moment in zip(_MOMENTS, moments, strict=True)}
    found = table.group_by("segment").aggregate(**measures).execute()
    return found.set_index("segment").sort_index().astype(float)


def _number_rows(feature: str, moments: pd.DataFrame) -> list[tuple]:
    rows = []
    groups = moments.to_numpy()
    for place, segment in enumerate(moments.index):
        n1, mean1, var1 = groups[place]
        n2, mean2, var2 = _pooled(np.delete(groups, place, axis=0))
        effect = standardised_difference(n1, mean1, var1, n2, mean2, var2)
        compared = (int(n1), int(n2), mean1, mean2, *effect)
        rows.append((segment, feature, None, "numeric", *compared))
    return rows


def _pooled(moments: np.ndarray) -> tuple[float, float, float]:
    """Return n, mean and variance of several groups together from those of each, (groups, 3)."""
    n, mean, var = moments[moments[:, 0] > 0].T
    total = n.sum()
    if total == 0:
        return 0.0, np.nan, np.nan
    whole = (n * mean).sum() / total
    within = ((n - 1) * np.nan_to_num(var)).sum()
    between = (n * (mean - whole) ** 2).sum()
    return total, whole, (within + between) / (total - 1) if total > 1 else np.nan


def _level_rows(feature: str, counts: pd.DataFrame) -> list[tuple]:
    rows = []
    for segment in counts.index:
        inside, rest = counts.loc[segment], counts.drop(index=segment).sum()
        n1, n2 = inside.sum(), rest.sum()
        for level in counts.columns:
            effect = share_difference(inside[level], n1, rest[level], n2)
            share1, share2 = inside[level] / n1, rest[level] / n2 if n2 else np.nan
            compared = (int(n1), int(n2), share1, share2, *effect)
            rows.append((segment, feature, level, "level", *compared))
    return rows


def match_measures(
    customers: ir.Table,
    segments: ir.Table,
    parameters: SegmentParameters,
    catalogue: OfferCatalogue,
    language: Language,
) -> pd.DataFrame:
    """Return how well each measure's conditions fit each segment, and which to recommend.

    A measure is recommended where its conditions hold more often in the segment than in the rest,
    beyond chance (`SegmentMeasures`).
    """
    table = _joined(customers, segments)
    suited = {o.id: all_hold(table, o.suits).cast("int64").sum() for o in catalogue.measures}
    counts = table.group_by("segment").aggregate(size=table.count(), **suited).execute()
    counts = counts.set_index("segment")
    total = counts.sum()
    rows = []
    for segment, inside in counts.iterrows():
        for key, name in catalogue.names(language).items():
            k1, n1 = inside[key], inside["size"]
            k2, n2 = total[key] - k1, total["size"] - n1
            rows.append((segment, key, name, *share_difference(k1, n1, k2, n2)))
    found = pd.DataFrame(rows, columns=_MEASURE)
    ends = (found[f"difference{end}"] for end in ("", "_low", "_high"))
    found["recommended"] = _beyond_chance(*ends) & (found["difference"] > 0)
    result = _with_names(found, parameters.names(language))
    best = result["difference"].where(result["recommended"])
    result["rank"] = best.groupby(result["segment"]).rank(ascending=False, method="first")
    by = ["position", "difference", "offer_id"]
    result = result.sort_values(by, ascending=[True, False, True], ignore_index=True)
    return result.round(_DIGITS).astype({"rank": "Int64"})
