"""Exact Shapley values of a kernel machine whose kernel is a product over features.

For f(x) = Σ aᵢ k(x, sᵢ) + b with k(x, s) = Π kⱼ(xⱼ, sⱼ) the interventional Shapley value against
one background row z is an integral of a polynomial in q (the multilinear extension of Owen 1972):

    φⱼ = Σᵢ aᵢ ∫₀¹ (pⱼ − rⱼ) Π_{k≠j} Tₖ(q) dq,   Tₖ(q) = (1 − q) rₖ + q pₖ,
    pⱼ = kⱼ(xⱼ, sᵢⱼ),   rⱼ = kⱼ(zⱼ, sᵢⱼ),

so it is found exactly (QuadraSHAP, arXiv 2605.05870, by Gauss–Legendre quadrature; here by the
polynomials themselves where players are few, see `quadrature`). The value against a background is
the weighted mean over its rows.

Since φ(x, z) = −φ(z, x), a background explained against itself needs half the pairs. Equal rows
are explained once. A player that is equal in x and z gets nothing, to the bit.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from oneclick.explain.quadrature import SLOTS, STRIDE, explain_pairs, explain_rows, fill_factors
from oneclick.modelling.estimators import LaplacianSVC, as_dense
from oneclick.threads import in_threads, slices

_BLOCK = 256  # support vectors: as many stay in the cache, in no more than `STRIDE` places
_ROWS = 128  # rows explained together
_BACKGROUND = 32  # background rows compared with them at a time: their factors stay in the cache
_FEW = 4  # rows whose factors are added at a time


@dataclass(frozen=True)
class KernelMachine:
    """A fitted kernel machine, its support vectors cut into blocks, and whose the columns are.

    Attributes:
        support: Scaled support vectors, (blocks, columns, `STRIDE`); zero where a block is filled
            up.
        weights: aᵢ, (blocks, vectors of a block); 0 where a block is filled up.
        scale: Factor of the columns that takes γ into the distances.
        squared: Whether distances are squared (RBF) or absolute (Laplacian).
        intercept: b.
        players: Column numbers of each player; a player without columns has no effect.
    """

    support: np.ndarray
    weights: np.ndarray
    scale: float
    squared: bool
    intercept: float
    players: list[np.ndarray]

    @classmethod
    def build(
        cls,
        support: np.ndarray,
        weights: np.ndarray,
        gamma: float,
        squared: bool,
        intercept: float,
        players: list[np.ndarray],
    ) -> "KernelMachine":
        """Cut support vectors sᵢ, (vectors, columns), into blocks of equal size.

        γ is that of exp(−γ · distance).
        """
        vectors, columns = support.shape
        scale = gamma**0.5 if squared else gamma
        blocks = -(-vectors // _BLOCK)
        width = 8 * -(-vectors // (8 * blocks))  # whole vector registers
        filled = np.zeros((blocks * width, columns))
        filled[:vectors] = scale * support
        packed = np.zeros((blocks, columns, STRIDE))
        packed[:, :, :width] = filled.reshape(blocks, width, columns).transpose(0, 2, 1)
        weights = np.pad(weights, (0, blocks * width - vectors)).reshape(blocks, width)
        return cls(packed, weights, scale, squared, intercept, players)

    @classmethod
    def of(cls, estimator: Any, players: list[np.ndarray]) -> "KernelMachine":
        """Return the machine of a fitted classifier of two classes that `has_product_kernel`."""
        squared = not isinstance(estimator, LaplacianSVC)
        # what "scale" meant at fitting is published nowhere in scikit-learn
        gamma = float(estimator._gamma if squared else estimator.gamma_)
        support, weights = as_dense(estimator.support_vectors_), as_dense(estimator.dual_coef_)[0]
        return cls.build(support, weights, gamma, squared, float(estimator.intercept_[0]), players)

    @property
    def slots(self) -> int:
        """Number of players, filled up to those of the tree."""
        return max(SLOTS, len(self.players))

    @property
    def rule(self) -> tuple[np.ndarray, np.ndarray]:
        """Gauss–Legendre nodes and weights on [0, 1], exact for as many players."""
        nodes, weights = np.polynomial.legendre.leggauss(-(-self.slots // 2))
        return (nodes + 1) / 2, weights / 2

    @property
    def columns(self) -> tuple[np.ndarray, np.ndarray]:
        """Column numbers of one player after the other, and where each player's end."""
        numbers = np.concatenate([*self.players, np.empty(0)]).astype(np.int64)
        return numbers, np.cumsum([len(columns) for columns in self.players])

    def factors(self, rows: np.ndarray) -> np.ndarray:
        """Return kⱼ(xⱼ, sᵢⱼ) of rows, (blocks, rows, slots · `STRIDE`)."""
        blocks, width = self.weights.shape
        factors = np.ones((blocks, len(rows), self.slots * STRIDE))
        fill_factors(self.scale * rows, self.support, *self.columns, self.squared, width, factors)
        return factors


