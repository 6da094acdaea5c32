"""What people read: reasons per customer, importance, and one customer in full."""

from typing import Any

import numpy as np
import pandas as pd

from oneclick.explain.margin import Contributions, contributions


def top_reasons(explanation: Contributions, n: int = 3) -> pd.DataFrame:
    """Return the ``n`` strongest risk-raising contributions of each row.

    Returns:
        One row per row of the explanation, in its order: ``reason_1``, ``contribution_1``, … with
        the feature's name and its positive contribution, strongest first, ties in column order;
        null where fewer features raise the risk.
    """
    values = np.pad(explanation.values, ((0, 0), (0, n)))  # nothing raises no risk, and there are n
    names = np.array([*explanation.feature_names, *[None] * n], dtype=object)
    order = np.argsort(-values, axis=1, kind="stable")[:, :n]
    strongest = np.take_along_axis(values, order, axis=1)
    table: dict[str, Any] = {}
    for place in range(n):
        contribution = strongest[:, place]
        raises = contribution > 0
        reason = pd.Series(names[order[:, place]], dtype="str")
        table[f"reason_{place + 1}"] = reason.where(raises)
        table[f"contribution_{place + 1}"] = np.where(raises, contribution, np.nan)
    return pd.DataFrame(table)


def explain_customer(model: Any, row: pd.DataFrame, background: pd.DataFrame) -> pd.DataFrame:
    """Explain one customer, the one ``row``, in a small table; see `contributions`.

    Returns:
        ``feature``, ``value``, ``contribution`` and, where the scale is log-odds, ``odds_times``
        (exp of the contribution), strongest effect first. ``attrs`` holds ``scale``, ``method``,
        ``start`` (mean of the background), ``end`` (the customer) and ``p_decline``, the
        model's own; what is published of a customer in training is out of fold.

    Raises:
        ValueError: ``row`` has other than one row.
        OneclickError: The model cannot be explained.
    """
    if len(row) != 1:
        raise ValueError(f"one customer is one row, got {len(row)}")
    explanation = contributions(model, row, background)
    table = pd.DataFrame(
        {
            "feature": explanation.feature_names,
            "value": explanation.data[0],
            "contribution": explanation.values[0],
        }
    )
    if explanation.scale.startswith("log-odds"):
        table["odds_times"] = np.exp(table["contribution"])
    table = table.sort_values(
        "contribution", key=np.abs, ascending=False, kind="stable", ignore_index=True
    )
    start = explanation.base
    table.attrs = {
        "scale": explanation.scale,
        "method": explanation.method,
        "start": start,
        "end": start + float(explanation.values[0].sum()),
        "p_decline": float(model.predict_proba(row)[0, 1]),
    }
    return table


def importance(explanation: Contributions) -> pd.DataFrame:
    """Return ``feature`` and ``mean_absolute`` contribution, the largest first."""
    size = np.abs(explanation.values).mean(axis=0)
    table = pd.DataFrame({"feature": explanation.feature_names, "mean_absolute": size})
    return table.sort_values("mean_absolute", ascending=False, kind="stable", ignore_index=True)
