"""A month that is scored: do its customers still resemble those the model learned from?"""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from oneclick.modelling.description import resample, with_intervals
from oneclick.modelling.drift import shift_would_show
from oneclick.modelling.metrics import brier, roc_auc, roc_auc_interval
from oneclick.modelling.verdict import LANGUAGES
from oneclick.texts.words import Words

_RETRAIN_AT = 3  # features that moved; one or two are told, but seldom worth a new model
_SHIFT = 0.2  # PSI
_LEAST_RANKED = 5  # customers of a class; of fewer a ROC-AUC says nothing
_LEAST_CHANCE = 0.001  # what is told of smaller ones


def describe_drift(
    table: pd.DataFrame, model_info: dict[str, Any], customers: int
) -> dict[str, Any]:
    """Return what moved since training, in sentences, and whether to train again.

    ``table`` is that of ``measure_drift`` over so many ``customers``. Where nothing moved, they are
    said to be like those of training only if a PSI of 0.2, the usual bound of a shift that matters
    (Siddiqi 2006), would have shown; with the columns as configured and 1 300 customers in training
    that takes about 140 of them. Fewer of either are too few to tell.

    Returns:
        ``model_snapshot``, ``champion`` and ``roc_auc`` of the model, ``moved`` (columns),
        ``retrain``, ``sentences`` and ``verdict`` by language.
    """
    moved = table[table["drifted"]]
    names = moved["column"].tolist()
    retrain = "p_decline" in names or len(names) >= _RETRAIN_AT
    size = model_info["reference"]["size"]
    telling = shift_would_show(_SHIFT, size, customers, len(table))
    verdict = "retrain" if retrain else "watch" if names else "steady" if telling else "too_few"
    rows, words = moved.to_dict("records"), {each: Words("models", each) for each in LANGUAGES}
    return {
        "model_snapshot": model_info["snapshot"],
        "champion": model_info["champion"],
        "roc_auc": model_info["roc_auc"],
        "moved": names,
        "retrain": retrain,
        "sentences": {each: [_sentence(row, its) for row in rows] for each, its in words.items()},
        "verdict": {each: its.entry(f"drift.{verdict}") for each, its in words.items()},
    }


def _sentence(row: dict[Any, Any], words: Words) -> str:
    texts, share = words.entry("drift"), partial(words.share, digits=1)
    spell = partial(_amount, words) if row["change"] == "median" else share
    before, now = (spell(row[key]) for key in ("before", "now"))
    direction = "up" if row["now"] > row["before"] else "down"
    moved = texts[row["change"]][direction] if before != now else texts["same"]
    name = words.column(row["column"])
    told = moved.format(label=name, level=row["level"], before=before, now=now)
    psi = "" if row["change"] == "mean" else texts["psi"].format(words.number(row["psi"], 3))
    return told + psi + texts["chance"].format(share(max(row["p_value"], _LEAST_CHANCE)))


def _amount(words: Words, value: float) -> str:
    """A number of any size with about three significant digits, without noughts at its end."""
    most = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    needed = next(few for few in range(3) if round(value, few) == round(value, most))
    return words.number(value, needed)


def compare_with_status(known: pd.DataFrame, draws: int, seed: int) -> dict[str, Any]:
    """Return how the probabilities did on customers whose status is known by now.

    A model flatters itself on customers it learned from, as a status seldom changes within a month:
    their figures stand apart and are no measure of quality.

    Returns:
        For ``unseen`` customers and those ``seen`` in training ``customers`` and ``declined``; with
        both classes present also ``brier``, ``predicted`` and ``observed`` share of decliners, and
        with five customers of each ``roc_auc``, each with a 95 % interval.
    """
    seen = known["score_source"] == "in_sample"
    groups = {"unseen": known[~seen], "seen": known[seen]}
    return {name: _realised(group, draws, seed) for name, group in groups.items()}


def _realised(known: pd.DataFrame, draws: int, seed: int) -> dict[str, Any]:
    declined = known["declined"].to_numpy(dtype=bool)
    p = known["p_decline"].to_numpy(dtype=float)
    counts = {"customers": len(known), "declined": int(declined.sum())}
    if not 0 < counts["declined"] < counts["customers"]:
        return counts

    def figures(y: np.ndarray, q: np.ndarray) -> dict[str, float]:
        shares = {"predicted": float(q.mean()), "observed": float(y.mean())}
        return {"brier": brier(y, q), **shares}

    samples = resample(np.arange(len(p)), draws, seed)
    told: dict[str, Any] = {}
    if min(declined.sum(), (~declined).sum()) >= _LEAST_RANKED:
        area = roc_auc(declined, p)
        low, high = roc_auc_interval(declined, area)
        told = {"roc_auc": {"value": area, "low": low, "high": high}}
    return counts | told | with_intervals(figures, declined, p[np.newaxis], samples)
