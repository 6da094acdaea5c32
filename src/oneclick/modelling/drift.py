"""Whether the customers of today are still like those the model learned from."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from oneclick.modelling.parameters import Features

_BINS = 10
_EMPTY = 1e-4  # share that stands for an empty bin, else the index is infinite
_FAMILY_ERROR = 0.05  # of a month without drift: the chance that any column at all is told


def population_stability_index(expected: np.ndarray, actual: np.ndarray) -> float:
    """Return PSI = Σ (actual − expected) · ln(actual / expected) over shares of the same bins."""
    expected, actual = np.clip(expected, _EMPTY, None), np.clip(actual, _EMPTY, None)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def stability_threshold(bins: int, expected_size: int, actual_size: int, columns: int) -> float:
    """Return the PSI above which a column has moved, one of several that are looked at together.

    Without drift PSI / (1/n + 1/m) is nearly χ² with bins − 1 degrees of freedom (Yurdakul &
    Naranjo 2020), so the customary 0.1 and 0.25 mean nothing without the sizes. With sixteen
    columns at 5 % each, every second month would seem to drift; Bonferroni's bound (Dunn 1961)
    shares the 5 % out, so that all columns together raise a false alarm in about one month of
    twenty, however they depend on each other. (Holm 1979 finds a little more, but then a column's
    threshold depends on the others', and no single number can be told.)

    Args:
        bins: Of this column.
        expected_size: Customers of the reference.
        actual_size: Customers of today.
        columns: How many columns are compared.
    """
    level = 1 - _FAMILY_ERROR / columns
    return float(chi2.ppf(level, max(bins - 1, 1)) * (1 / expected_size + 1 / actual_size))


def describe_reference(frame: pd.DataFrame, p: np.ndarray, features: Features) -> dict[str, Any]:
    """Return what drift is measured against: bins and shares of each feature and of the score.

    Returns:
        ``size`` and ``columns``: per numeric column (and ``p_decline``) ``edges`` and ``shares``,
        per categorical column ``shares`` by value; ``missing`` is the share without a value.
    """
    columns: dict[str, Any] = {}
    for name in features.used_numeric:
        columns[name] = _describe_numbers(frame[name].to_numpy(float))
    columns["p_decline"] = _describe_numbers(p)
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
    return {
        "edges": [float(edge) for edge in edges],
        "shares": [float(share) for share in _shares(known, edges)],
        "missing": float(np.isnan(values).mean()),
    }


def _shares(known: np.ndarray, edges: np.ndarray) -> np.ndarray:
    counts = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return counts / max(len(known), 1)


def measure_drift(reference: dict[str, Any], frame: pd.DataFrame, p: np.ndarray) -> pd.DataFrame:
    """Return per feature, and for the score, how far today's customers are from the reference.

    Args:
        reference: What `describe_reference` returned at training.
        frame: Features of today's customers; a bounded sample of them is enough.
        p: Their probabilities.

    Returns:
        ``column``, ``psi``, ``threshold`` (of chance, for all columns together), ``drifted``,
        ``missing_before``, ``missing_now``; largest index first. Customers without a value are a
        bin of their own.
    """
    rows = []
    for name, before in reference["columns"].items():
        values = pd.Series(p) if name == "p_decline" else frame[name]
        missing_now = float(values.isna().mean())
        expected, actual = _compare_known(before, values.dropna())
        if before["missing"] or missing_now:
            expected = np.append(expected * (1 - before["missing"]), before["missing"])
            actual = np.append(actual * (1 - missing_now), missing_now)
        psi = population_stability_index(expected, actual)
        threshold = stability_threshold(
            len(expected), reference["size"], len(frame), len(reference["columns"])
        )
        rows.append(
            {
                "column": name,
                "psi": psi,
                "threshold": threshold,
                "drifted": psi > threshold,
                "missing_before": before["missing"],
                "missing_now": missing_now,
            }
        )
    return pd.DataFrame(rows).sort_values(["psi", "column"], ascending=[False, True])


def _compare_known(before: dict[str, Any], known: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of the same bins, or levels, before and now."""
    if "edges" in before:
        shares = _shares(known.to_numpy(float), np.array(before["edges"]))
        return np.array(before["shares"]), shares
    now = known.astype(str).value_counts(normalize=True)
    levels = sorted({*before["shares"], *now.index})
    expected = np.array([before["shares"].get(level, 0.0) for level in levels])
    return expected, now.reindex(levels, fill_value=0.0).to_numpy()
