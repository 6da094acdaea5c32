"""Nested, repeated cross-validation: what each candidate is worth on customers it never saw.

In every outer fold each candidate chooses its settings, and fits the sigmoid that calibrates it, on
inner folds of the training part alone. Work is shared where it is the same by definition: columns
are transformed once per split, kernels and neighbours are computed once for all settings that need
them, and the scores that chose the settings also calibrate. What comes out equals
``CalibratedClassifierCV(pipeline, ensemble=False)`` around a search, at a fraction of the cost.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.calibration import _SigmoidCalibration as Sigmoid  # it has no public name

from oneclick.modelling.candidates import Settings, check_claims, list_settings
from oneclick.modelling.estimators import vote
from oneclick.modelling.folds import Split, stratified_group_folds
from oneclick.modelling.metrics import Metric, roc_auc
from oneclick.modelling.parameters import Candidates, Effort, Features
from oneclick.modelling.sharing import Design, score_split
from oneclick.parallel import spread
from oneclick.progress import report_progress


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

    def only(self, champion: str) -> "Task":
        """Return the task with one candidate, and its members, alone."""
        names = (*self.candidates[champion].members, champion)
        return replace(self, candidates=Candidates({name: self.candidates[name] for name in names}))


@dataclass(frozen=True)
class NestedScores:
    """Out-of-fold probabilities of every candidate.

    Attributes:
        task: Customers, candidates and effort.
        splits: Outer splits, repeat after repeat.
        probabilities: By candidate, one row per repeat, one column per customer.
        settings: By candidate, what the inner search chose in each outer split.
    """

    task: Task
    splits: list[Split]
    probabilities: dict[str, np.ndarray]
    settings: dict[str, list[Settings]]

    @property
    def test_share(self) -> float:
        """n_test / n_train of the outer folds."""
        return 1 / (self.task.effort.folds - 1)

    def mean_probability(self, name: str) -> np.ndarray:
        """Return the out-of-fold probability of each customer, mean over repeats."""
        return self.probabilities[name].mean(axis=0)

    def by_fold(self, name: str, metric: Metric = roc_auc) -> np.ndarray:
        """Return a figure of merit of a candidate in each outer fold."""
        repeats = np.repeat(self.probabilities[name], self.task.effort.folds, axis=0)
        tests = [test for _, test in self.splits]
        pairs = zip(tests, repeats, strict=True)
        return np.array([metric(self.task.declined[test], p[test]) for test, p in pairs])


def evaluate_nested(task: Task, processes: int) -> NestedScores:
    """Score every customer out of fold by every candidate.

    The result does not depend on the number of processes; every outer fold reports progress.

    Raises:
        OneclickError: A candidate cannot be made, or claims exact Shapley values that it has not.
    """
    check_claims(task.candidates)
    splits, shape = outer_splits(task), (task.effort.repeats, len(task.declined))
    probabilities = {name: np.empty(shape) for name in task.candidates.root}
    settings: dict[str, list[Settings]] = {name: [] for name in task.candidates.root}
    found = spread(_evaluate_split, [(task, split) for split in splits], processes)
    for number, outcome in enumerate(found):
        for name, (probability, chosen) in outcome.items():
            probabilities[name][number // task.effort.folds, splits[number][1]] = probability
            settings[name].append(chosen)
        report_progress(number + 1, len(splits), "outer folds")
    return NestedScores(task, splits, probabilities, settings)


def outer_splits(task: Task) -> list[Split]:
    """Return the outer splits of all repeats; they are the same for all candidates."""
    seeds = range(task.seed, task.seed + task.effort.repeats)
    folds = (task.declined, task.groups, task.effort.folds)
    return [split for seed in seeds for split in stratified_group_folds(*folds, seed)]


def _evaluate_split(task: Task, split: Split) -> dict[str, tuple[np.ndarray, Settings]]:
    """Search, calibrate and fit every candidate on the training part; score the test part."""
    settings, sigmoids = search(task, split[0])
    margins = test_margins(task, settings, split)
    return {
        name: (sigmoid.predict(margins[name]), settings[name]) for name, sigmoid in sigmoids.items()
    }


def test_margins(task: Task, settings: dict[str, Settings], split: Split) -> dict[str, np.ndarray]:
    """Fit every candidate to the training part with the given settings and score the test part."""
    design = Design(task.frame, task.declined, task.features, split)
    margins, shares = {}, {}
    for name, candidate in task.candidates.plain.items():
        margins[name], shares[name] = score_split(candidate, settings[name], design, task.seed)
    return margins | _votes(task, shares)


def _votes(task: Task, shares: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the margins of the candidates that average others, from what those give."""
    return {
        name: vote([shares[member] for member in candidate.members])
        for name, candidate in task.candidates.votes.items()
    }


def search(task: Task, rows: np.ndarray) -> tuple[dict[str, Settings], dict[str, Sigmoid]]:
    """Choose settings and fit the calibrating sigmoid of every candidate, on the given rows."""
    frame, declined = task.frame.iloc[rows], task.declined[rows]
    inner = inner_splits(task, rows)
    tried = {
        name: list_settings(candidate, task.effort.search_size, task.seed)
        for name, candidate in task.candidates.plain.items()
    }
    # By candidate: margins and shares (first axis), one row per settings tried.
    scores = {name: np.empty((2, len(every), len(rows))) for name, every in tried.items()}
    for split in inner:
        design = Design(frame, declined, task.features, split)
        for name, every in tried.items():
            for number, settings in enumerate(every):
                found = score_split(task.candidates[name], settings, design, task.seed)
                scores[name][:, number, split[1]] = found
    chosen: dict[str, Settings] = {}
    margins, shares = {}, {}
    for name, every in tried.items():
        best = _best(scores[name][0], declined, inner)
        chosen[name] = every[best]
        margins[name], shares[name] = scores[name][:, best]
    margins |= _votes(task, shares)
    chosen |= {name: {} for name in task.candidates.votes}
    return chosen, {name: Sigmoid().fit(margin, declined) for name, margin in margins.items()}


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
