"""Stratified folds that keep clones together."""

import numpy as np

Split = tuple[np.ndarray, np.ndarray]  # positions of training rows and of test rows, ascending


def stratified_group_folds(
    declined: np.ndarray, groups: np.ndarray, folds: int, seed: int
) -> list[Split]:
    """Deal groups into folds of nearly equal size and equal share of decliners.

    Groups are shuffled, then dealt larger first to the fold that has least of the group's class.
    The result depends on the order of the rows and the seed only.
    """
    random = np.random.default_rng(seed)
    _, first, own, sizes = np.unique(
        groups, return_index=True, return_inverse=True, return_counts=True
    )
    order = random.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    # Where a class does not divide evenly, its surplus goes to a random fold.
    filled = random.permuted(np.tile(np.arange(folds) / (10 * folds), (2, 1)), axis=1)
    fold_of_group = np.empty(len(sizes), dtype=int)
    for group in order:
        of_class = filled[int(declined[first[group]])]
        fold_of_group[group] = np.argmin(of_class)
        of_class[fold_of_group[group]] += sizes[group]
    tested = fold_of_group[own] == np.arange(folds)[:, None]
    return [(np.flatnonzero(~test), np.flatnonzero(test)) for test in tested]
