"""What people read: reasons per customer, importance, and one customer in full."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from shap import Explanation

    from oneclick.explain.margin import Contributions


def top_reasons(explanation: "Explanation | Contributions", n: int = 3) -> pd.DataFrame:
    """Return the strongest risk-raising contributions of each row.

    Args:
        explanation: Contributions, (rows, features).
        n: Reasons per row.

    Returns:
        One row per row of the explanation, in its order: ``reason_1``, ``contribution_1``, … with
        the feature's name and its positive contribution, strongest first, ties in column order;
        null where fewer features raise the risk.
    """
    values, features = np.asarray(explanation.values), explanation.feature_names
    names = np.array([*features, None], dtype=object)  # the last one: no reason
    values = np.pad(values, ((0, 0), (0, n)))  # as many as are asked for; nothing raises no risk
    order = np.argsort(-values, axis=1, kind="stable")
    table: dict[str, Any] = {}
    for place in range(n):
        contribution = values[np.arange(len(values)), order[:, place]]
        raises = contribution > 0
        reason = names[np.where(raises, order[:, place], -1)]
        table[f"reason_{place + 1}"] = pd.Series(reason, dtype="str")
        table[f"contribution_{place + 1}"] = np.where(raises, contribution, np.nan)
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
    table = pd.DataFrame(
        {
            "feature": explanation.feature_names,
            "value": explanation.data[0],
            "contribution": explanation.values[0],
        }
    )
    if explanation.scale.startswith("log-odds"):
        table["odds_times"] = np.exp(table["contribution"])
    table = table.sort_values("contribution", key=np.abs, ascending=False, kind="stable")
    table = table.reset_index(drop=True)
    start = float(explanation.base_values[0])
    if probability is None and hasattr(model, "predict_proba"):
        probability = float(model.predict_proba(row)[0, 1])
    table.attrs = {
        "scale": explanation.scale,
        "method": explanation.method,
        "start": start,
        "end": start + float(explanation.values[0].sum()),
        "p_decline": probability,
    }
    return table


def importance(explanation: "Explanation | Contributions") -> pd.DataFrame:
    """Return ``feature`` and ``mean_absolute`` contribution, the largest first."""
    size = np.abs(np.asarray(explanation.values)).mean(axis=0)
    order = np.argsort(-size, kind="stable")
    names = np.array(explanation.feature_names, dtype=object)
    return pd.DataFrame(
        {"feature": pd.Series(names[order], dtype="str"), "mean_absolute": size[order]}
    )
