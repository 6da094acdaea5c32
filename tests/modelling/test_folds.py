import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from oneclick.modelling.features import as_model_frame, clone_groups
from oneclick.modelling.folds import stratified_group_folds
from tests.modelling.shop import FEATURES, make_customers


@given(st.integers(20, 120), st.integers(2, 5), st.integers(0, 99))
def test_every_row_is_tested_once_and_clones_stay_together(size, folds, seed):
    random = np.random.default_rng(seed)
    groups = random.integers(0, size // 2, size)
    declined = groups % 3 == 0
    splits = stratified_group_folds(declined, groups, folds, seed)
    assert sorted(np.concatenate([test for _, test in splits])) == list(range(size))
    for train, test in splits:
        assert not set(groups[train]) & set(groups[test])
        assert sorted([*train, *test]) == list(range(size))


@given(st.integers(2, 10), st.integers(0, 99))
def test_folds_are_alike_in_size_and_share_of_decliners(folds, seed):
    declined = np.random.default_rng(seed).random(300) < 0.2
    splits = stratified_group_folds(declined, np.arange(300), folds, seed)
    for kind in (declined, ~declined):
        counts = [kind[test].sum() for _, test in splits]
        assert max(counts) - min(counts) <= 1


def test_another_seed_draws_other_folds():
    declined = np.arange(100) % 3 == 0
    first, again, other = (
        stratified_group_folds(declined, np.arange(100), 5, seed)[0][1] for seed in (1, 1, 2)
    )
    assert (first == again).all()
    assert not np.array_equal(first, other)


def test_clones_are_equal_in_every_feature_but_not_in_id_or_profit():
    customers = make_customers(6)
    customers.loc[[2, 5], FEATURES.names] = customers.loc[0, FEATURES.names].to_numpy()
    customers.loc[[1, 3], "promo_share"] = np.nan
    groups = clone_groups(as_model_frame(customers, FEATURES))
    assert groups[0] == groups[2] == groups[5]
    assert len(set(groups)) == 4
