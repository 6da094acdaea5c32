"""Two classifiers that scikit-learn does not ship."""

from collections.abc import Callable
from typing import Any, Literal, Self

import numpy as np
from scipy.special import expit, logit
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.metrics.pairwise import laplacian_kernel
from sklearn.svm import SVC
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from oneclick.threads import in_threads, slices

_KERNEL_CELLS = 2_000_000  # float64 of a part's kernel: 16 MB a thread, for any number of rows


class _MarginClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    def predict(self, X: Any) -> np.ndarray:
        """Return the more likely class of each row."""
        return self.classes_[(self.decision_function(X) > 0).astype(int)]


class LaplacianSVC(_MarginClassifier):
    """Support vector classifier with the kernel exp(−γ Σ|x − s|), a product over features.

    Fitted attributes are those of ``SVC``; ``gamma_`` is the kernel's γ.

    Args:
        C: Penalty of a margin violation.
        gamma: γ; ``scale`` is one over the number of columns.
    """

    def __init__(self, C: float = 1.0, gamma: float | str = "scale") -> None:
        self.C = C
        self.gamma = gamma

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to rows X and classes y."""
        X = validate_data(self, X, dtype=np.float64)
        self.gamma_ = laplacian_gamma(X, self.gamma)
        svc = SVC(C=self.C, kernel="precomputed").fit(laplacian_kernel(X, gamma=self.gamma_), y)
        for fitted in ("classes_", "support_", "dual_coef_", "intercept_"):
            setattr(self, fitted, getattr(svc, fitted))
        self.support_vectors_ = X[svc.support_]
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the signed margin of each row."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)

        def part_margin(part: slice) -> np.ndarray:
            kernel = laplacian_kernel(X[part], self.support_vectors_, gamma=self.gamma_)
            return kernel @ self.dual_coef_[0] + self.intercept_[0]

        parts = slices(len(X), max(1, _KERNEL_CELLS // len(self.support_vectors_)))
        with threadpool_limits(1, user_api="blas"):  # its other threads would only wait, busily
            return np.concatenate(in_threads(part_margin, parts))


def has_product_kernel(estimator: Any) -> bool:
    """Tell whether a classifier is a machine with an RBF or Laplacian kernel."""
    is_rbf = isinstance(estimator, SVC) and estimator.kernel == "rbf"
    return is_rbf or isinstance(estimator, LaplacianSVC)


def as_dense(matrix: Any) -> np.ndarray:
    """Return a matrix, dense or sparse, as an array: what is learned from sparse rows is sparse."""
    return matrix.toarray() if hasattr(matrix, "toarray") else np.asarray(matrix)


def exact_form(estimator: Any) -> Literal["kernel", "linear", "trees"] | None:
    """Return how a classifier, fitted or not, is explained exactly; None if it cannot be."""
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        GradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.linear_model._base import LinearClassifierMixin  # it has no public name
    from sklearn.tree import DecisionTreeClassifier

    if has_product_kernel(estimator):
        return "kernel"
    trees = (
        DecisionTreeClassifier
        | ExtraTreesClassifier
        | RandomForestClassifier
        | GradientBoostingClassifier
    )
    if isinstance(estimator, trees):
        return "trees"
    is_linear_svc = getattr(estimator, "kernel", None) == "linear"
    return "linear" if is_linear_svc or isinstance(estimator, LinearClassifierMixin) else None


def laplacian_gamma(X: np.ndarray, gamma: float | str) -> float:
    """Return γ as a number; ``scale`` is one over the number of columns."""
    return 1.0 / X.shape[1] if gamma == "scale" else float(gamma)


class SoftVote(_MarginClassifier):
    """Mean of named unfitted classifiers in log-odds; the calibration around it sets the scale."""

    def __init__(self, members: list[tuple[str, Any]]) -> None:
        self.members = members

    def fit(self, X: Any, y: Any) -> Self:
        """Fit every member to rows X and classes y."""
        self.members_ = [clone(member).fit(X, y) for _, member in self.members]
        self.classes_ = self.members_[0].classes_
        return self

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the mean log-odds of the members."""
        check_is_fitted(self)
        return vote([as_probability(member, X) for member in self.members_])


def vote(probabilities: list[np.ndarray]) -> np.ndarray:
    """Return the log-odds of the mean probability of the members."""
    return logit(np.clip(np.mean(probabilities, axis=0), 1e-6, 1 - 1e-6))


def as_probability(
    model: Any, X: Any, margin: Callable[[Any], np.ndarray] | None = None
) -> np.ndarray:
    """Return the member's probability that a row declines, roughly scaled for a margin.

    A margin f counts as half the log-odds (Friedman, Hastie & Tibshirani 2000, eq. 9), which is
    all a vote needs: it is calibrated as a whole. ``margin`` is a quicker way to it than the
    member's own.
    """
    if hasattr(model, "predict_proba"):
        return model.predict_proba(X)[:, 1]
    return expit(2 * (margin or model.decision_function)(X))


def margin_of(model: Any, X: Any) -> np.ndarray:
    """Return the margin of a fitted classifier, or its probability if it has no margin."""
    if hasattr(model, "decision_function"):
        return model.decision_function(X)
    return model.predict_proba(X)[:, 1]
