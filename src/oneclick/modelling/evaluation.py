"""Nested, repeated cross-validation: what each candidate is worth on customers it never saw.

In every outer fold each candidate chooses its settings, and fits the sigmoid that calibrates it, on
inner folds of the training part alone. Work is shared where it is the same by definition: columns
are transformed once per split, kernels and neighbours are computed once for all settings that need
them, and the scores that chose the settings also calibrate. What comes out equals
``CalibratedClassifierCV(pipeline, ensemble=False)`` around a search, at a fraction of the cost.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oneclick.modelling.calibration import Sigmoid, fit_sigmoid
from oneclick.modelling.candidates import Settings, list_settings
from oneclick.modelling.estimators import vote
from oneclick.modelling.folds import Split, stratified_group_folds
from oneclick.modelling.metrics import roc_auc
from oneclick.modelling.parameters import Candidates, Effort, Features
from oneclick.modelling.sharing import Design, score_split
from oneclick.parallel import spread

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Task:
    """Everything that is the same in all outer folds."""

    frame: pd.DataFrame
    declined: np.ndarray
    groups: np.ndarray
    candidates: Candidates
    features: Features
    effort: Effort
    seed: int


@dataclass(frozen=True)
class NestedScores:
    """Out-of-fold probabilities of every candidate.

    Attributes:
        splits: Outer splits, repeat after repeat.
        folds: Outer folds per repeat.
        probabilities: By candidate, one row per repeat, one column per customer.
        settings: By candidate, what the inner search chose in each outer split.
    """

    splits: list[Split]
    folds: int
    probabilities: dict[str, np.ndarray]
    settings: dict[str, list[Settings]]

    def mean_probability(self, name: str) -> np.ndarray:
        """Return the out-of-fold probability of each customer, mean over repeats."""
        return self.probabilities[name].mean(axis=0)


def evaluate_nested(task: Task, processes: int, progress: Progress) -> NestedScores:
    """Score every customer out of fold by every candidate.

    Args:
        task: Customers, candidates and effort.
        processes: Processes to use; the result does not depend on them.
        progress: Told after every outer fold.
    """
    effort = task.effort
    splits = outer_splits(task)
    names = list(task.candidates.root)
    probabilities = {name: np.empty((effort.repeats, len(task.declined))) for name in names}
    settings: dict[str, list[Settings]] = {name: [] for name in names}
    found = spread(_evaluate_split, [(task, split) for split in splits], processes)
    for number, (split, outcome) in enumerate(zip(splits, found, strict=True)):
        for name, (probability, chosen) in outcome.items():
            probabilities[name][number // effort.folds, split[1]] = probability
            settings[name].append(chosen)
        progress(number + 1, len(splits), "outer folds")
    return NestedScores(splits, effort.folds, probabilities, settings)


def outer_splits(task: Task) -> list[Split]:
    """Return the outer splits of all repeats; they are the same for all candidates."""
    return [
        split
        for repeat in range(task.effort.repeats)
        for split in stratified_group_folds(
            task.declined, task.groups, task.effort.folds, task.seed + repeat
        )
    ]


def _evaluate_split(task: Task, split: Split) -> dict[str, tuple[np.ndarray, Settings]]:
    """Search, calibrate and fit every candidate on the training part; score the test part."""
    found = search(task, split[0])
    settings = {name: each.settings for name, each in found.items()}
    margins = test_margins(task, settings, split)
    return {name: (each.sigmoid(margins[name]), each.settings) for name, each in found.items()}


def test_margins(task: Task, settings: dict[str, Settings], split: Split) -> dict[str, np.ndarray]:
    """Fit every candidate to the training part with the given settings and score the test part."""
    design = Design(task.frame, task.declined, task.features, split)
    margins: dict[str, np.ndarray] = {}
    shares: dict[str, np.ndarray] = {}
    for name, candidate in task.candidates.root.items():
        if not candidate.members:
            margins[name], shares[name] = score_split(candidate, settings[name], design, task.seed)
    for name, candidate in task.candidates.root.items():
        if candidate.members:
            margins[name] = vote(np.stack([shares[member] for member in candidate.members]))
    return margins


@dataclass(frozen=True)
class Searched:
    """What the inner folds found for one candidate."""

    settings: Settings
    sigmoid: Sigmoid


def search(task: Task, rows: np.ndarray) -> dict[str, Searched]:
    """Choose settings and fit the calibrating sigmoid of every candidate on the given rows.

    Args:
        task: Customers, candidates and effort.
        rows: Positions of the customers that may be used.
    """
    frame, declined = task.frame.iloc[rows], task.declined[rows]
    inner = inner_splits(task, rows)
    tried = {
        name: list_settings(candidate, task.effort.search_size, task.seed)
        for name, candidate in task.candidates.root.items()
        if not candidate.members
    }
    margins = {name: np.empty((len(every), len(rows))) for name, every in tried.items()}
    shares = {name: np.empty((len(every), len(rows))) for name, every in tried.items()}
    for split in inner:
        design = Design(frame, declined, task.features, split)
        for name, every in tried.items():
            for number, settings in enumerate(every):
                scores = score_split(task.candidates[name], settings, design, task.seed)
                margins[name][number, split[1]], shares[name][number, split[1]] = scores
    best = {name: _best(margins[name], declined, inner) for name in tried}
    found: dict[str, Searched] = {}
    for name, candidate in task.candidates.root.items():
        if candidate.members:
            margin = vote(np.stack([shares[member][best[member]] for member in candidate.members]))
            chosen: Settings = {}
        else:
            margin, chosen = margins[name][best[name]], tried[name][best[name]]
        found[name] = Searched(chosen, fit_sigmoid(margin, declined))
    return found


def inner_splits(task: Task, rows: np.ndarray) -> list[Split]:
    """Return the folds of search and calibration among the given rows."""
    return stratified_group_folds(
        task.declined[rows], task.groups[rows], task.effort.inner_folds, task.seed
    )


def _best(margins: np.ndarray, declined: np.ndarray, inner: list[Split]) -> int:
    """Return the number of the settings with the highest mean ROC-AUC over the inner folds."""
    means = [
        np.nanmean([roc_auc(declined[test], margin[test]) for _, test in inner])
        for margin in margins
    ]
    return int(np.argmax(means))
