"""Sampled Shapley values of any model, with their standard error."""

from collections.abc import Callable

import numpy as np
import pandas as pd

ROWS_AT_A_TIME = 50_000  # hybrids given to the model in one call


def explain_by_permutation(
    margin: Callable[[pd.DataFrame], np.ndarray],
    rows: pd.DataFrame,
    background: pd.DataFrame,
    permutations: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return interventional Shapley values, sampled over orders and background rows together.

    Each of at least two draws takes one background row and one order of the columns, and turns the
    background row into the customer column by column, once in that order and once in reverse
    (antithetic; Mitchell et al. 2022), which costs 2 · columns predictions per customer. Every
    customer meets the same draws, so results do not depend on the order of rows. Background rows
    are drawn from the whole background without replacement. What the drawn rows lack to the mean of
    the background is spread over the columns in proportion to their variances (Štrumbelj &
    Kononenko 2014), so that the values add up.

    Returns:
        The values of ``margin``, a function of a frame, and their standard errors, both
        (rows, columns).
    """
    columns = list(rows.columns)
    random = np.random.default_rng(seed)
    orders = np.stack([random.permutation(len(columns)) for _ in range(permutations)])
    # sorted first: the same draws whatever the order of the background's rows
    background = background.sort_values(columns, key=lambda one: one.astype(str), kind="stable")
    shuffled = random.permutation(len(background))
    drawn = background.iloc[np.resize(shuffled, permutations)]
    base = margin(background).mean()
    size = max(1, ROWS_AT_A_TIME // (2 * permutations * (len(columns) + 1)))
    parts = [rows.iloc[start : start + size] for start in range(0, len(rows), size)]
    draws = np.concatenate([_walk(margin, part, drawn, orders) for part in parts])
    values = draws.mean(axis=1)
    errors = draws.std(axis=1, ddof=1) / np.sqrt(permutations)
    missing = margin(rows) - base - values.sum(axis=1)
    variance = errors**2
    total = variance.sum(axis=1, keepdims=True)
    equal = np.full_like(variance, 1 / len(columns))
    share = np.divide(variance, total, out=equal, where=total > 0)
    return values + share * missing[:, None], errors


def _walk(
    margin: Callable[[pd.DataFrame], np.ndarray],
    rows: pd.DataFrame,
    drawn: pd.DataFrame,
    orders: np.ndarray,
) -> np.ndarray:
    """Return what each column adds in each draw, mean of both ways, (rows, draws, columns)."""
    draws, players = orders.shape
    both = np.stack([orders, orders[:, ::-1]], axis=1)  # (draws, 2, players)
    rank = np.argsort(both, axis=2)
    # after k steps the first k columns of the order are the customer's
    own = rank[:, :, None, :] < np.arange(players + 1)[:, None]
    shape = (len(rows), draws, 2, players + 1)
    customer, draw, _, _ = np.indices(shape, sparse=True)
    pool = pd.concat([rows, drawn], ignore_index=True)
    hybrids = {
        name: pool[name].array.take(np.where(own[..., j], customer, len(rows) + draw).ravel())
        for j, name in enumerate(rows.columns)
    }
    steps = np.diff(margin(pd.DataFrame(hybrids)).reshape(shape), axis=3)  # in the walk's order
    added = np.take_along_axis(steps, np.broadcast_to(rank, (len(rows), *rank.shape)), axis=3)
    return added.mean(axis=2)
