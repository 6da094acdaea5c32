"""Numbers of one split that many settings share: columns, kernels, neighbours."""

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


class Design:
    """One split, prepared on its training part alone; everything is computed at most once."""

    def __init__(
        self, frame: pd.DataFrame, declined: np.ndarray, features: Features, split: Split
    ) -> None:
        train, test = split
        self.y = declined[train]
        self._train = frame.iloc[train]
        self._test = frame.iloc[test]
        self._features = features
        self._columns: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self._kernels: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}
        self._neighbours: dict[tuple, tuple[np.ndarray, np.ndarray]] = {}

    def columns(self, kind: str) -> tuple[np.ndarray, np.ndarray]:
        """Return training and test rows as numbers."""
        if kind not in self._columns:
            transformer = make_columns(self._features, kind)
            self._columns[kind] = (
                transformer.fit_transform(self._train),
                transformer.transform(self._test),
            )
        return self._columns[kind]

    def kernels(self, kind: str, name: str, gamma: float | str) -> tuple[np.ndarray, np.ndarray]:
        """Return the kernel of training rows with themselves, and of test with training rows."""
        key = (kind, name, gamma)
        if key not in self._kernels:
            train, test = self.columns(kind)
            self._kernels[key] = (
                _kernel(name, gamma, train, train),
                _kernel(name, gamma, test, train),
            )
        return self._kernels[key]

    def neighbours(self, kind: str, power: float) -> tuple[np.ndarray, np.ndarray]:
        """Return distances from test to training rows, nearest first, and who they are."""
        key = (kind, power)
        if key not in self._neighbours:
            train, test = self.columns(kind)
            distances = cdist(test, train, metric="minkowski", p=power)
            nearest = np.argsort(distances, axis=1, kind="stable")
            self._neighbours[key] = (np.take_along_axis(distances, nearest, axis=1), nearest)
        return self._neighbours[key]


def _kernel(name: str, gamma: float | str, rows: np.ndarray, train: np.ndarray) -> np.ndarray:
    if name == "linear":
        return linear_kernel(rows, train)
    if name == "laplacian":
        return laplacian_kernel(rows, train, gamma=laplacian_gamma(train, gamma))
    # SVC's own meaning of gamma="scale"
    number = 1 / (train.shape[1] * train.var()) if gamma == "scale" else float(gamma)
    return rbf_kernel(rows, train, gamma=number)


def score_split(
    candidate: Candidate, settings: Settings, design: Design, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a candidate to the training part and score the test part.

    Returns:
        What a calibration works on (margin, or probability of estimators that have no margin),
        and what a vote averages (`as_probability`), per test row.
    """
    estimator = make_estimator(candidate, settings, seed)
    if isinstance(estimator, LaplacianSVC) or (
        isinstance(estimator, SVC) and estimator.kernel in ("linear", "rbf")
    ):
        margin = _svc_margin(estimator, candidate.columns, design)
        return margin, expit(2 * margin)
    if isinstance(estimator, KNeighborsClassifier) and estimator.metric == "minkowski":
        share = _neighbour_share(estimator, candidate.columns, design)
        return share, share
    train, test = design.columns(candidate.columns)
    estimator.fit(train, design.y)
    probability = as_probability(estimator, test)
    has_margin = hasattr(estimator, "decision_function")
    return (estimator.decision_function(test) if has_margin else probability), probability


def _svc_margin(estimator: Any, kind: str, design: Design) -> np.ndarray:
    kernel = "laplacian" if isinstance(estimator, LaplacianSVC) else estimator.kernel
    train, test = design.kernels(kind, kernel, estimator.gamma)
    rest = {key: value for key, value in estimator.get_params().items() if key != "gamma"}
    return SVC(**{**rest, "kernel": "precomputed"}).fit(train, design.y).decision_function(test)


def _neighbour_share(estimator: KNeighborsClassifier, kind: str, design: Design) -> np.ndarray:
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
