"""Values of pairs of rows under a product kernel, compiled for the processor at hand.

Wanted is, for each player j, Σᵢ aᵢ ∫₀¹ (pⱼ − rⱼ) Π_{k≠j} Tₖ dq with Tₖ = (1 − q) rₖ + q pₖ. With
q = (1 + t)/2 the factors are ½ (middle + t · half), middle = p + r and half = p − r: polynomials in
t whose coefficients never cancel badly.

Up to `SLOTS` players, the products of all players but one come from a binary tree. Upwards, the
polynomials of two, four and eight players are products of those below. Downwards, everything
outside a node is known by its moments ∫ outside · tˢ dt, as many as the node has players: those
outside a child are the moments outside its parent with the sibling's polynomial multiplied in. It
is exact as is Gauss–Legendre quadrature, divides by nothing, needs half the multiplications, and
nothing but its results ever leaves the processor's registers and their stack.

More players take the quadrature itself, ⌈players/2⌉ nodes, by running products from both ends.
"""

from math import exp, factorial

import numpy as np

from oneclick.explain.compiled import compiled

STRIDE = 264  # places per player or column; no power of two, or all would share a few cache lines
SLOTS = 16  # players of the tree; missing ones have factor 1 and come to nothing
_HALVES = 0.5**SLOTS
_NEXT = np.uint64(STRIDE)  # unsigned: places need no check for being counted from the end
_PAIRS = tuple(np.uint64(2 * pair * STRIDE) for pair in range(SLOTS // 2))
_M0, _M2, _M4, _M6, _M8, _M10, _M12, _M14 = (2 / (s + 1) for s in range(0, 16, 2))  # ∫ tˢ dt

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
def fill_factors(rows, support, columns, ends, squared, width, factors):
    """Write kⱼ(xⱼ, sᵢⱼ) into ``factors``, (blocks, rows, slots · `STRIDE`), which hold ones.

    Args:
        rows: Scaled rows, (rows, columns).
        support: Scaled support vectors, (blocks, columns, `STRIDE`).
        columns: Column numbers of the first player, then those of the second, …
        ends: Where each player's column numbers end.
        squared: Whether distances are squared.
        width: Support vectors of a block.
        factors: The result.
    """
    for block in range(support.shape[0]):
        for row in range(rows.shape[0]):
            first = 0
            for player in range(ends.shape[0]):
                factor = factors[block, row, player * STRIDE : player * STRIDE + width]
                if ends[player] > first:
                    factor[:] = 0.0
                    for place in range(first, ends[player]):
                        column = columns[place]
                        add_gaps(rows[row, column], support[block, column], squared, factor)
                    for i in range(np.uint64(width)):
                        factor[i] = decay(factor[i])
                first = ends[player]


@compiled
def explain_pairs(factors_x, factors_z, begin, weights, nodes, node_weights):
    """Return the values of pairs of rows, (x, z, slots).

    Args:
        factors_x: Of the rows explained, from `fill_factors`.
        factors_z: Of background rows.
        begin: Per row x, the first background row to compare with; values of earlier ones are 0.
        weights: aᵢ, (blocks, vectors of a block).
        nodes: Gauss–Legendre nodes in [0, 1], exact for as many players; used beyond `SLOTS`.
        node_weights: Their weights.
    """
    blocks, rows, places = factors_x.shape
    slots = places // STRIDE
    values = np.zeros((rows, factors_z.shape[1], slots))
    ahead = np.empty((slots + 1, weights.shape[1]))
    behind = np.empty(weights.shape[1])
    for x in range(rows):
        for block in range(blocks):
            p = factors_x[block, x]
            for z in range(begin[x], factors_z.shape[1]):
                r = factors_z[block, z]
                if slots == SLOTS:
                    _add_by_tree(p, r, weights[block], values[x, z])
                else:
                    _add_by_nodes(
                        p, r, weights[block], nodes, node_weights, ahead, behind, values[x, z]
                    )
    return values


@compiled
def explain_rows(rows, support, columns, ends, squared, factors_z, weights, nodes, node_weights):
    """Return the values of rows against one row of factors, (rows, slots).

    Their own factors are forgotten row by row. Arguments are those of the two functions above.
    """
    blocks, width = weights.shape
    values = np.empty((rows.shape[0], factors_z.shape[2] // STRIDE))
    factors = np.ones((blocks, 1, factors_z.shape[2]))
    begin = np.zeros(1, dtype=np.int64)
    for x in range(rows.shape[0]):
        fill_factors(rows[x : x + 1], support, columns, ends, squared, width, factors)
        pair = explain_pairs(factors, factors_z, begin, weights, nodes, node_weights)
        values[x] = pair[0, 0]
    return values


@compiled
def _two(p, r, here, weight):
    """Return the polynomial of the player at place ``here``, times that of the next.

    Returns:
        The three coefficients, and of the second its two parts: half of one times middle of the
        other, and the other way round.
    """
    there = here + _NEXT
    half, middle = weight * (p[here] - r[here]), weight * (p[here] + r[here])
    next_half, next_middle = p[there] - r[there], p[there] + r[there]
    one, other = half * next_middle, middle * next_half
    return middle * next_middle, one + other, half * next_half, one, other


@compiled
def _four(f, g):
    """Return the product of two polynomials of degree 2."""
    return (
        f[0] * g[0],
        f[0] * g[1] + f[1] * g[0],
        f[0] * g[2] + f[1] * g[1] + f[2] * g[0],
        f[1] * g[2] + f[2] * g[1],
        f[2] * g[2],
    )


@compiled
def _eight(f, g):
    """Return the product of two polynomials of degree 4."""
    return (
        f[0] * g[0],
        f[0] * g[1] + f[1] * g[0],
        f[0] * g[2] + f[1] * g[1] + f[2] * g[0],
        f[0] * g[3] + f[1] * g[2] + f[2] * g[1] + f[3] * g[0],
        f[0] * g[4] + f[1] * g[3] + f[2] * g[2] + f[3] * g[1] + f[4] * g[0],
        f[1] * g[4] + f[2] * g[3] + f[3] * g[2] + f[4] * g[1],
        f[2] * g[4] + f[3] * g[3] + f[4] * g[2],
        f[3] * g[4] + f[4] * g[3],
        f[4] * g[4],
    )


@compiled
def _moments(f):
    """Return ∫ f tˢ dt over [−1, 1] for s = 0 … 7, f of degree 8; odd powers integrate to 0."""
    return (
        _M0 * f[0] + _M2 * f[2] + _M4 * f[4] + _M6 * f[6] + _M8 * f[8],
        _M2 * f[1] + _M4 * f[3] + _M6 * f[5] + _M8 * f[7],
        _M2 * f[0] + _M4 * f[2] + _M6 * f[4] + _M8 * f[6] + _M10 * f[8],
        _M4 * f[1] + _M6 * f[3] + _M8 * f[5] + _M10 * f[7],
        _M4 * f[0] + _M6 * f[2] + _M8 * f[4] + _M10 * f[6] + _M12 * f[8],
        _M6 * f[1] + _M8 * f[3] + _M10 * f[5] + _M12 * f[7],
        _M6 * f[0] + _M8 * f[2] + _M10 * f[4] + _M12 * f[6] + _M14 * f[8],
        _M8 * f[1] + _M10 * f[3] + _M12 * f[5] + _M14 * f[7],
    )


@compiled
def _outside_four(sibling, moments):
    """Return the moments outside four players: their parent's, times their sibling."""
    f, m = sibling, moments
    return (
        f[0] * m[0] + f[1] * m[1] + f[2] * m[2] + f[3] * m[3] + f[4] * m[4],
        f[0] * m[1] + f[1] * m[2] + f[2] * m[3] + f[3] * m[4] + f[4] * m[5],
        f[0] * m[2] + f[1] * m[3] + f[2] * m[4] + f[3] * m[5] + f[4] * m[6],
        f[0] * m[3] + f[1] * m[4] + f[2] * m[5] + f[3] * m[6] + f[4] * m[7],
    )


@compiled
def _values(two, sibling, moments):
    """Return what two players get: each its own part, and both the last."""
    f, m = sibling, moments
    outside = f[0] * m[0] + f[1] * m[1] + f[2] * m[2]
    outside_t = f[0] * m[1] + f[1] * m[2] + f[2] * m[3]
    return two[3] * outside, two[4] * outside, two[2] * outside_t


@compiled
def _add_by_tree(p, r, weights, values):
    """Add the values of one pair of rows over one block of support vectors."""
    a0 = a1 = a2 = a3 = a4 = a5 = a6 = a7 = 0.0
    b0 = b1 = b2 = b3 = b4 = b5 = b6 = b7 = 0.0
    c0 = c1 = c2 = c3 = c4 = c5 = c6 = c7 = 0.0
    for i in range(np.uint64(weights.shape[0])):
        two0, two1 = _two(p, r, i + _PAIRS[0], _HALVES * weights[i]), _two(p, r, i + _PAIRS[1], 1.0)
        two2, two3 = _two(p, r, i + _PAIRS[2], 1.0), _two(p, r, i + _PAIRS[3], 1.0)
        two4, two5 = _two(p, r, i + _PAIRS[4], 1.0), _two(p, r, i + _PAIRS[5], 1.0)
        two6, two7 = _two(p, r, i + _PAIRS[6], 1.0), _two(p, r, i + _PAIRS[7], 1.0)
        four0, four1, four2, four3 = (
            _four(two0, two1), _four(two2, two3), _four(two4, two5), _four(two6, two7)
        )  # fmt: skip
        outside = _moments(_eight(four2, four3))
        outside0, outside1 = _outside_four(four1, outside), _outside_four(four0, outside)
        outside = _moments(_eight(four0, four1))
        outside2, outside3 = _outside_four(four3, outside), _outside_four(four2, outside)
        a, b, c = _values(two0, two1, outside0)
        a0, b0, c0 = a0 + a, b0 + b, c0 + c
        a, b, c = _values(two1, two0, outside0)
        a1, b1, c1 = a1 + a, b1 + b, c1 + c
        a, b, c = _values(two2, two3, outside1)
        a2, b2, c2 = a2 + a, b2 + b, c2 + c
        a, b, c = _values(two3, two2, outside1)
        a3, b3, c3 = a3 + a, b3 + b, c3 + c
        a, b, c = _values(two4, two5, outside2)
        a4, b4, c4 = a4 + a, b4 + b, c4 + c
        a, b, c = _values(two5, two4, outside2)
        a5, b5, c5 = a5 + a, b5 + b, c5 + c
        a, b, c = _values(two6, two7, outside3)
        a6, b6, c6 = a6 + a, b6 + b, c6 + c
        a, b, c = _values(two7, two6, outside3)
        a7, b7, c7 = a7 + a, b7 + b, c7 + c
    sums = (
        a0 + c0, b0 + c0, a1 + c1, b1 + c1, a2 + c2, b2 + c2, a3 + c3, b3 + c3,
        a4 + c4, b4 + c4, a5 + c5, b5 + c5, a6 + c6, b6 + c6, a7 + c7, b7 + c7,
    )  # fmt: skip
    for slot in range(SLOTS):
        values[slot] += sums[slot]


@compiled
def _begin(node_weight, weights, ahead, behind):
    for i in range(np.uint64(weights.shape[0])):
        ahead[i] = node_weight * weights[i]
        behind[i] = 1.0


@compiled
def _multiply(q, p, r, product, result):
    for i in range(np.uint64(product.shape[0])):
        result[i] = product[i] * (r[i] + q * (p[i] - r[i]))


@compiled
def _value(p, r, ahead, behind):
    total = 0.0
    for i in range(np.uint64(ahead.shape[0])):
        total += (p[i] - r[i]) * ahead[i] * behind[i]
    return total


@compiled
def _add_by_nodes(p, r, weights, nodes, node_weights, ahead, behind, values):
    """Add the values of one pair of rows over one block of support vectors, for any players."""
    players = len(values)
    for node in range(len(nodes)):
        _begin(node_weights[node], weights, ahead[0], behind)
        for j in range(players):
            own = slice(j * STRIDE, (j + 1) * STRIDE)
            _multiply(nodes[node], p[own], r[own], ahead[j], ahead[j + 1])
        for j in range(players - 1, -1, -1):
            own = slice(j * STRIDE, (j + 1) * STRIDE)
            values[j] += _value(p[own], r[own], ahead[j], behind)
            _multiply(nodes[node], p[own], r[own], behind, behind)
