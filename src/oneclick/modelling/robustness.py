"""What the champion's ROC-AUC rests on: number of customers, single columns, the current month."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from oneclick.modelling import evaluation
from oneclick.modelling.candidates import Settings, make_pipeline
from oneclick.modelling.comparison import corrected_interval
from oneclick.modelling.estimators import margin_of
from oneclick.modelling.evaluation import NestedScores, Task
from oneclick.modelling.folds import Split
from oneclick.modelling.metrics import roc_auc
from oneclick.parallel import spread


def learning_curve(
    scores: NestedScores, champion: str, sizes: tuple[int, ...], processes: int
) -> pd.DataFrame:
    """Return the ROC-AUC by number of training customers, on the test folds of the evaluation.

    Sizes beyond the training part are left out; the whole training part is always the last, with
    the figures of the evaluation itself.
    """
    whole = min(len(train) for train, _ in scores.splits)
    held_out = len(scores.task.declined) - whole
    smaller = [size for size in sizes if size < whole]
    values = _probe(_curve_of_split, scores, champion, scores.splits, smaller, processes)
    values = np.column_stack([values, scores.by_fold(champion)])
    wanted = [*smaller, whole]
    curve = _tabulate("customers", wanted, values, [held_out / size for size in wanted])
    return curve.assign(ci_low=curve["ci_low"].clip(0, 1), ci_high=curve["ci_high"].clip(0, 1))


def _curve_of_split(
    task: Task, champion: str, settings: dict[str, Settings], split: Split, sizes: list[int]
) -> list[float]:
    train, test = split
    # Shuffled within each class, then interleaved by rank: every beginning is stratified.
    random = np.random.default_rng(task.seed)
    rank = np.empty(len(train))
    for kind in (False, True):
        inside = np.flatnonzero(task.declined[train] == kind)
        rank[inside] = (random.permutation(len(inside)) + 0.5) / len(inside)
    order = train[np.argsort(rank, kind="stable")]

    def area(size: int) -> float:
        margins = evaluation.test_margins(task, settings, (np.sort(order[:size]), test))
        return roc_auc(task.declined[test], margins[champion])

    return [area(size) for size in sizes]


def permutation_importance(
    scores: NestedScores, champion: str, repeats: int, processes: int
) -> pd.DataFrame:
    """Return by how much the ROC-AUC out of fold falls when one column is shuffled.

    The folds of the first repeat are used: each customer is tested once. In each of them a column
    is shuffled ``repeats`` times.
    """
    splits = scores.splits[: scores.task.effort.folds]
    drops = _probe(_drops_of_split, scores, champion, splits, repeats, processes)
    names = scores.task.features.names
    table = _tabulate("feature", names, drops, [scores.test_share] * len(names))
    return table.sort_values("mean", ascending=False, kind="stable", ignore_index=True)


def _drops_of_split(
    task: Task, champion: str, settings: dict[str, Settings], split: Split, repeats: int
) -> list[float]:
    train, test = split
    pipeline = make_pipeline(task.candidates, champion, settings, task.features, task.seed)
    pipeline.fit(task.frame.iloc[train], task.declined[train])
    declined, frame = task.declined[test], task.frame.iloc[test]
    random = np.random.default_rng(task.seed)
    # All shuffled copies are scored in one call.
    copies = [frame]
    for name in task.features.names:
        for _ in range(repeats):
            shuffled = frame[name].to_numpy()[random.permutation(len(frame))]
            copies.append(frame.assign(**{name: shuffled}))
    margins = margin_of(pipeline, pd.concat(copies)).reshape(len(copies), len(frame))
    values = np.array([roc_auc(declined, margin) for margin in margins])
    return list(values[0] - values[1:].reshape(-1, repeats).mean(axis=1))


def _probe(
    probe: Callable[..., list[float]],
    scores: NestedScores,
    champion: str,
    splits: list[Split],
    option: Any,
    processes: int,
) -> np.ndarray:
    """Return what a probe finds in each split (rows) with the settings that were chosen there."""
    task = scores.task.only(champion)
    arguments = []
    for number, split in enumerate(splits):
        settings = {name: scores.settings[name][number] for name in task.candidates.root}
        arguments.append((task, champion, settings, split, option))
    return np.array(list(spread(probe, arguments, processes)))


def _tabulate(
    key: str, names: Sequence[Any], values: np.ndarray, test_shares: Sequence[float]
) -> pd.DataFrame:
    """Return the mean over folds (rows of ``values``) with its interval, a row per column."""
    rows = []
    for name, column, test_share in zip(names, values.T, test_shares, strict=True):
        found = corrected_interval(column, test_share)
        rows.append({key: name, "mean": found.mean, "ci_low": found.low, "ci_high": found.high})
    return pd.DataFrame(rows)


def without_current_month(scores: NestedScores, champion: str, processes: int) -> dict[str, Any]:
    """Return the ROC-AUC, and its difference, if the current month's columns were unknown.

    Returns:
        ``roc_auc``, ``ci_low``, ``ci_high``, ``difference`` (to the champion on the same folds),
        ``left_out`` (the columns); nothing if no column, or no other one, is of that month.
    """
    task = scores.task.only(champion)
    reduced = task.features.without_current_month()
    if not reduced.names or reduced.names == task.features.names:
        return {}
    lesser = replace(task, frame=task.frame[reduced.names], features=reduced)
    values = evaluation.evaluate_nested(lesser, processes).by_fold(champion)
    interval = corrected_interval(values, scores.test_share).within_unit()
    return {
        "roc_auc": interval.mean,
        "ci_low": interval.low,
        "ci_high": interval.high,
        "difference": float(np.nanmean(values - scores.by_fold(champion))),
        "left_out": [name for name in task.features.names if name not in reduced.names],
    }
