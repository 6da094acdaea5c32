"""Stratified folds that keep clones together."""

import numpy as np

Split = tuple[np.ndarray, np.ndarray]


def stratified_group_folds(
    declined: np.ndarray, groups: np.ndarray, folds: int, seed: int
) -> list[Split]:
    """Deal groups into folds of nearly equal size and equal share of decliners.

    Groups are shuffled, then dealt larger first to the fold that has least of the group's class.
    The result depends on the order of the rows and the seed only.

    Returns:
        Per fold the positions of training rows and of test rows, ascending.
    """
    random = np.random.default_rng(seed)
    numbers, first, sizes = np.unique(groups, return_index=True, return_counts=True)
    order = random.permutation(len(numbers))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled = np.zeros((2, folds))
    # Where a class does not divide evenly, its surplus goes to a random fold.
    filled += random.permuted(np.tile(np.arange(folds) / (10 * folds), (2, 1)), axis=1)
    fold_of_group = np.empty(len(numbers), dtype=int)
    for position in order:
        kind = int(declined[first[position]])
        fold = int(np.argmin(filled[kind]))
        fold_of_group[position] = fold
        filled[kind, fold] += sizes[position]
    fold_of_row = fold_of_group[np.searchsorted(numbers, groups)]
    return [
        (np.flatnonzero(fold_of_row != fold), np.flatnonzero(fold_of_row == fold))
        for fold in range(folds)
    ]
