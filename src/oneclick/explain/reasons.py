"""The champion explained: bounded tables for figures, and reasons for every customer."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from oneclick.explain.margin import (
    Contributions,
    contributions,
    contributions_fast,
    distance_between,
)
from oneclick.explain.summaries import top_reasons
from oneclick.modelling.estimators import has_product_kernel
from oneclick.modelling.features import as_model_frame
from oneclick.modelling.parameters import Explaining, Features
from oneclick.modelling.scoring import fitted_pipeline

_CHUNK = 10_000  # customers explained at a time
_REASONS = 3
_FIELDS = {"reason": pa.string(), "contribution": pa.float64()}
REASONS_SCHEMA = pa.schema(
    [("customer_id", pa.int64())]
    + [(f"{name}_{place}", kind) for place in (1, 2, 3) for name, kind in _FIELDS.items()]
)


def draw_explained(training_set: pd.DataFrame, most: int, seed: int) -> np.ndarray:
    """Return the positions of the training customers to explain, all of them if not too many.

    They are their own background, so an average customer's contributions add up to about zero.
    """
    if len(training_set) <= most:
        return np.arange(len(training_set))
    return np.sort(np.random.default_rng(seed).choice(len(training_set), most, replace=False))


def tabulate_points(explanation: Contributions, most: int, seed: int) -> pd.DataFrame:
    """Return contributions of at most ``most`` customers in random order (`ExplanationPoints`)."""
    random = np.random.default_rng(seed)
    contributions = np.asarray(explanation.values)
    chosen = random.permutation(len(contributions))[:most]
    parts = []
    for column, feature in enumerate(explanation.feature_names):
        numbers, levels = _as_numbers(explanation.data[chosen, column])
        parts.append(
            pd.DataFrame(
                {
                    "point": np.arange(len(chosen)),
                    "feature": feature,
                    "value": numbers,
                    "level": levels,
                    "contribution": contributions[chosen, column],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _as_numbers(values: np.ndarray) -> tuple[pd.Series, pd.Series]:
    numbers = pd.to_numeric(pd.Series(values), errors="coerce").astype("float64")
    is_text = pd.Series([isinstance(value, str) for value in values])
    return numbers.mask(is_text), pd.Series(values, dtype="str").where(is_text)


def tabulate_examples(
    explanation: Contributions, explained: pd.DataFrame, p: np.ndarray
) -> pd.DataFrame:
    """Return three customers worth a look, feature by feature and without their ids.

    They are ``early_warning`` (steady so far, highest probability at a profit above the median),
    ``already_declined`` (highest profit of the likely decliners) and ``safe`` (least probability
    at a profit above the median), as `WorkedExamples` has them.

    Args:
        explanation: Contributions of the explained customers.
        explained: Their ``declined``, ``monthly_profit`` and features.
        p: Their published probabilities.
    """
    contributions = np.asarray(explanation.values)
    declined = explained["declined"].to_numpy(bool)
    profit = explained["monthly_profit"].to_numpy(float)
    good = profit > np.nanmedian(profit)
    wanted = {
        "already_declined": (declined & (p > 0.5), profit),
        "early_warning": (~declined & good, p),
        "safe": (~declined & good, -p),
    }
    parts = []
    for example, (eligible, rank) in wanted.items():
        if not eligible.any():
            continue
        row = int(np.flatnonzero(eligible)[np.argmax(rank[eligible])])
        numbers, levels = _as_numbers(explanation.data[row])
        table = pd.DataFrame(
            {
                "example": example,
                "p_decline": p[row],
                "monthly_profit": profit[row],
                "declined": declined[row],
                "base": explanation.base_values[row],
                "feature": explanation.feature_names,
                "value": numbers,
                "level": levels,
                "contribution": contributions[row],
                "typical": [_median(explained[name]) for name in explanation.feature_names],
            }
        )
        parts.append(table.sort_values("contribution", key=np.abs, ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)


def _median(column: pd.Series) -> float:
    return float(column.median()) if pd.api.types.is_numeric_dtype(column) else float("nan")


def describe_explanation(
    model: Any, explanation: Contributions, frame: pd.DataFrame, background: pd.DataFrame
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return how the explanation was made, and how far its fast form is from it.

    Returns:
        ``scale``, ``method``, ``customers``, ``background`` (rows), ``standard_error`` (of sampled
        values, else null) and ``same_first_reason`` (share of customers whose first reason the fast
        form also names); and the table of `distance_between`, empty where there is no fast form.
    """
    error = explanation.error_std
    facts = {
        "scale": explanation.scale,
        "method": explanation.method,
        "customers": len(frame),
        "background": len(background),
        "standard_error": None if error is None else float(np.sqrt(np.mean(error**2))),
        "same_first_reason": None,
    }
    if not has_product_kernel(fitted_pipeline(model)[-1]):
        columns = ["feature", "mean_abs", "mean_gap", "relative_gap", "max_gap"]
        return facts, pd.DataFrame(columns=columns)
    fast = next(contributions_fast(model, [frame], background))
    first, other = (top_reasons(one, 1)["reason_1"].fillna("") for one in (explanation, fast))
    same = float((first == other).mean())
    return facts | {"same_first_reason": same}, distance_between(explanation, fast)


def reason_batches(
    batches: Iterable[pa.RecordBatch],
    model: Any,
    background: pd.DataFrame,
    features: Features,
    known: pd.DataFrame,
    others: int,
    explaining: Explaining,
) -> Iterator[pa.RecordBatch]:
    """Explain customers batch by batch; those already explained are looked up.

    Args:
        batches: Rows of ``customers``.
        model: The model in service.
        background: Features of the training customers.
        features: The model's columns.
        known: ``customer_id`` and reasons of the customers already explained.
        others: Number of customers that are not.
        explaining: Beyond ``exact_customers`` others, the fast form is used.

    Yields:
        ``customer_id`` and three times ``reason_k``, ``contribution_k`` (log-odds).
    """
    ready = known.set_index("customer_id")
    for batch in batches:
        customers = batch.to_pandas()
        if customers.empty:
            continue
        table = ready.reindex(customers["customer_id"]).reset_index()
        new = ~customers["customer_id"].isin(ready.index).to_numpy()
        if new.any():
            frame = as_model_frame(customers[new], features)
            chunks = [frame.iloc[start : start + _CHUNK] for start in range(0, len(frame), _CHUNK)]
            explained = _explain(model, chunks, background, others, explaining)
            fresh = pd.concat(explained, ignore_index=True)
            table.loc[new, fresh.columns] = fresh.to_numpy(dtype=object)
        typed = table.astype(dict.fromkeys(table.filter(like="contribution_"), "float64"))
        yield pa.RecordBatch.from_pandas(typed, schema=REASONS_SCHEMA, preserve_index=False)


def _explain(
    model: Any,
    chunks: list[pd.DataFrame],
    background: pd.DataFrame,
    others: int,
    explaining: Explaining,
) -> Iterator[pd.DataFrame]:
    if others > explaining.exact_customers:
        if has_product_kernel(fitted_pipeline(model)[-1]):
            for part in contributions_fast(model, chunks, background):
                yield top_reasons(part, _REASONS)
            return
        if not hasattr(fitted_pipeline(model)[-1], "coef_"):
            background = background.iloc[:: -(-len(background) // explaining.bulk_background)]
    for chunk in chunks:
        yield top_reasons(contributions(model, chunk, background), _REASONS)
