"""What people read: reasons per customer, importance, and bounded points for charts."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from shap import Explanation


def top_reasons(explanation: "Explanation", n: int = 3) -> pd.DataFrame:
    """Return the strongest risk-raising contributions of each row.

    Args:
        explanation: Contributions, (rows, features).
        n: Reasons per row.

    Returns:
        One row per row of the explanation, in its order: ``reason_1``, ``contribution_1``, … with
        the feature's name and its positive contribution, strongest first, ties in column order;
        null where fewer features raise the risk.
    """
    return strongest(np.asarray(explanation.values), list(explanation.feature_names), n)


def strongest(values: np.ndarray, features: list[str], n: int) -> pd.DataFrame:
    """Return what `top_reasons` does, of contributions (rows, features)."""
    names = np.array([*features, None], dtype=object)  # the last one: no reason
    order = np.argsort(-values, axis=1, kind="stable")
    table: dict[str, Any] = {}
    for place in range(n):
        chosen = order[:, place] if place < values.shape[1] else np.zeros(len(values), dtype=int)
        contribution = values[np.arange(len(values)), chosen]
        raises = (contribution > 0) & (place < values.shape[1])
        reason = names[np.where(raises, chosen, -1)]
        contribution = np.where(raises, contribution, np.nan)
        table[f"reason_{place + 1}"] = pd.Series(reason, dtype="str")
        table[f"contribution_{place + 1}"] = contribution
    return pd.DataFrame(table)


def explain_customer(
    model: Any, row: pd.DataFrame, background: pd.DataFrame, probability: float | None = None
) -> pd.DataFrame:
    """Explain one customer in a small table.

    Args:
        model: Fitted pipeline, or one sigmoid calibration of it.
        row: Frame of this one customer.
        background: Rows to compare with.
        probability: The published probability, if it is not the model's own (out of fold).

    Returns:
        ``feature``, ``value``, ``contribution`` and, where the scale is log-odds, ``odds_times``
        (exp of the contribution), strongest effect first. ``attrs`` holds ``scale``, ``method``,
        ``start`` (mean of the background), ``end`` (the customer) and ``p_decline``.

    Raises:
        ValueError: ``row`` has other than one row.
        OneclickError: The model cannot be explained.
    """
    from oneclick.explain.margin import explain_margin

    if len(row) != 1:
        raise ValueError(f"one customer is one row, got {len(row)}")
    explanation = explain_margin(model, row, background)
    contribution = np.asarray(explanation.values)[0]
    table = pd.DataFrame(
        {
            "feature": list(explanation.feature_names),
            "value": np.asarray(explanation.data)[0],
            "contribution": contribution,
        }
    )
    if explanation.scale.startswith("log-odds"):
        table["odds_times"] = np.exp(contribution)
    strongest = np.argsort(-np.abs(contribution), kind="stable")
    table = table.iloc[strongest].reset_index(drop=True)
    start = float(explanation.base_values[0])
    if probability is None and hasattr(model, "predict_proba"):
        probability = float(model.predict_proba(row)[0, 1])
    table.attrs = {
        "scale": explanation.scale,
        "method": explanation.method,
        "start": start,
        "end": start + float(contribution.sum()),
        "p_decline": probability,
    }
    return table


def importance(explanation: "Explanation") -> pd.DataFrame:
    """Return ``feature`` and ``mean_abs_contribution``, the largest first, ties in column order."""
    size = np.abs(np.asarray(explanation.values)).mean(axis=0)
    order = np.argsort(-size, kind="stable")
    names = np.array(explanation.feature_names, dtype=object)
    return pd.DataFrame(
        {"feature": pd.Series(names[order], dtype="str"), "mean_abs_contribution": size[order]}
    )


def beeswarm_points(explanation: "Explanation", max_points: int, seed: int) -> pd.DataFrame:
    """Return points of a beeswarm: at most ``max_points`` customers, the same for all features.

    Args:
        explanation: Contributions with the original values.
        max_points: Most customers to draw.
        seed: Seed of the choice of customers.

    Returns:
        ``feature`` (by importance), ``contribution``, and ``relative_value``: rank of the value
        among all explained customers, 0..1; null for text and missing values.
    """
    chosen = _choose(len(explanation.values), max_points, seed)
    names = list(explanation.feature_names)
    parts = []
    for feature in importance(explanation)["feature"]:
        column = names.index(feature)
        values = _numbers(np.asarray(explanation.data)[:, column])
        rank = values.rank(method="average")
        spread = (rank - rank.min()) / max(rank.max() - rank.min(), 1)
        parts.append(
            pd.DataFrame(
                {
                    "feature": feature,
                    "contribution": np.asarray(explanation.values)[chosen, column],
                    "relative_value": spread.to_numpy()[chosen],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def dependence_points(
    explanation: "Explanation",
    feature: str,
    max_points: int,
    seed: int,
    colour_by: str | None = None,
) -> pd.DataFrame:
    """Return ``value`` and ``contribution`` of one feature for at most ``max_points`` customers.

    Args:
        explanation: Contributions with the original values.
        feature: The feature of both axes.
        max_points: Most customers to draw.
        seed: Seed of the choice of customers.
        colour_by: A second feature whose value is added as ``colour_value``.
    """
    chosen = _choose(len(explanation.values), max_points, seed)
    names = list(explanation.feature_names)
    data = np.asarray(explanation.data)
    points = {
        "value": data[chosen, names.index(feature)],
        "contribution": np.asarray(explanation.values)[chosen, names.index(feature)],
    }
    if colour_by is not None:
        points["colour_value"] = data[chosen, names.index(colour_by)]
    return pd.DataFrame(points).infer_objects()


def _choose(rows: int, most: int, seed: int) -> np.ndarray:
    if rows <= most:
        return np.arange(rows)
    return np.sort(np.random.default_rng(seed).choice(rows, most, replace=False))


def _numbers(values: np.ndarray) -> pd.Series:
    column = pd.Series(values).infer_objects()
    if pd.api.types.is_numeric_dtype(column):
        return column.astype(float)
    return pd.Series(np.nan, index=column.index)
