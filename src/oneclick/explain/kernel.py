"""Exact Shapley values of a kernel machine whose kernel is a product over features.

For f(x) = Σ aᵢ k(x, sᵢ) + b with k(x, s) = Π kⱼ(xⱼ, sⱼ) the interventional Shapley value against
one background row z is an integral of a polynomial in q (the multilinear extension of Owen 1972):

    φⱼ = Σᵢ aᵢ ∫₀¹ (pⱼ − rⱼ) Π_{k≠j} Tₖ(q) dq,   Tₖ(q) = (1 − q) rₖ + q pₖ,
    pⱼ = kⱼ(xⱼ, sᵢⱼ),   rⱼ = kⱼ(zⱼ, sᵢⱼ),

so Gauss–Legendre quadrature with ⌈m/2⌉ nodes for m players is exact (QuadraSHAP, arXiv
2605.05870). The value against a background is the weighted mean over its rows.

What keeps it quick: players with equal values in x and z get nothing and leave the product;
φ(x, z) = −φ(z, x), so a background explained against itself needs half the pairs; nodes come in
pairs T = middle ± t · half; the products of all others are a running product from the left times
one from the right, without a division. Equal rows are explained once.
"""

from dataclasses import dataclass

import numpy as np

from oneclick.explain.quadrature import explain_few_pairs, explain_pairs, legendre_rules

FLOOR = 1e-100  # smaller factors are nothing, and subnormal products would be slow
BLOCK = 256  # support vectors treated together: their running products stay in the cache
TILE_BYTES = 16e6  # memory of one tile's factors


@dataclass(frozen=True)
class ProductKernelMachine:
    """A fitted kernel machine on the transformed columns, its support vectors cut into blocks.

    Attributes:
        support: Support vectors, (blocks, vectors of a block, columns).
        coefficients: aᵢ, (blocks, vectors of a block); 0 where a block is filled up.
        gamma: γ of exp(−γ · distance).
        power: 2 for the RBF kernel (squared distance), 1 for the Laplacian (sum of differences).
        players: Column numbers of each player; a player without columns has no effect.
    """

    support: np.ndarray
    coefficients: np.ndarray
    gamma: float
    power: int
    players: list[np.ndarray]

    @classmethod
    def build(
        cls,
        support: np.ndarray,
        coefficients: np.ndarray,
        gamma: float,
        power: int,
        players: list[np.ndarray],
    ) -> "ProductKernelMachine":
        """Cut the support vectors (vectors, columns) into blocks of equal size."""
        blocks = -(-len(support) // BLOCK)
        width = 8 * -(-len(support) // (8 * blocks))  # whole vector registers
        missing = blocks * width - len(support)
        return cls(
            np.pad(support, ((0, missing), (0, 0))).reshape(blocks, width, -1),
            np.pad(coefficients, (0, missing)).reshape(blocks, width),
            gamma,
            power,
            players,
        )

    def factors(self, rows: np.ndarray) -> np.ndarray:
        """Return kⱼ(xⱼ, sᵢⱼ) of rows, (blocks, rows, players, vectors of a block)."""
        blocks, width, _ = self.support.shape
        factors = np.empty((blocks, len(rows), len(self.players), width))
        for block, support in enumerate(self.support):
            for player, columns in enumerate(self.players):
                distance = np.zeros((len(rows), width))
                for column in columns:
                    gap = np.abs(rows[:, column, None] - support[:, column])
                    distance += gap**self.power
                factors[block, :, player] = np.maximum(np.exp(-self.gamma * distance), FLOOR)
        return factors

    @property
    def tile(self) -> int:
        """Number of rows whose factors are held at a time."""
        row_bytes = 8 * len(self.players) * self.coefficients.size
        return int(np.clip(TILE_BYTES / row_bytes, 1, 64))


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
    codes_x, codes_z = _code_values(machine.players, x, z)
    rules = legendre_rules(len(machine.players))
    values = np.zeros((len(x), len(machine.players)))
    for first in _tiles(len(x), machine.tile):
        factors_x = machine.factors(x[first])
        for second in _tiles(len(z), machine.tile):
            if same_set and second.start < first.start:
                continue  # done by antisymmetry when the roles were swapped
            factors_z = machine.factors(z[second])
            pairs = explain_pairs(
                factors_x, factors_z, codes_x[first], codes_z[second], machine.coefficients, *rules
            )
            values[first] += np.einsum("xzj,z->xj", pairs, weights[second])
            if same_set and second.start > first.start:
                values[second] -= np.einsum("xzj,x->zj", pairs, weights[first])
    return values[where.ravel()]


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
    values = np.empty((len(rows), len(machine.players)))
    rules = legendre_rules(len(machine.players))
    nobody = np.full((1, len(machine.players)), -1)  # equal to no row
    for part in _tiles(len(rows), machine.tile):
        factors = machine.factors(rows[part])
        codes = np.zeros((len(rows[part]), len(machine.players)), dtype=np.int64)
        values[part] = explain_few_pairs(
            factors, mean_factors, codes, nobody, machine.coefficients, *rules
        )[:, 0]
    return values


def independent_mean(machine: ProductKernelMachine, mean_factors: np.ndarray) -> float:
    """Return the mean of Σ aᵢ k(x, sᵢ) over a background of independent features."""
    return float((machine.coefficients * mean_factors.prod(axis=2)[:, 0]).sum())


def mean_factors(machine: ProductKernelMachine, background: np.ndarray) -> np.ndarray:
    """Return the mean of every kernel factor over the background, shaped like one row's."""
    parts = [
        machine.factors(background[part]).sum(axis=1, keepdims=True)
        for part in _tiles(len(background), machine.tile)
    ]
    return np.sum(parts, axis=0) / len(background)


def _tiles(count: int, size: int) -> list[slice]:
    return [slice(start, min(start + size, count)) for start in range(0, count, size)]


def _code_values(
    players: list[np.ndarray], x: np.ndarray, z: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Number the distinct values of each player, so that equal players are seen at a glance."""
    both = np.concatenate([x, z])
    codes = np.zeros((len(both), len(players)), dtype=np.int64)
    for player, columns in enumerate(players):
        if len(columns):
            codes[:, player] = np.unique(both[:, columns], axis=0, return_inverse=True)[1].ravel()
    return codes[: len(x)], codes[len(x) :]
