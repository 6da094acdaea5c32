"""Exact Shapley values of decision trees, forests and boosting, one player per original column.

A leaf adds its value to the coalition S of columns that come from the customer x, the others from
the background row z, if and only if on its path x meets every condition of the columns in S and z
those of the others. So only two sets matter: the columns on the path that x alone meets (u of
them) and those that z alone meets (w). The first get value · (u−1)! w! / (u+w)! each, the
second −value · u! (w−1)! / (u+w)! each (the interventional TreeSHAP of Lundberg et al. 2020, with
several transformed columns in one player, which summing TreeExplainer's values does not give).
"""

from collections.abc import Iterator
from functools import cache
from math import factorial
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits


def explain_trees(
    estimator: Any, players: list[np.ndarray], x: np.ndarray, z: np.ndarray
) -> np.ndarray:
    """Return the values of a tree model's output, the mean over every background row.

    The output is the probability of a fitted decision tree or forest (mean of its trees), or the
    margin of gradient boosting. ``x`` and the background ``z`` are transformed rows, (rows,
    columns), ``players`` the column numbers of each player; the values are (rows, players).
    """
    trees = np.ravel(getattr(estimator, "estimators_", [estimator]))
    # boosting adds regression trees, forests average class shares
    scale = getattr(estimator, "learning_rate", 1 / len(trees))
    owner = np.zeros(x.shape[1], dtype=int)
    for player, columns in enumerate(players):
        owner[columns] = player
    # scikit-learn compares single precision with thresholds in double
    rows = np.concatenate([x, z]).astype(np.float32)
    values = np.zeros((len(x), len(players)))
    # thousands of small products: a second thread would only wait, at full load
    with threadpool_limits(1, user_api="blas"):
        for tree in trees:
            for on_path, met, value in _leaves(tree.tree_, owner, rows):
                values[:, on_path] += value * _explain_leaf(on_path, met[: len(x)], met[len(x) :])
    return scale * values


def _leaves(
    tree: Any, owner: np.ndarray, rows: np.ndarray
) -> Iterator[tuple[list[int], np.ndarray, float]]:
    """Yield each leaf: players on its path, which of them each row meets (bits), its value."""
    stack: list[tuple[int, list[int], np.ndarray]] = [(0, [], np.full(len(rows), -1))]
    while stack:
        node, on_path, met = stack.pop()
        if tree.children_left[node] == -1:
            counts = tree.value[node][0]  # of both classes, or the one number of a regression tree
            value = counts[1] / counts.sum() if len(counts) == 2 else counts[0]
            if on_path:
                yield on_path, met, float(value)
            continue
        player = int(owner[tree.feature[node]])
        path = on_path if player in on_path else [*on_path, player]
        column = rows[:, tree.feature[node]]
        left = column <= tree.threshold[node]
        if tree.missing_go_to_left[node]:
            left |= np.isnan(column)
        failed = met & ~(1 << player)
        stack.append((tree.children_left[node], path, np.where(left, met, failed)))
        stack.append((tree.children_right[node], path, np.where(left, failed, met)))


def _explain_leaf(on_path: list[int], met_x: np.ndarray, met_z: np.ndarray) -> np.ndarray:
    """Return the values of a leaf worth 1, (rows, players on its path); equal rows are one case."""
    bits = 1 << np.array(on_path)
    x, where = np.unique(met_x, return_inverse=True)
    z, counts = np.unique(met_z, return_counts=True)
    has_x, has_z = (x[:, None] & bits) != 0, (z[:, None] & bits) != 0
    gain, loss = _gain(x, z, len(bits)), _gain(z, x, len(bits)).T
    share = (counts / len(met_z))[:, None]
    return np.where(has_x, gain @ (share * ~has_z), -loss @ (share * has_z))[where]


def _gain(x: np.ndarray, z: np.ndarray, players: int) -> np.ndarray:
    """Return (u−1)! w! / (u+w)! of each pair of patterns; 0 where the leaf cannot be reached."""
    only_x, only_z = x[:, None] & ~z, z & ~x[:, None]
    reached = (x[:, None] | z) == -1  # who is not on the path meets it
    return reached * _weights(players)[np.bitwise_count(only_x), np.bitwise_count(only_z)]


@cache
def _weights(players: int) -> np.ndarray:
    """Return (u−1)! w! / (u+w)!, u ≥ 1, by u and w."""
    weights = np.zeros((players + 1, players + 1))
    for u in range(1, players + 1):
        for w in range(players + 1):
            weights[u, w] = factorial(u - 1) * factorial(w) / factorial(u + w)
    return weights
