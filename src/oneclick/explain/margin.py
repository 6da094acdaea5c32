"""Explanations of a fitted classifier: by which method, and whether the values add up."""

import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from oneclick.errors import OneclickError
from oneclick.explain.permutation import explain_by_permutation
from oneclick.explain.players import players_of
from oneclick.explain.score import INSTEAD, Score, score_of
from oneclick.explain.trees import explain_trees
from oneclick.modelling.estimators import as_dense, exact_form

if TYPE_CHECKING:
    from shap import Explanation


TOLERANCE = 1e-9  # largest gap between the sum of exact values and the model's own output
CHECKED = 100  # rows per chunk that the fast form compares: SVC itself is slower than it


@dataclass(frozen=True)
class Contributions:
    """Shapley values, in shap's words but without loading it: that takes a second.

    Attributes:
        values: Shapley values, (rows, columns).
        base: The background's mean, which the values start from.
        rows: What is explained.
        scale: What the values add up to.
        method: How they were found.
        error_std: Standard errors of sampled values.
    """

    values: np.ndarray
    base: float
    rows: pd.DataFrame
    scale: str
    method: str
    error_std: np.ndarray | None = None

    @property
    def feature_names(self) -> list[str]:
        """The columns' names."""
        return list(self.rows.columns)

    @cached_property
    def data(self) -> np.ndarray:
        """The original values, (rows, columns)."""
        return self.rows.to_numpy(dtype=object)


def explain_margin(
    model: Any, rows: pd.DataFrame, background: pd.DataFrame, **options: Any
) -> "Explanation":
    """Return `contributions`, with the same options, as shap's plots take them.

    The original values are in ``data``, the scale is also in ``output_names``, which a slice keeps.
    """
    with warnings.catch_warnings():
        # shap 0.51 calls what matplotlib 3.11 will deprecate
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        from shap import Explanation

    found = contributions(model, rows, background, **options)
    explanation = Explanation(
        values=found.values,
        base_values=np.full(len(rows), found.base),
        data=found.data,
        feature_names=found.feature_names,
        output_names=found.scale,
        error_std=found.error_std,
    )
    explanation.scale, explanation.method = found.scale, found.method
    return explanation


def contributions(
    model: Any,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    method: Literal["auto", "permutation"] = "auto",
    permutations: int = 32,
    seed: int = 0,
) -> Contributions:
    """Return interventional Shapley values of each row, one per original column.

    SVC (RBF, Laplacian or linear kernel), linear models, decision trees and their forests are
    explained exactly against every row of the background; other models by sampled permutations.

    Args:
        model: Fitted pipeline, or one sigmoid calibration of it.
        rows: Customers to explain, with the columns the pipeline was fitted to.
        background: Rows to compare with; the full training set is the honest choice.
        method: ``auto``, or ``permutation`` to sample any model.
        permutations: Draws of the permutation method.
        seed: Seed of the permutation method.

    Raises:
        OneclickError: The model cannot be explained, or exact values do not add up to its output.
    """
    score = score_of(model)
    columns = _columns(score, rows)
    rows, background = _checked(rows, columns, "rows"), _checked(background, columns, "background")
    estimator = score.pipeline[-1]
    family = None if method == "permutation" else exact_form(estimator)
    if family is None:
        return _sampled(score, rows, background, permutations, seed)
    players = list(players_of(score.pipeline).values())
    x, z = _transformed(score.pipeline, rows), _transformed(score.pipeline, background)
    if family == "linear":
        values = _explain_linear(estimator, players, x, z)
    elif family == "trees":
        values = explain_trees(estimator, players, x, z)
    else:
        from oneclick.explain.kernel import KernelMachine, explain_product_kernel

        values = explain_product_kernel(KernelMachine.of(estimator, players), x, z)
    base = float(score.output(background).mean())
    _check_additivity(values, base, score.output(rows))
    return _scaled(score, values, base, rows, "exact interventional, full background")


