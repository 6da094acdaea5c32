"""Whether the customers of today are still like those the model learned from."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, chi2_contingency, norm

from oneclick.modelling.parameters import Features

REFERENCE_FORMAT = 3  # raised whenever `describe_reference` describes something else
_BINS = 10
_EMPTY = 1e-4  # share that stands for an empty bin, else the index is infinite
_MISSING = -1  # the bin of customers without a value
_FAMILY_ERROR = 0.05  # of a month without drift: the chance that any column at all is told
_LEAST_EXPECTED = 5  # customers in a bin by chance; with fewer, χ² is no good guide (Cochran 1954)


Shares = np.ndarray | pd.Series


def population_stability_index(expected: Shares, actual: Shares) -> float:
    """Return PSI = Σ (actual − expected) · ln(actual / expected) over shares of the same bins."""
    return float(_stability_terms(expected, actual).sum())


def _stability_terms(expected: Shares, actual: Shares) -> Any:
    expected, actual = np.clip(expected, _EMPTY, None), np.clip(actual, _EMPTY, None)
    return (actual - expected) * np.log(actual / expected)


def chance_of_difference(before: Shares, now: Shares) -> float:
    """Return how likely two samples of one population differ as much as these counts by bin.

    Pearson's χ² test of homogeneity (1900). Bins in which fewer than five customers of the smaller
    sample are to be expected after the larger one count as one. Where no two bins are left,
    customers are too few to tell: the chance is unknown (NaN).
    """
    counts = np.column_stack([before, now])
    counts = counts[counts.sum(axis=1) > 0]
    totals = counts.sum(axis=0)
    larger = int(totals[1] > totals[0])
    counts = counts[np.argsort(counts[:, larger], kind="stable")]
    # Not after both samples: bins would then be kept because the smaller one is large there.
    expected = counts[:, larger] * (totals.min() / totals[larger])
    few = (expected < _LEAST_EXPECTED) | (np.cumsum(expected) - expected < _LEAST_EXPECTED)
    pooled = np.vstack([counts[few].sum(axis=0), counts[~few]])
    if len(pooled) == 1 < len(counts):
        return float("nan")
    return float(chi2_contingency(pooled, correction=False).pvalue)


def shift_would_show(psi: float, before: int, now: int, columns: int) -> bool:
    """Return whether a shift of this index in one of so many columns would be beyond chance.

    Where customers have not changed, PSI / (1/before + 1/now) is about χ² with a degree of freedom
    less than bins (Yurdakul 2018). It is taken for a column of ten bins, and with the share of the
    5 % that `measure_drift` gives each column; a shift of just this size shows in half the months.
    """
    chance = chi2.sf(psi / (1 / before + 1 / max(now, 1)), _BINS - 1)
    return bool(chance * columns < _FAMILY_ERROR)


def describe_reference(
    frame: pd.DataFrame, p: np.ndarray, in_sample: np.ndarray, features: Features
) -> dict[str, Any]:
    """Return what drift is measured against: bins and shares of each feature, and the mean score.

    ``p`` are the out-of-fold probabilities of the customers in ``frame``, ``in_sample`` those by
    the model that was fitted to them.

    Returns:
        ``size``; ``p_decline``: its ``mean`` and that ``in_sample``; ``columns``: per numeric
        column ``edges``, ``shares`` and ``median``, per categorical column ``shares`` by value;
        ``missing`` is the share without a value.
    """
    columns = {name: _describe_numbers(frame[name].to_numpy(float))
               for name in features.used_numeric}  # fmt: skip
    for name in features.used_categorical:
        shares = frame[name].value_counts(normalize=True).sort_index()
        columns[name] = {
            "shares": {str(key): float(value) for key, value in shares.items()},
            "missing": float(frame[name].isna().mean()),
        }
    score = {"mean": float(p.mean()), "in_sample": float(in_sample.mean())}
    return {"size": len(frame), "p_decline": score, "columns": columns}


def _describe_numbers(values: np.ndarray) -> dict[str, Any]:
    known = values[~np.isnan(values)]
    quantiles = np.quantile(known, np.arange(1, _BINS) / _BINS) if len(known) else known
    edges = np.unique(quantiles)
    counts = np.bincount(np.searchsorted(edges, known), minlength=len(edges) + 1)
    return {
        "edges": edges.tolist(),
        "shares": (counts / max(len(known), 1)).tolist(),
        "median": float(np.median(known)) if len(known) else None,
        "missing": float(np.isnan(values).mean()),
    }


def measure_drift(
    reference: dict[str, Any], frame: pd.DataFrame, p: np.ndarray, known: float
) -> pd.DataFrame:
    """Return per feature, and for the score, how far today's customers are from the reference.

    A bounded sample of today's customers is enough; ``known`` is the share of them that the model
    learned from. With sixteen columns at 5 % each, every second month would seem to drift;
    Bonferroni's bound (Dunn 1961) shares the 5 % out, so that all columns together raise a false
    alarm in about one month of twenty, however they depend on each other.

    Returns:
        ``column``, ``psi`` (none of the score), ``p_value`` (of chance, times the columns; NaN
        where customers are too few), ``drifted``, and what changed most: ``change`` is ``missing``
        (the share without a value), ``median``, ``mean`` or ``level`` (the share of that
        ``level``), ``before`` and ``now`` its figures. Largest index first, the score last.
        Customers without a value are a bin of their own.
    """
    rows = [_compare_scores(reference, p, known)]
    for name, before in reference["columns"].items():
        shares = _compare_shares(before, frame[name])
        chance = chance_of_difference(
            shares["before"] * reference["size"], shares["now"] * len(frame)
        )
        psi = population_stability_index(shares["before"], shares["now"])
        moved = {"column": name, "psi": psi, "p_value": chance}
        rows.append(moved | _find_change(before, frame[name].dropna(), shares))
    table = pd.DataFrame(rows)
    p_value = (table["p_value"] * len(table)).clip(upper=1)
    table = table.assign(p_value=p_value, drifted=p_value < _FAMILY_ERROR)
    return table.sort_values(["psi", "column"], ascending=[False, True])


def _compare_scores(reference: dict[str, Any], p: np.ndarray, known: float) -> dict[str, Any]:
    """Compare the mean score with the reference's by a z-test.

    The model is too sure of customers that it learned from, the less so the more they have changed
    since, and no score out of fold is its own: so scores' bins differ without drift, and only the
    mean is compared. For known customers it may lie anywhere between those out of fold and in
    sample. It is as uncertain as a share of decliners, since from such a one the model learned it.
    """
    score = reference["p_decline"]
    in_sample = score["mean"] + known * (score["in_sample"] - score["mean"])
    now = float(p.mean())
    before = float(np.clip(now, *sorted((score["mean"], in_sample))))
    error = np.sqrt(score["mean"] * (1 - score["mean"]) * (1 / reference["size"] + 1 / len(p)))
    chance = float(2 * norm.sf(abs(now - before) / error))
    moved = {"column": "p_decline", "psi": float("nan"), "p_value": chance}
    return moved | {"change": "mean", "level": None, "before": before, "now": now}


def _compare_shares(before: dict[str, Any], values: pd.Series) -> pd.DataFrame:
    """Return the shares ``before`` and ``now`` of bins or levels, and of those without a value."""
    found = values.dropna()
    if "edges" in before:
        found = pd.Series(np.searchsorted(before["edges"], found.astype(float)))
    else:
        found = found.astype(str)
    now = found.value_counts(normalize=True)
    shares = pd.DataFrame({"before": pd.Series(before["shares"], dtype=float), "now": now})
    shares = shares.fillna(0.0).sort_index()
    missing = {"before": before["missing"], "now": float(values.isna().mean())}
    if any(missing.values()):
        shares *= 1 - pd.Series(missing)
        shares.loc[_MISSING] = missing
    return shares


def _find_change(before: dict[str, Any], known: pd.Series, shares: pd.DataFrame) -> dict[str, Any]:
    terms = _stability_terms(shares["before"], shares["now"])
    if terms.get(_MISSING, 0.0) > terms.sum() / 2 or known.empty or before["missing"] == 1:
        return {"change": "missing", "level": None, **shares.loc[_MISSING]}
    if "edges" in before:
        now = float(known.median())
        return {"change": "median", "level": None, "before": before["median"], "now": now}
    level = str(terms.drop(_MISSING, errors="ignore").idxmax())
    return {"change": "level", "level": level, **shares.loc[level]}