def explain_product_kernel(
    machine: KernelMachine, rows: np.ndarray, background: np.ndarray
) -> np.ndarray:
    """Return interventional Shapley values, the mean over every row of the background.

    Memory does not grow with the rows but for the result and their transformed numbers.

    Args:
        machine: The kernel machine.
        rows: Transformed rows to explain, (rows, columns).
        background: Transformed background rows, (background rows, columns).

    Returns:
        Values in units of the margin, (rows, players).
    """
    x, where = np.unique(rows, axis=0, return_inverse=True)
    z, counts = np.unique(background, axis=0, return_counts=True)
    weights = counts / counts.sum()
    same_set = np.array_equal(x, z)
    values = np.zeros((len(x), machine.slots))

    def explain_tile(first: slice, factors_x: np.ndarray, second: slice) -> list[np.ndarray]:
        """Return the tile's part of the first rows' values; of the same set's second ones too."""
        begin = np.zeros(first.stop - first.start, dtype=np.int64)
        if same_set:  # each pair of rows is met once, for both of them
            later = np.arange(first.start, first.stop) + 1 - second.start
            begin = later.clip(0, second.stop - second.start)
        factors_z = machine.factors(z[second])
        pairs = explain_pairs(factors_x, factors_z, begin, machine.weights, *machine.rule)
        parts = [np.einsum("xzj,z->xj", pairs, weights[second])]
        if same_set:
            parts.append(-np.einsum("xzj,x->zj", pairs, weights[first]))
        return parts

    for first in slices(len(x), _ROWS):
        seconds = [
            second
            for second in slices(len(z), _BACKGROUND)
            if not same_set or second.stop > first.start
        ]
        work = partial(explain_tile, first, machine.factors(x[first]))
        for second, parts in zip(seconds, in_threads(work, seconds), strict=True):
            for part, own in zip((first, second), parts, strict=False):
                values[part] += own
    return values[where.ravel(), : len(machine.players)]


def explain_independent(
    machine: KernelMachine, rows: np.ndarray, mean_factors: np.ndarray
) -> np.ndarray:
    """Return Shapley values against a background whose features are independent.

    The background is every combination of the background's values; its mean of a product kernel
    is the product of the means, so one row of mean factors stands for all of it.

    Args:
        machine: The kernel machine.
        rows: Transformed rows to explain, (rows, columns).
        mean_factors: From `mean_factors`.

    Returns:
        Values in units of the margin, (rows, players).
    """

    def explain_part(part: slice) -> np.ndarray:
        theirs = machine.scale * rows[part], machine.support, *machine.columns, machine.squared
        return explain_rows(*theirs, mean_factors, machine.weights, *machine.rule)

    parts = in_threads(explain_part, slices(len(rows), _ROWS))
    return np.concatenate(parts)[:, : len(machine.players)]


def independent_mean(machine: KernelMachine, mean_factors: np.ndarray) -> float:
    """Return the mean of the margin over a background of independent features."""
    weights = machine.weights
    products = mean_factors.reshape(len(weights), machine.slots, STRIDE).prod(axis=1)
    return float((weights * products[:, : weights.shape[1]]).sum()) + machine.intercept


def mean_factors(machine: KernelMachine, background: np.ndarray) -> np.ndarray:
    """Return the mean of every kernel factor over the background, shaped like one row's."""
    parts = [
        machine.factors(background[part]).sum(axis=1, keepdims=True)
        for part in slices(len(background), _FEW)
    ]
    return np.sum(parts, axis=0) / len(background)
