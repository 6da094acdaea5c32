"""The definition of the Shapley value, by brute force: what every quick form must equal."""

from collections.abc import Callable, Iterable
from itertools import combinations
from math import comb

import numpy as np


def shapley_by_definition(
    value: Callable[[frozenset[int]], np.ndarray], players: int
) -> np.ndarray:
    """Return the values of all players from the worth of all 2^d coalitions."""
    worth = {coalition: value(coalition) for coalition in _coalitions(range(players))}
    result = []
    for player in range(players):
        others = [one for one in range(players) if one != player]
        total = sum(
            (worth[coalition | {player}] - worth[coalition])
            / (players * comb(players - 1, len(coalition)))
            for coalition in _coalitions(others)
        )
        result.append(total)
    return np.stack(result, axis=-1)


def interventional(
    function: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    z: np.ndarray,
    players: list[np.ndarray],
) -> np.ndarray:
    """Return the interventional values of a function of rows, by definition, (rows, players)."""

    def value(coalition: frozenset[int]) -> np.ndarray:
        own = np.zeros(x.shape[1], dtype=bool)
        for player in coalition:
            own[players[player]] = True
        hybrids = np.where(own, x[:, None, :], z[None, :, :])
        return function(hybrids.reshape(-1, x.shape[1])).reshape(len(x), len(z)).mean(axis=1)

    return shapley_by_definition(value, len(players))


def _coalitions(members: Iterable[int]) -> list[frozenset[int]]:
    members = list(members)
    return [
        frozenset(chosen)
        for size in range(len(members) + 1)
        for chosen in combinations(members, size)
    ]
