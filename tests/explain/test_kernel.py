"""Product kernels: the quadrature equals the definition and has the properties of the value."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.svm import SVC

from oneclick.explain.kernel import (
    KernelMachine,
    explain_independent,
    explain_product_kernel,
    mean_factors,
)
from oneclick.explain.quadrature import decay
from oneclick.modelling.estimators import LaplacianSVC
from tests.explain.exact import interventional

# Two single columns, a category of three levels, another single column.
PLAYERS = [np.array([0]), np.array([1]), np.array([2, 3, 4]), np.array([5])]


def make_machine(random, power=2, vectors=12, players=PLAYERS) -> KernelMachine:
    return machine_of(make_rows(random, vectors), random, power, players)


def machine_of(support, random, power=2, players=PLAYERS) -> KernelMachine:
    weights = random.normal(size=len(support))
    return KernelMachine.build(support, weights, 0.3, power == 2, 0.2, players)


def make_rows(random, count) -> np.ndarray:
    """Rows of few distinct numbers, so that players are often equal."""
    levels = np.eye(4)[:, :3]  # the last is a level that training has not seen
    numbers = random.integers(-2, 3, (count, 3)) * 0.7
    return np.column_stack([numbers[:, :2], levels[random.integers(0, 4, count)], numbers[:, 2]])


def margin(machine, rows) -> np.ndarray:
    support = machine.support[:, :, : machine.weights.shape[1]] / machine.scale
    support = np.moveaxis(support, 1, 2).reshape(-1, rows.shape[1])
    gaps = np.abs(rows[:, None, :] - support) ** (2 if machine.squared else 1)
    return np.exp(-0.3 * gaps.sum(axis=2)) @ machine.weights.ravel() + machine.intercept


seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)
few = settings(max_examples=25, deadline=None)


def test_decay_is_the_exponential_to_the_last_but_two_digits():
    distances = np.concatenate([[0.0], np.geomspace(1e-9, 64, 2000)])
    values = [decay(one) for one in distances]
    np.testing.assert_allclose(values, np.exp(-distances), rtol=3e-14)
    assert values[0] == 1
    assert decay(1e300) == decay(64.0)
    assert np.isnan(decay(np.nan))


@few
@given(random=seeds, kind=st.sampled_from([SVC, LaplacianSVC]), sparse=st.booleans())
def test_the_machine_is_that_of_a_fitted_classifier(random, kind, sparse):
    X = random.normal(size=(40, 6))
    as_learned = csr_array(X) if sparse and kind is SVC else X
    classifier = kind().fit(as_learned, np.arange(40) % 2)
    x, z = random.normal(size=(2, 6)), random.normal(size=(1, 6))
    values = explain_product_kernel(KernelMachine.of(classifier, PLAYERS), x, z)
    expected = classifier.decision_function(x) - classifier.decision_function(z)
    np.testing.assert_allclose(values.sum(axis=1), expected, rtol=0, atol=1e-12)


@few
@given(random=seeds, power=st.sampled_from([1, 2]), count=st.integers(1, 6))
def test_values_equal_the_definition(random, power, count):
    machine = make_machine(random, power)
    rows, background = make_rows(random, count), make_rows(random, 7)
    expected = interventional(lambda one: margin(machine, one), rows, background, PLAYERS)
    np.testing.assert_allclose(
        explain_product_kernel(machine, rows, background), expected, atol=1e-12
    )


@few
@given(random=seeds, power=st.sampled_from([1, 2]))
def test_many_players_are_explained_by_quadrature_as_few_are_by_polynomials(random, power):
    machine = make_machine(random, power)
    crowd = replace(machine, players=[*PLAYERS, *[np.array([], dtype=int)] * 13])
    rows, background = make_rows(random, 5), make_rows(random, 9)
    np.testing.assert_allclose(
        explain_product_kernel(crowd, rows, background)[:, :4],
        explain_product_kernel(machine, rows, background),
        atol=1e-14,
    )


@few
@given(random=seeds)
def test_values_add_up_to_the_margin(random):
    machine = make_machine(random)
    rows, background = make_rows(random, 5), make_rows(random, 9)
    total = explain_product_kernel(machine, rows, background).sum(axis=1)
    np.testing.assert_allclose(
        total, margin(machine, rows) - margin(machine, background).mean(), atol=1e-12
    )


@few
@given(random=seeds)
def test_a_background_explained_against_itself_is_antisymmetric_work_with_the_same_result(random):
    # Given a background that spans several tiles, with copies in it
    machine = make_machine(random, vectors=4)
    background = make_rows(random, 150)
    itself = explain_product_kernel(machine, background, background)
    # When the same rows are explained one set at a time
    apart = explain_product_kernel(machine, background[:5], background)
    # Then halving the work has changed nothing
    np.testing.assert_allclose(itself[:5], apart, atol=1e-13)


def test_more_support_vectors_than_one_block():
    random = np.random.default_rng(3)
    machine = make_machine(random, vectors=300)
    rows, background = make_rows(random, 3), make_rows(random, 4)
    assert len(machine.support) == 2
    expected = interventional(lambda one: margin(machine, one), rows, background, PLAYERS)
    np.testing.assert_allclose(
        explain_product_kernel(machine, rows, background), expected, atol=1e-11
    )


@few
@given(random=seeds)
def test_equal_players_get_equal_values(random):
    def with_twins(rows):
        return np.column_stack([rows[:, 0], rows[:, 0], rows[:, 2:]])

    support, rows, background = (with_twins(make_rows(random, count)) for count in (8, 4, 6))
    machine = machine_of(support, random)
    values = explain_product_kernel(machine, rows, background)
    np.testing.assert_allclose(values[:, 0], values[:, 1], atol=1e-13)


@few
@given(random=seeds)
def test_a_player_that_changes_nothing_gets_nothing(random):
    # Given a column without numbers, and one in which customers and background are all alike
    players = [*PLAYERS, np.array([], dtype=int)]
    machine = make_machine(random, players=players)
    rows, background = make_rows(random, 4), make_rows(random, 6)
    rows[:, 1] = background[:, 1] = 0.7
    values = explain_product_kernel(machine, rows, background)
    assert (values[:, [1, 4]] == 0).all()
    assert np.abs(values[:, 0]).max() > 0


@few
@given(random=seeds)
def test_the_order_of_rows_changes_not_a_bit(random):
    machine = make_machine(random)
    rows, background = make_rows(random, 8), make_rows(random, 9)
    order = random.permutation(8)
    values = explain_product_kernel(machine, rows, background)
    shuffled = explain_product_kernel(machine, rows[order], random.permutation(background))
    assert (shuffled == values[order]).all()


@few
@given(random=seeds)
def test_the_order_of_one_hot_columns_changes_nothing(random):
    machine = make_machine(random)
    rows, background = make_rows(random, 8), make_rows(random, 9)
    order = np.array([0, 1, 4, 2, 3, 5])
    support = machine.support[:, order]
    turned = replace(machine, support=support)
    np.testing.assert_allclose(
        explain_product_kernel(turned, rows[:, order], background[:, order]),
        explain_product_kernel(machine, rows, background),
        atol=1e-13,
    )


def test_a_level_that_the_background_lacks_still_belongs_to_its_column():
    random = np.random.default_rng(5)
    machine = make_machine(random)
    rows, background = make_rows(random, 40), make_rows(random, 40)
    background = background[background[:, 3] == 0]
    rows = rows[rows[:, 3] == 1][:4]
    expected = interventional(lambda one: margin(machine, one), rows, background, PLAYERS)
    np.testing.assert_allclose(
        explain_product_kernel(machine, rows, background), expected, atol=1e-12
    )


def test_factors_that_vanish_leave_finite_values_that_add_up():
    random = np.random.default_rng(6)
    machine = make_machine(random)
    rows, background = make_rows(random, 3) + 1e4, make_rows(random, 5)
    values = explain_product_kernel(machine, rows, background)
    expected = machine.intercept - margin(machine, background).mean()
    np.testing.assert_allclose(values.sum(axis=1), expected, atol=1e-12)


@few
@given(random=seeds, power=st.sampled_from([1, 2]))
def test_the_fast_form_is_exact_for_independent_features(random, power):
    # Given every combination of the background's values as a background of its own
    machine = make_machine(random, power)
    rows, background = make_rows(random, 3), make_rows(random, 4)
    parts = product(*(background[:, columns] for columns in PLAYERS))
    combined = np.array([np.concatenate(part) for part in parts])
    # When rows are explained by the mean factors
    fast = explain_independent(machine, rows, mean_factors(machine, background))
    # Then values are those of the full form against all combinations
    np.testing.assert_allclose(fast, explain_product_kernel(machine, rows, combined), atol=1e-12)


@pytest.mark.parametrize("players", [1, 2, 3, 4, 5, 15, 16, 31])
def test_the_rule_is_exact_for_any_number_of_players(players):
    # Given a product of one column each, whose values are known for a single pair of rows
    columns = [np.array([one]) for one in range(players)]
    machine = KernelMachine.build(np.zeros((1, players)), np.ones(1), 1.0, False, 0.0, columns)
    x, z = np.full((1, players), np.log(2)), np.zeros((1, players))
    # Then equal players share f(x) − f(z) = 2^−d − 1 equally
    values = explain_product_kernel(machine, x, z)
    np.testing.assert_allclose(values, (0.5**players - 1) / players, rtol=1e-13)
