"""What the champion's ROC-AUC rests on: number of customers, single columns, the current month."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from oneclick.modelling.candidates import Settings, make_pipeline
from oneclick.modelling.comparison import corrected_interval
from oneclick.modelling.evaluation import (
    NestedScores,
    Progress,
    Task,
    evaluate_nested,
    test_margins,
)
from oneclick.modelling.folds import Split
from oneclick.modelling.metrics import roc_auc
from oneclick.modelling.parameters import Judging
from oneclick.parallel import spread


def chosen_settings(task: Task, scores: NestedScores, number: int) -> dict[str, Settings]:
    """Return what the inner search of one outer split chose, for the candidates of the task."""
    return {name: scores.settings[name][number] for name in task.candidates.root}


def learning_curve(
    task: Task, champion: str, scores: NestedScores, sizes: tuple[int, ...], processes: int
) -> pd.DataFrame:
    """Return the ROC-AUC by number of training customers, on the test folds of the evaluation.

    Args:
        task: Its candidates are the champion and its members.
        champion: The chosen candidate.
        scores: The evaluation; its figures are the end of the curve.
        sizes: Numbers of training customers; those beyond the training part are left out, the
            whole training part is always the last.
        processes: Processes to use.
    """
    whole = min(len(train) for train, _ in scores.splits)
    wanted = [size for size in sizes if size < whole]
    arguments = [
        (task, champion, chosen_settings(task, scores, number), split, wanted)
        for number, split in enumerate(scores.splits)
    ]
    values = np.array(list(spread(_curve_of_split, arguments, processes)))
    values = np.column_stack([values, fold_values(task.declined, scores, champion)])
    rows = []
    for size, column in zip([*wanted, whole], values.T, strict=True):
        test_share = (len(task.declined) - whole) / size
        interval = corrected_interval(column, test_share)
        rows.append((size, interval.mean, interval.low, interval.high))
    return pd.DataFrame(rows, columns=["customers", "mean", "ci_low", "ci_high"])


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
    return [
        roc_auc(
            task.declined[test],
            test_margins(task, settings, (np.sort(order[:size]), test))[champion],
        )
        for size in sizes
    ]


def permutation_importance(
    task: Task, champion: str, scores: NestedScores, judging: Judging, processes: int
) -> pd.DataFrame:
    """Return by how much the ROC-AUC out of fold falls when one column is shuffled.

    The folds of the first repeat are used: each customer is tested once.

    Args:
        task: Its candidates are the champion and its members.
        champion: The chosen candidate.
        scores: Splits and settings of the evaluation.
        judging: Number of shuffles per column and fold.
        processes: Processes to use.
    """
    arguments = [
        (task, champion, chosen_settings(task, scores, number), split, judging.permutation_repeats)
        for number, split in enumerate(scores.splits[: scores.folds])
    ]
    drops = np.array(list(spread(_drops_of_split, arguments, processes)))
    rows = []
    for name, values in zip(task.features.names, drops.T, strict=True):
        interval = corrected_interval(values, 1 / (scores.folds - 1))
        rows.append((name, interval.mean, interval.low, interval.high))
    table = pd.DataFrame(rows, columns=["feature", "mean", "ci_low", "ci_high"])
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
    margins = pipeline_margin(pipeline, pd.concat(copies)).reshape(len(copies), len(frame))
    values = np.array([roc_auc(declined, margin) for margin in margins])
    return list(values[0] - values[1:].reshape(-1, repeats).mean(axis=1))


def pipeline_margin(pipeline: Any, frame: pd.DataFrame) -> np.ndarray:
    """Return the margin of a fitted pipeline, or its probability if it has no margin."""
    if hasattr(pipeline, "decision_function"):
        return pipeline.decision_function(frame)
    return pipeline.predict_proba(frame)[:, 1]


def without_current_month(
    task: Task, champion: str, scores: NestedScores, processes: int, progress: Progress
) -> dict[str, Any]:
    """Return the ROC-AUC, and its difference, if the current month's columns were unknown.

    Returns:
        ``roc_auc``, ``ci_low``, ``ci_high``, ``difference`` (to the champion on the same folds),
        ``left_out`` (the columns).
    """
    reduced = task.features.without_current_month()
    if not reduced.names or reduced.names == task.features.names:
        return {}
    lesser = replace(task, frame=task.frame[reduced.names], features=reduced)
    alone = evaluate_nested(lesser, processes, progress)
    own = fold_values(task.declined, scores, champion)
    other = fold_values(task.declined, alone, champion)
    interval = corrected_interval(other, 1 / (scores.folds - 1))
    return {
        "roc_auc": interval.mean,
        "ci_low": interval.low,
        "ci_high": interval.high,
        "difference": float(np.nanmean(other - own)),
        "left_out": [name for name in task.features.names if name not in reduced.names],
    }


def fold_values(declined: np.ndarray, scores: NestedScores, name: str) -> np.ndarray:
    """Return the ROC-AUC of a candidate in each outer fold."""
    return np.array(
        [
            roc_auc(declined[test], scores.probabilities[name][number // scores.folds, test])
            for number, (_, test) in enumerate(scores.splits)
        ]
    )
