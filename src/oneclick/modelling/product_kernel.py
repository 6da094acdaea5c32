"""Kernel machines Σ aᵢ k(x, sᵢ) + b whose kernel is a product over columns: RBF and Laplacian."""

from dataclasses import dataclass
from math import exp, factorial
from typing import Any

import numpy as np

from oneclick.modelling.compiled import compiled
from oneclick.modelling.estimators import LaplacianSVC
from oneclick.threads import in_threads, slices

STRIDE = 264  # places per column; no power of two, or all columns would share a few cache lines
BLOCK = 256  # of these, support vectors: a block of them stays in the cache
_CHUNK = 2048  # rows that a thread takes at a time
_COLUMNS = 8  # columns treated together; missing ones are zero


@dataclass(frozen=True)
class ProductKernel:
    """A fitted kernel machine, its support vectors cut into blocks.

    Attributes:
        support: Scaled support vectors, (blocks, columns, `STRIDE`); zero where a block or the
            columns are filled up.
        weights: aᵢ, (blocks, vectors of a block); 0 where a block is filled up.
        scale: Factor of the columns that takes γ into the distances.
        squared: Whether distances are squared (RBF) or absolute (Laplacian).
        intercept: b.
    """

    support: np.ndarray
    weights: np.ndarray
    scale: float
    squared: bool
    intercept: float = 0.0

    @classmethod
    def build(
        cls,
        support: np.ndarray,
        weights: np.ndarray,
        gamma: float,
        squared: bool,
        intercept: float = 0.0,
    ) -> "ProductKernel":
        """Cut support vectors sᵢ, (vectors, columns), into blocks of equal size.

        γ is that of exp(−γ · distance).
        """
        vectors, columns = support.shape
        scale = gamma**0.5 if squared else gamma
        blocks = -(-vectors // BLOCK)
        width = 8 * -(-vectors // (8 * blocks))  # whole vector registers
        filled = np.zeros((blocks * width, _COLUMNS * -(-columns // _COLUMNS)))
        filled[:vectors, :columns] = scale * support
        packed = np.zeros((blocks, filled.shape[1], STRIDE))
        packed[:, :, :width] = filled.reshape(blocks, width, -1).transpose(0, 2, 1)
        weights = np.pad(weights, (0, blocks * width - vectors)).reshape(blocks, width)
        return cls(packed, weights, scale, squared, intercept)

    @classmethod
    def of(cls, estimator: Any) -> "ProductKernel":
        """Return the machine of a fitted classifier of two classes that `has_product_kernel`."""
        squared = not isinstance(estimator, LaplacianSVC)
        support, weights = estimator.support_vectors_, estimator.dual_coef_
        if hasattr(support, "toarray"):
            support, weights = support.toarray(), weights.toarray()
        # what "scale" meant at fitting is published nowhere in scikit-learn
        gamma = float(estimator._gamma if squared else estimator.gamma_)
        return cls.build(support, weights[0], gamma, squared, float(estimator.intercept_[0]))

    def scaled(self, rows: np.ndarray) -> np.ndarray:
        """Return rows, (rows, columns), on the scale of the support vectors and as wide."""
        filled = np.zeros((len(rows), self.support.shape[1]))
        np.multiply(rows, self.scale, out=filled[:, : rows.shape[1]])
        return filled

    def margin(self, rows: np.ndarray) -> np.ndarray:
        """Return Σ aᵢ k(x, sᵢ) + b of each row, as the classifier's ``decision_function``.

        Memory is that of the rows, the work that of all processors.
        """

        def part_sums(part: slice) -> np.ndarray:
            return _sums(self.scaled(rows[part]), self.support, self.weights, self.squared)

        parts = in_threads(part_sums, slices(len(rows), _CHUNK))
        return np.concatenate([np.empty(0), *parts]) + self.intercept


# exp(−d) is the 64th power of exp(−d/64), and that its Taylor series about d = 32: within 2e−14 of
# the true value, and plain arithmetic that the compiler makes vector instructions of.
_FARTHEST = 64.0  # exp(−64) = 2e−28 is nothing in a sum of float64
_SERIES = tuple(exp(-0.5) * (-0.5) ** power / factorial(power) for power in range(14, -1, -1))


@compiled
def decay(distance):
    """Return exp(−distance) for a distance from 0; beyond 64 it is that of 64."""
    y = (_FARTHEST if distance > _FARTHEST else distance) / 32.0 - 1.0
    value = 0.0
    for term in _SERIES:
        value = value * y + term
    for _ in range(6):
        value *= value
    return value


@compiled
def add_gaps(x, support, squared, distance):
    """Add a column's share of the distances between one row and support vectors."""
    for i in range(np.uint64(distance.shape[0])):
        gap = x - support[i]
        distance[i] += gap * gap if squared else abs(gap)


@compiled
def _add_eight_columns(x, y, support, first, squared, distance_x, distance_y):
    """Add the shares of eight columns, for two rows at a time."""
    for i in range(np.uint64(distance_x.shape[0])):
        sum_x = 0.0
        sum_y = 0.0
        for column in range(first, first + _COLUMNS):
            s = support[column, i]
            gap_x = x[column] - s
            gap_y = y[column] - s
            sum_x += gap_x * gap_x if squared else abs(gap_x)
            sum_y += gap_y * gap_y if squared else abs(gap_y)
        distance_x[i] += sum_x
        distance_y[i] += sum_y


@compiled
def _weighted_sum(distance, weights):
    total = 0.0
    for i in range(np.uint64(distance.shape[0])):
        total += weights[i] * decay(distance[i])
    return total


@compiled
def _sums(rows, support, weights, squared):
    blocks, width = weights.shape
    count, columns = rows.shape
    sums = np.zeros(count)
    distance_x = np.empty(width)
    distance_y = np.empty(width)
    for block in range(blocks):
        for x in range(0, count, 2):
            y = min(x + 1, count - 1)  # the last of an odd number is its own companion
            distance_x[:] = 0.0
            distance_y[:] = 0.0
            for first in range(0, columns, _COLUMNS):
                _add_eight_columns(
                    rows[x], rows[y], support[block], first, squared, distance_x, distance_y
                )
            sums[x] += _weighted_sum(distance_x, weights[block])
            if y > x:
                sums[y] += _weighted_sum(distance_y, weights[block])
    return sums
