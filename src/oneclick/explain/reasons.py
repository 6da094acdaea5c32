"""The champion explained: bounded tables for figures, and reasons for every customer."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from oneclick.explain.margin import Contributions, contributions, contributions_fast
from oneclick.explain.summaries import top_reasons
from oneclick.modelling.estimators import has_product_kernel
from oneclick.modelling.features import as_model_frame
from oneclick.modelling.parameters import Explaining, Features
from oneclick.modelling.scoring import fitted_pipeline, score

_FAR = 0.15  # between two probabilities of a customer
_CHUNK = 10_000  # customers explained at a time
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
    chosen = np.random.default_rng(seed).permutation(len(explanation.values))[:most]
    features = explanation.feature_names
    return pd.DataFrame(
        {
            "point": np.tile(np.arange(len(chosen)), len(features)),
            "feature": np.repeat(features, len(chosen)),
            **_as_numbers(explanation.data[chosen].T.ravel()),
            "contribution": explanation.values[chosen].T.ravel(),
        }
    )


def _as_numbers(values: np.ndarray) -> dict[str, pd.Series]:
    """Return each ``value`` that is a number, and each ``level`` that is a text."""
    mixed = pd.Series(values)
    is_text = mixed.map(lambda value: isinstance(value, str))
    numbers = pd.to_numeric(mixed, errors="coerce").astype("float64")
    return {"value": numbers.mask(is_text), "level": mixed.astype("str").where(is_text)}


def tabulate_examples(
    explanation: Contributions, explained: pd.DataFrame, p: np.ndarray, threshold: float
) -> pd.DataFrame:
    """Return up to three customers worth a look, feature by feature and without their ids.

    All have a profit above the median and above nothing. They are ``early_warning`` (steady so far,
    highest probability), ``already_declined`` (highest profit of the likely decliners) and ``safe``
    (steady, least probability), as `WorkedExamples` has them; a contact pays from ``threshold`` on,
    which the second of the steady lies below and the first does not. ``explained`` holds
    ``declined``, ``monthly_profit`` and the features, ``p`` the published probabilities. What is
    told of the three has two digits, by which nobody is found in another table.
    """
    features = explanation.feature_names
    typical = explained[features].median(numeric_only=True).reindex(features).to_numpy()
    declined = explained["declined"].to_numpy(bool)
    profit = explained["monthly_profit"].to_numpy(float)
    good = profit > max(np.nanmedian(profit), 0.0)
    wanted = {
        "already_declined": (declined & good & (p > 0.5), profit),
        "early_warning": (~declined & good & (p >= threshold), p),
        "safe": (~declined & good & (p < threshold), -p),
    }

    def tell(example: str, row: int) -> pd.DataFrame:
        numbers = _as_numbers(explanation.data[row])
        table = pd.DataFrame(
            {
                "example": example,
                "p_decline": p[row],
                "monthly_profit": _roughly(profit[row]),
                "declined": declined[row],
                "base": explanation.base,
                "feature": features,
                "value": numbers["value"].map(_roughly),
                "level": numbers["level"],
                "contribution": explanation.values[row],
                "typical": typical,
            }
        )
        return table.sort_values("contribution", key=np.abs, ascending=False, kind="stable")

    tables = [
        tell(example, int(np.flatnonzero(eligible)[np.argmax(rank[eligible])]))
        for example, (eligible, rank) in wanted.items()
        if eligible.any()
    ]
    columns = tell("safe", 0).head(0)  # those of the table, even if nobody is worth a look
    return pd.concat([columns, *tables], ignore_index=True)


def _roughly(number: float) -> float:
    return float(f"{number:.2g}")


def describe_explanation(model: Any, explanation: Contributions, p: np.ndarray) -> dict[str, Any]:
    """Return how the explanation was made.

    Returns:
        ``method`` and ``far_from_published`` (share of customers whose score by the explained model
        is more than 0.15 from ``p``, the published one out of fold).
    """
    far = np.abs(score(model, explanation.rows) - p) > _FAR
    return {"method": explanation.method, "far_from_published": float(far.mean())}


def reason_batches(
    batches: Iterable[pa.RecordBatch],
    model: Any,
    background: pd.DataFrame,
    features: Features,
    known: pd.DataFrame,
    others: int,
    explaining: Explaining,
) -> Iterator[pa.RecordBatch]:
    """Explain batches of ``customers``, each row as in `REASONS_SCHEMA`; contributions in log-odds.

    Who is ``known`` by ``customer_id`` has been explained already and is looked up. Of the others
    there are ``others``; beyond ``exact_customers`` of them, the fast form is used. ``background``
    holds the features of the training customers.
    """
    ready = known.set_index("customer_id")
    for batch in filter(len, batches):
        customers = batch.to_pandas()
        table = ready.reindex(customers["customer_id"]).reset_index()
        new = ~customers["customer_id"].isin(ready.index).to_numpy()
        if new.any():
            frame = as_model_frame(customers[new], features)
            chunks = [frame.iloc[start : start + _CHUNK] for start in range(0, len(frame), _CHUNK)]
            explained = _explain(model, chunks, background, others, explaining)
            fresh = pd.concat(map(top_reasons, explained), ignore_index=True)
            table.loc[new, fresh.columns] = fresh.to_numpy(dtype=object)
        typed = table.astype(dict.fromkeys(table.filter(like="contribution_"), "float64"))
        yield pa.RecordBatch.from_pandas(typed, schema=REASONS_SCHEMA, preserve_index=False)


def _explain(
    model: Any,
    chunks: list[pd.DataFrame],
    background: pd.DataFrame,
    others: int,
    explaining: Explaining,
) -> Iterable[Contributions]:
    """Explain each chunk; where the others are many, as quickly as the kind of model allows."""
    classifier = fitted_pipeline(model)[-1]
    if others > explaining.exact_customers:
        if has_product_kernel(classifier):
            return contributions_fast(model, chunks, background)
        if not hasattr(classifier, "coef_"):
            background = background.iloc[:: -(-len(background) // explaining.bulk_background)]
    return (contributions(model, chunk, background) for chunk in chunks)
