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


def explain_trees(
    estimator: Any, players: list[np.ndarray], x: np.ndarray, z: np.ndarray
) -> np.ndarray:
    """Return the values of a tree model's output, the mean over every background row.

    Args:
        estimator: Fitted decision tree, forest (mean probability of its trees) or gradient boosting
            (its margin).
        players: Column numbers of each player.
        x: Transformed rows to explain, (rows, columns).
        z: Transformed background, (background rows, columns).

    Returns:
        Values in units of the probability, for boosting of the margin, (rows, players).
    """
    trees = np.ravel(getattr(estimator, "estimators_", [estimator]))
    # boosting adds regression trees, forests average class shares
    scale = getattr(estimator, "learning_rate", 1 / len(trees))
    owner = np.zeros(x.shape[1], dtype=int)
    for player, columns in enumerate(players):
        owner[columns] = player
    # scikit-learn compares single precision with thresholds in double
    x, z = x.astype(np.float32), z.astype(np.float32)
    values = np.zeros((len(x), len(players)))
    for tree in trees:
        for on_path, met_x, met_z, value in _leaves(tree.tree_, owner, x, z):
            values[:, on_path] += _explain_leaf(met_x, met_z, value)
    return scale * values


def _leaves(
    tree: Any, owner: np.ndarray, x: np.ndarray, z: np.ndarray
) -> Iterator[tuple[list[int], np.ndarray, np.ndarray, float]]:
    """Yield each leaf: players on its path, which of them rows x and z meet, its value."""
    start: dict[int, tuple[np.ndarray, np.ndarray]] = {}
    stack = [(0, start)]
    while stack:
        node, met = stack.pop()
        if tree.children_left[node] == -1:
            counts = tree.value[node][0]  # of both classes, or the one number of a regression tree
            value = counts[1] / counts.sum() if len(counts) == 2 else counts[0]
            if met:
                met_x, met_z = (np.stack(one, axis=1) for one in zip(*met.values(), strict=True))
                yield list(met), met_x, met_z, float(value)
            continue
        left_x, left_z = (_goes_left(tree, node, rows) for rows in (x, z))
        player = int(owner[tree.feature[node]])
        old_x, old_z = met.get(player, (np.True_, np.True_))
        for child, side_x, side_z in (
            (tree.children_left[node], left_x, left_z),
            (tree.children_right[node], ~left_x, ~left_z),
        ):
            stack.append((child, {**met, player: (old_x & side_x, old_z & side_z)}))


def _goes_left(tree: Any, node: int, rows: np.ndarray) -> np.ndarray:
    column = rows[:, tree.feature[node]]
    missing_left = bool(tree.missing_go_to_left[node])
    return np.where(np.isnan(column), missing_left, column <= tree.threshold[node])


def _explain_leaf(met_x: np.ndarray, met_z: np.ndarray, value: float) -> np.ndarray:
    """Return the values of one leaf, (rows, players on its path); equal patterns are one case."""
    players = met_x.shape[1]
    bits = 1 << np.arange(players)
    x, where = np.unique(met_x @ bits, return_inverse=True)
    z, counts = np.unique(met_z @ bits, return_counts=True)
    only_x = np.bitwise_count(x[:, None] & ~z)
    only_z = np.bitwise_count(z & ~x[:, None])
    reached = (x[:, None] | z) == bits.sum()
    weight = value * reached * (counts / len(met_z))
    gain, loss = _weights(players)
    has_x, has_z = (x[:, None] & bits) > 0, (z[:, None] & bits) > 0
    gained = (weight * gain[only_x, only_z]) @ ~has_z
    lost = (weight * loss[only_x, only_z]) @ has_z
    return np.where(has_x, gained, -lost)[where]


@cache
def _weights(players: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (u−1)! w! / (u+w)! and u! (w−1)! / (u+w)! for all u, w ≤ players."""
    gain, loss = np.zeros((2, players + 1, players + 1))
    for u in range(players + 1):
        for w in range(players + 1):
            if u:
                gain[u, w] = factorial(u - 1) * factorial(w) / factorial(u + w)
            if w:
                loss[u, w] = factorial(u) * factorial(w - 1) / factorial(u + w)
    return gain, loss
