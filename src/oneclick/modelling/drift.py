"""Whether the customers of today are still like those the model learned from."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from oneclick.modelling.parameters import Features

REFERENCE_FORMAT = 2  # raised whenever `describe_reference` describes something else
_BINS = 10
_EMPTY = 1e-4  # share that stands for an empty bin, else the index is infinite
_MISSING = -1  # the bin of customers without a value
_FAMILY_ERROR = 0.05  # of a month without drift: the chance that any column at all is told


Shares = np.ndarray | pd.Series


def population_stability_index(expected: Shares, actual: Shares) -> float:
    """Return PSI = Σ (actual − expected) · ln(actual / expected) over shares of the same bins."""
    return float(_stability_terms(expected, actual).sum())


def _stability_terms(expected: Shares, actual: Shares) -> Any:
    expected, actual = np.clip(expected, _EMPTY, None), np.clip(actual, _EMPTY, None)
    return (actual - expected) * np.log(actual / expected)


def stability_threshold(bins: int, expected_size: int, actual_size: int, columns: int) -> float:
    """Return the PSI above which a column has moved, one of several that are looked at together.

    Without drift PSI / (1/n + 1/m) is nearly χ² with bins − 1 degrees of freedom (Yurdakul &
    Naranjo 2020), so the customary 0.1 and 0.25 mean nothing without the sizes. With sixteen
    columns at 5 % each, every second month would seem to drift; Bonferroni's bound (Dunn 1961)
    shares the 5 % out, so that all columns together raise a false alarm in about one month of
    twenty, however they depend on each other. (Holm 1979 finds a little more, but then a column's
    threshold depends on the others', and no single number can be told.)
    """
    level = 1 - _FAMILY_ERROR / columns
    return float(chi2.ppf(level, max(bins - 1, 1)) * (1 / expected_size + 1 / actual_size))


def describe_reference(frame: pd.DataFrame, p: np.ndarray, features: Features) -> dict[str, Any]:
    """Return what drift is measured against: bins and shares of each feature and of the score.

    Returns:
        ``size`` and ``columns``: per numeric column (and ``p_decline``) ``edges``, ``shares`` and
        ``median``, per categorical column ``shares`` by value; ``missing`` is the share without a
        value.
    """
    numbers = {name: frame[name].to_numpy(float) for name in features.used_numeric}
    columns = {name: _describe_numbers(each) for name, each in (numbers | {"p_decline": p}).items()}
    for name in features.used_categorical:
        shares = frame[name].value_counts(normalize=True).sort_index()
        columns[name] = {
            "shares": {str(key): float(value) for key, value in shares.items()},
            "missing": float(frame[name].isna().mean()),
        }
    return {"size": len(frame), "columns": columns}


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


def measure_drift(reference: dict[str, Any], frame: pd.DataFrame, p: np.ndarray) -> pd.DataFrame:
    """Return per feature, and for the score, how far today's customers are from the reference.

    A bounded sample of today's customers is enough.

    Returns:
        ``column``, ``psi``, ``threshold`` (of chance, for all columns together), ``drifted``,
        and what changed most: ``change`` is ``missing`` (the share without a value), ``median`` or
        ``level`` (the share of that ``level``), ``before`` and ``now`` its figures. Largest index
        first. Customers without a value are a bin of their own.
    """
    rows = []
    size, columns = reference["size"], reference["columns"]
    for name, before in columns.items():
        values = pd.Series(p) if name == "p_decline" else frame[name]
        shares = _compare_shares(before, values)
        psi = population_stability_index(shares["before"], shares["now"])
        threshold = stability_threshold(len(shares), size, len(frame), len(columns))
        moved = {"column": name, "psi": psi, "threshold": threshold, "drifted": psi > threshold}
        rows.append(moved | _find_change(before, values.dropna(), shares))
    return pd.DataFrame(rows).sort_values(["psi", "column"], ascending=[False, True])


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
