"""Whether the customers of today are still like those the model learned from."""

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2

from oneclick.modelling.parameters import Features

_BINS = 10
_EMPTY = 1e-4  # share that stands for an empty bin, else the index is infinite


def population_stability_index(expected: np.ndarray, actual: np.ndarray) -> float:
    """Return PSI = Σ (actual − expected) · ln(actual / expected) over shares of the same bins."""
    expected, actual = np.clip(expected, _EMPTY, None), np.clip(actual, _EMPTY, None)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def stability_threshold(bins: int, expected_size: int, actual_size: int) -> float:
    """Return the PSI that customers drawn from the same population exceed once in a hundred times.

    Without drift PSI / (1/n + 1/m) is nearly χ² with bins − 1 degrees of freedom (Yurdakul &
    Naranjo 2020), so the customary 0.1 and 0.25 mean nothing without the sizes.
    """
    return float(chi2.ppf(0.99, max(bins - 1, 1)) * (1 / expected_size + 1 / actual_size))


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
        ``column``, ``psi``, ``threshold`` (of chance at these sizes), ``drifted``,
        ``missing_before``, ``missing_now``; largest index first.
    """
    rows = []
    for name, before in reference["columns"].items():
        values = pd.Series(p) if name == "p_decline" else frame[name]
        if "edges" in before:
            numbers = values.to_numpy(float)
            expected = np.array(before["shares"])
            actual = _shares(numbers[~np.isnan(numbers)], np.array(before["edges"]))
        else:
            levels = sorted({*before["shares"], *map(str, values.dropna().unique())})
            now = values.dropna().astype(str).value_counts(normalize=True)
            expected = np.array([before["shares"].get(level, 0.0) for level in levels])
            actual = now.reindex(levels, fill_value=0.0).to_numpy()
        psi = population_stability_index(expected, actual)
        threshold = stability_threshold(len(expected), reference["size"], len(frame))
        rows.append(
            {
                "column": name,
                "psi": psi,
                "threshold": threshold,
                "drifted": psi > threshold,
                "missing_before": before["missing"],
                "missing_now": float(values.isna().mean()),
            }
        )
    return pd.DataFrame(rows).sort_values(["psi", "column"], ascending=[False, True])