def contributions_fast(
    model: Any, chunks: Iterable[pd.DataFrame], background: pd.DataFrame
) -> Iterator[Contributions]:
    """Explain any number of customers, chunk by chunk, by a kernel machine.

    The background is that of independent features: every combination of the background's values.
    The values are exact for that value function, which is another one than that of
    `contributions`; `benchmarks.explain_speed` measures how far apart they are.

    Args:
        model: Fitted pipeline with an RBF or Laplacian SVC, or one sigmoid calibration of it.
        chunks: Frames of customers; each is explained and forgotten.
        background: Rows whose columns give the independent distributions.

    Yields:
        The contributions to each chunk.

    Raises:
        OneclickError: The model is no kernel machine, or values do not add up.
    """
    from oneclick.explain.kernel import (
        KernelMachine,
        explain_independent,
        independent_mean,
        mean_factors,
    )

    score = score_of(model)
    estimator = score.pipeline[-1]
    if exact_form(estimator) != "kernel":
        raise OneclickError(
            "The fast form is for an SVC with RBF or Laplacian kernel; use explain_margin for "
            f"{type(estimator).__name__}."
        )
    columns = _columns(score, background)
    machine = KernelMachine.of(estimator, list(players_of(score.pipeline).values()))
    factors = mean_factors(
        machine, _transformed(score.pipeline, _checked(background, columns, "background"))
    )
    base = independent_mean(machine, factors)
    for chunk in chunks:
        rows = _checked(chunk, columns, "rows")
        values = explain_independent(machine, _transformed(score.pipeline, rows), factors)
        some = np.arange(0, len(rows), max(1, len(rows) // CHECKED))
        _check_additivity(values[some], base, score.output(rows.iloc[some]))
        yield _scaled(score, values, base, rows, "exact for independent features")


def _columns(score: Score, frame: pd.DataFrame) -> list[str]:
    """Return the columns the pipeline was fitted to; one without a first step knows none."""
    return list(getattr(score.pipeline, "feature_names_in_", frame.columns))


def _checked(frame: pd.DataFrame, columns: list[str], role: str) -> pd.DataFrame:
    missing = [name for name in columns if name not in frame.columns]
    if missing or frame.empty:
        problem = f"lack the columns {', '.join(missing)}" if missing else "are empty"
        raise OneclickError(
            f"The {role} to explain {problem}. Give a frame with at least one row and the columns "
            f"the model was fitted to: {', '.join(columns)}."
        )
    return frame[columns]


def _transformed(pipeline: Pipeline, frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(as_dense(pipeline[0].transform(frame)), dtype=np.float64)


def _explain_linear(
    estimator: Any, players: list[np.ndarray], x: np.ndarray, z: np.ndarray
) -> np.ndarray:
    """Return w · (x − mean z), summed over the columns of each player (Štrumbelj 2014, eq. 10)."""
    parts = as_dense(estimator.coef_)[0] * (x - z.mean(axis=0))
    return np.stack([parts[:, columns].sum(axis=1) for columns in players], axis=1)


def _check_additivity(values: np.ndarray, base: float, output: np.ndarray) -> None:
    """Compare with the model's own output, never with the values' own sums."""
    gap = float(np.abs(values.sum(axis=1) + base - output).max())
    if not gap <= TOLERANCE * max(1.0, float(np.abs(output).max())):
        raise OneclickError(
            f"The Shapley values miss the model's output by {gap:.2g} (allowed: {TOLERANCE:g}), so "
            f"they explain another function. {INSTEAD}"
        )


def _sampled(
    score: Score, rows: pd.DataFrame, background: pd.DataFrame, permutations: int, seed: int
) -> Contributions:
    values, errors = explain_by_permutation(score.output, rows, background, permutations, seed)
    error = abs(score.slope) * float(np.sqrt((errors**2).mean()))
    method = f"permutation, {permutations} draws, standard error ±{error:.2g}"
    base = float(score.output(background).mean())
    return _scaled(score, values, base, rows, method, errors)


def _scaled(
    score: Score,
    values: np.ndarray,
    base: float,
    rows: pd.DataFrame,
    method: str,
    errors: np.ndarray | None = None,
) -> Contributions:
    """Take values from the output to the score and put the facts beside them."""
    return Contributions(
        values=score.slope * values,
        base=score.slope * base + score.offset,
        rows=rows,
        scale=score.scale,
        method=method,
        error_std=None if errors is None else abs(score.slope) * errors,
    )
