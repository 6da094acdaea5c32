"""Numbers of one split that many settings share: columns, kernels, neighbours."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

import numpy as np
import pandas as pd
from scipy.spatial.distance import cdist
from scipy.special import expit
from sklearn.metrics.pairwise import laplacian_kernel, linear_kernel, rbf_kernel
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from oneclick.modelling.candidates import Settings, make_estimator
from oneclick.modelling.estimators import LaplacianSVC, as_probability, laplacian_gamma
from oneclick.modelling.features import make_columns
from oneclick.modelling.folds import Split
from oneclick.modelling.parameters import Candidate, Features

Pair = tuple[np.ndarray, np.ndarray]


def _once(method: Callable[..., Pair]) -> Callable[..., Pair]:
    """Compute what a method of a design returns once for the same arguments."""

    @wraps(method)
    def remembered(self: "Design", *arguments: Any) -> Pair:
        key = (method.__name__, *arguments)
        if key not in self.made:
            self.made[key] = method(self, *arguments)
        return self.made[key]

    return remembered


class Design:
    """One split, prepared on its training part alone; everything is computed at most once."""

    def __init__(
        self, frame: pd.DataFrame, declined: np.ndarray, features: Features, split: Split
    ) -> None:
        train, test = split
        self.y = declined[train]
        self.made: dict[tuple, Pair] = {}
        self._train, self._test, self._features = frame.iloc[train], frame.iloc[test], features

    @_once
    def columns(self, kind: str) -> Pair:
        """Return training and test rows as numbers."""
        transformer = make_columns(self._features, kind)
        return transformer.fit_transform(self._train), transformer.transform(self._test)

    @_once
    def kernels(self, kind: str, name: str, gamma: float | str) -> Pair:
        """Return the kernel of training rows with themselves, and of test with training rows."""
        train, test = self.columns(kind)
        kernel = _kernel(name, gamma, train)
        return kernel(train, train), kernel(test, train)

    @_once
    def neighbours(self, kind: str, power: float) -> Pair:
        """Return distances from test to training rows, nearest first, and who they are."""
        train, test = self.columns(kind)
        distances = cdist(test, train, metric="minkowski", p=power)
        nearest = np.argsort(distances, axis=1, kind="stable")
        return np.take_along_axis(distances, nearest, axis=1), nearest


def _kernel(name: str, gamma: float | str, train: np.ndarray) -> Callable[..., np.ndarray]:
    if name == "linear":
        return linear_kernel
    if name == "laplacian":
        return partial(laplacian_kernel, gamma=laplacian_gamma(train, gamma))
    # SVC's own meaning of gamma="scale"
    number = 1 / (train.shape[1] * train.var()) if gamma == "scale" else float(gamma)
    return partial(rbf_kernel, gamma=number)


def score_split(candidate: Candidate, settings: Settings, design: Design, seed: int) -> Pair:
    """Fit a candidate to the training part and score the test part.

    Returns:
        What a calibration works on (margin, or probability of estimators that have no margin),
        and what a vote averages (`as_probability`), per test row.
    """
    estimator = make_estimator(candidate, settings, seed)
    is_laplacian = isinstance(estimator, LaplacianSVC)
    if is_laplacian or (isinstance(estimator, SVC) and estimator.kernel in ("linear", "rbf")):
        kernel = "laplacian" if is_laplacian else estimator.kernel
        train, test = design.kernels(candidate.columns, kernel, estimator.gamma)
        others = {key: value for key, value in estimator.get_params().items() if key != "gamma"}
        svc = SVC(**{**others, "kernel": "precomputed"}).fit(train, design.y)
        margin = svc.decision_function(test)
        return margin, expit(2 * margin)
    if isinstance(estimator, KNeighborsClassifier) and estimator.metric == "minkowski":
        share = _neighbour_share(estimator, candidate.columns, design)
        return share, share
    train, test = design.columns(candidate.columns)
    estimator.fit(train, design.y)
    probability = as_probability(estimator, test)
    has_margin = hasattr(estimator, "decision_function")
    return (estimator.decision_function(test) if has_margin else probability), probability


def _neighbour_share(estimator: Any, kind: str, design: Design) -> np.ndarray:
    distances, nearest = design.neighbours(kind, estimator.p)
    count = min(estimator.n_neighbors, nearest.shape[1])
    votes = design.y[nearest[:, :count]].astype(float)
    if estimator.weights == "uniform":
        return votes.mean(axis=1)
    with np.errstate(divide="ignore"):
        weights = 1 / distances[:, :count]
    same = np.isinf(weights)  # an equal customer outweighs all others
    weights = np.where(same.any(axis=1, keepdims=True), same, weights)
    return (weights * votes).sum(axis=1) / weights.sum(axis=1)
