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

import numpy as np

from oneclick.explain.quadrature import SLOTS, explain_pairs, explain_rows, fill_factors
from oneclick.modelling.product_kernel import STRIDE, ProductKernel
from oneclick.threads import in_threads, slices

_ROWS = 128  # rows explained together
_BACKGROUND = 32  # background rows compared with them at a time: their factors stay in the cache
_FEW = 4  # rows whose factors are added at a time


@dataclass(frozen=True)
class ProductKernelMachine:
    """A kernel machine on the transformed columns, and whose columns they are.

    Attributes:
        kernel: The fitted machine.
        players: Column numbers of each player; a player without columns has no effect.
    """

    kernel: ProductKernel
    players: list[np.ndarray]

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
        kernel = self.kernel
        blocks, width = kernel.weights.shape
        factors = np.ones((blocks, len(rows), self.slots * STRIDE))
        fill_factors(
            kernel.scaled(rows), kernel.support, *self.columns, kernel.squared, width, factors
        )
        return factors


def explain_product_kernel(
    machine: ProductKernelMachine, rows: np.ndarray, background: np.ndarray
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
        pairs = explain_pairs(factors_x, factors_z, begin, machine.kernel.weights, *machine.rule)
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
    machine: ProductKernelMachine, rows: np.ndarray, mean_factors: np.ndarray
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
    kernel = machine.kernel

    def explain_part(part: slice) -> np.ndarray:
        scaled = kernel.scaled(rows[part])
        theirs = scaled, kernel.support, *machine.columns, kernel.squared
        return explain_rows(*theirs, mean_factors, kernel.weights, *machine.rule)

    parts = in_threads(explain_part, slices(len(rows), _ROWS))
    return np.concatenate(parts)[:, : len(machine.players)]


def independent_mean(machine: ProductKernelMachine, mean_factors: np.ndarray) -> float:
    """Return the mean of the margin over a background of independent features."""
    weights = machine.kernel.weights
    products = mean_factors.reshape(len(weights), machine.slots, STRIDE).prod(axis=1)
    return float((weights * products[:, : weights.shape[1]]).sum()) + machine.kernel.intercept


def mean_factors(machine: ProductKernelMachine, background: np.ndarray) -> np.ndarray:
    """Return the mean of every kernel factor over the background, shaped like one row's."""
    parts = [
        machine.factors(background[part]).sum(axis=1, keepdims=True)
        for part in slices(len(background), _FEW)
    ]
    return np.sum(parts, axis=0) / len(background)
