"""The quadrature behind `kernel`: values of pairs of rows, compiled for the processor at hand.

Support vectors are the innermost loop, in blocks whose running products stay in the cache. The
products of all players but one are a running product from the left times one from the right, so
nothing is divided. Nodes come in pairs ±t, since T = middle ± t · half.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit, prange

# Sums may be reordered and multiply-adds fused; nothing else is relaxed.
_FAST = {"contract", "reassoc", "nsz"}


def _compiled(function: Callable[..., Any], parallel: bool = False) -> Callable[..., Any]:
    try:
        return njit(cache=True, fastmath=_FAST, error_model="numpy", parallel=parallel)(function)
    except RuntimeError:  # no folder may be written: compile in every process
        return njit(fastmath=_FAST, error_model="numpy", parallel=parallel)(function)


def legendre_rules(players: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the Gauss–Legendre rules of 1, 2, … ⌈players/2⌉ nodes: nodes t ≥ 0 of [−1, 1].

    A node t stands for ±t; the weight of t = 0, which is met twice that way, is halved.
    """
    most = (players + 1) // 2
    nodes = np.zeros((most + 1, (most + 1) // 2))
    weights = np.zeros_like(nodes)
    for count in range(1, most + 1):
        t, w = np.polynomial.legendre.leggauss(count)
        half = (count + 1) // 2
        nodes[count, :half] = np.abs(t[:half])
        weights[count, :half] = np.where(np.arange(half) == count // 2, w[:half] / 2, w[:half])
    return nodes, weights


@_compiled
def _halves(p, r, half, middle):  # type: ignore[no-untyped-def]
    for i in range(p.shape[0]):
        half[i] = 0.5 * (p[i] - r[i])
        middle[i] = 0.5 * (p[i] + r[i])


@_compiled
def _multiply(product, factor):  # type: ignore[no-untyped-def]
    for i in range(product.shape[0]):
        product[i] *= factor[i]


@_compiled
def _begin(weight, common, up, down, up_rest, down_rest):  # type: ignore[no-untyped-def]
    for i in range(common.shape[0]):
        up[i] = down[i] = weight * common[i]
        up_rest[i] = down_rest[i] = 1.0


@_compiled
def _ahead(t, half, middle, up, down, up_next, down_next):  # type: ignore[no-untyped-def]
    for i in range(half.shape[0]):
        step = t * half[i]
        up_next[i] = up[i] * (middle[i] + step)
        down_next[i] = down[i] * (middle[i] - step)


@_compiled
def _back(t, half, middle, up, down, up_rest, down_rest):  # type: ignore[no-untyped-def]
    total = 0.0
    for i in range(half.shape[0]):
        step = t * half[i]
        total += half[i] * (up[i] * up_rest[i] + down[i] * down_rest[i])
        up_rest[i] *= middle[i] + step
        down_rest[i] *= middle[i] - step
    return total


@_compiled
def _pair(p, r, active, common, half, middle, up, down, rests, nodes, weights, values):  # type: ignore[no-untyped-def]
    """Add the values of one pair of rows over one block of support vectors.

    ``up`` and ``down`` hold the products of the players before each one at +t and −t, ``rests``
    those of the players after it.
    """
    players = len(active)
    for j in range(players):
        _halves(p[active[j]], r[active[j]], half[j], middle[j])
    count = (players + 1) // 2
    for node in range((count + 1) // 2):
        t = nodes[count, node]
        _begin(weights[count, node], common, up[0], down[0], rests[0], rests[1])
        for j in range(players):
            _ahead(t, half[j], middle[j], up[j], down[j], up[j + 1], down[j + 1])
        for i in range(players):
            j = players - 1 - i
            values[active[j]] += _back(t, half[j], middle[j], up[j], down[j], rests[0], rests[1])


def _all_pairs(factors_x, factors_z, codes_x, codes_z, coefficients, nodes, weights):  # type: ignore[no-untyped-def]
    """Return the values of every pair, (x, z, players); rows x go to the threads.

    Factors are cut into blocks of support vectors: (blocks, rows, players, vectors of a block).
    """
    blocks, rows, players, width = factors_x.shape
    result = np.zeros((rows, factors_z.shape[1], players))
    for x in prange(rows):
        half = np.empty((players, width))
        middle = np.empty((players, width))
        up = np.empty((players + 1, width))
        down = np.empty((players + 1, width))
        rests = np.empty((2, width))
        common = np.empty(width)
        for z in range(factors_z.shape[1]):
            active = np.flatnonzero(codes_x[x] != codes_z[z])
            for block in range(blocks):
                p = factors_x[block, x]
                common[:] = coefficients[block]
                for j in range(players):
                    if codes_x[x, j] == codes_z[z, j]:
                        _multiply(common, p[j])
                r = factors_z[block, z]
                _pair(
                    p, r, active, common, half, middle, up, down, rests, nodes, weights,
                    result[x, z],
                )  # fmt: skip
    return result


explain_pairs = _compiled(_all_pairs, parallel=True)
explain_few_pairs = _compiled(_all_pairs)  # too little work for a second thread to pay
