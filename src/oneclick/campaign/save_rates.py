"""The share of declines that a campaign saved: measured, assumed before, and both together."""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pandas as pd

from oneclick.campaign.effects import DIGITS, parts_of
from oneclick.campaign.parameters import ReadoutParameters
from oneclick.texts import Language, load_texts

LEVELS = ("low", "median", "high")


def save_rate(
    declines_t: float, n_t: float, declines_c: float, n_c: float, *, alpha: float = 0.05
) -> tuple[float, float, float]:
    """Return the measured γ = 1 − r_T/r_C with its interval (log ratio, Katz et al. 1978).

    Each arm, treatment and control, has at least one decline; 1 − ``alpha`` is the coverage.
    """
    log_ratio, error = _log_risk_ratio(declines_t, n_t, declines_c, n_c)
    reach = NormalDist().inv_cdf(1 - alpha / 2) * error
    rate, low, high = 1 - np.exp(log_ratio + reach * np.array([0, 1, -1]))
    return rate, low, high


def _log_risk_ratio(
    declines_t: float, n_t: float, declines_c: float, n_c: float
) -> tuple[float, float]:
    ratio = (declines_t / n_t) / (declines_c / n_c)
    error = np.sqrt(1 / declines_t - 1 / n_t + 1 / declines_c - 1 / n_c)
    return float(np.log(ratio)), float(error)


def update_save_rate(
    prior: Sequence[float], declines_t: float, n_t: float, declines_c: float, n_c: float
) -> tuple[float, float, float]:
    """Return the 10, 50 and 90 % quantiles of γ after a campaign; ``prior`` are those before it.

    log(1 − γ) is the log risk ratio. Prior and measurement are normal there and are weighted by
    their precision, 1/variance (Gelman et al. 2013, section 2.5). The result lies within 0..1.
    """
    z = NormalDist().inv_cdf(0.9)
    low, median, high = np.log(np.maximum(1 - np.asarray(prior, dtype=float), 1e-9))
    spread = max(low - high, 1e-9) / (2 * z)
    measured, error = _log_risk_ratio(declines_t, n_t, declines_c, n_c)
    weight = error**2 / (error**2 + spread**2)  # of the prior
    middle = weight * median + (1 - weight) * measured
    reach = z * spread * np.sqrt(weight)
    low, median, high = np.clip(1 - np.exp(middle + reach * np.array([1, 0, -1])), 0, 1)
    return low, median, high


def measure_save_rates(
    cells: pd.DataFrame, offers: pd.DataFrame, parameters: ReadoutParameters, language: Language
) -> pd.DataFrame:
    """Return the save rate γ of the campaign and of each offer: measured, before, and together.

    ``offers`` is the catalogue that the campaign used (`OfferCatalogueTable`).

    Returns:
        Columns: scope, key, name, n_treatment, n_control, rate_treatment, rate_control; save_rate,
        save_rate_low, save_rate_high (the measurement alone and its interval); prior_low,
        prior_median, prior_high (10, 50 and 90 % before the campaign) and updated_low,
        updated_median, updated_high (the same after it, by ``update_save_rate``); enough, note.
    """
    words = load_texts("campaign", language)["readout"]
    priors = offers.set_index("offer_id")[[f"save_rate_{level}" for level in LEVELS]]
    names = {"offer": offer_names(offers)}
    declines = cells[cells["outcome"] == "declined"]
    rows = []
    for head, treatment, control in parts_of(declines, names, language):
        of_t, of_c = treatment.events, control.events
        enough = min(treatment.n, control.n) >= parameters.min_per_arm
        enough = enough and min(of_t, of_c) >= parameters.min_events
        rate = low = high = np.nan
        prior = updated = (np.nan,) * 3
        counts = of_t, treatment.n, of_c, control.n
        if head["scope"] == "offer":
            prior = tuple(priors.loc[head["key"]])
        if enough:
            rate, low, high = save_rate(*counts, alpha=parameters.alpha)
            updated = update_save_rate(prior, *counts)
        rows.append(
            head
            | {"n_treatment": int(treatment.n), "n_control": int(control.n)}
            | {"rate_treatment": treatment.y, "rate_control": control.y}
            | {"save_rate": rate, "save_rate_low": low, "save_rate_high": high}
            | {f"prior_{level}": x for level, x in zip(LEVELS, prior, strict=True)}
            | {f"updated_{level}": x for level, x in zip(LEVELS, updated, strict=True)}
            | {"enough": enough, "note": "" if enough else words["too_few_events"]}
        )
    return pd.DataFrame(rows).round(DIGITS)


def offer_names(offers: pd.DataFrame) -> dict[str, str]:
    """Return the name of each offer of a catalogue for people."""
    return dict(zip(offers["offer_id"], offers["offer_name"], strict=True))
