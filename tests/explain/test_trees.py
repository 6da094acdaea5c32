"""Trees: exact for grouped columns, where TreeExplainer's values cannot simply be added."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.tree import DecisionTreeClassifier

from oneclick.explain.trees import explain_trees
from tests.explain.exact import interventional

PLAYERS = [np.array([0]), np.array([1, 2, 3]), np.array([4]), np.array([5])]
SINGLES = [np.array([one]) for one in range(6)]


def make_data(random, count=60):
    levels = np.eye(3)[random.integers(0, 3, count)]
    rows = np.column_stack([random.normal(size=count), levels, random.normal(size=(count, 2))])
    label = rows[:, 0] * rows[:, 4] + rows[:, 1] + random.normal(0, 0.3, count) > 0
    return rows, label


@settings(max_examples=15, deadline=None)
@given(
    random=st.integers(0, 2**32 - 1).map(np.random.default_rng),
    estimator=st.sampled_from(
        [
            DecisionTreeClassifier(max_depth=5, random_state=0),
            ExtraTreesClassifier(3, random_state=0),
            RandomForestClassifier(3, random_state=0),
            GradientBoostingClassifier(n_estimators=4, random_state=0),
        ]
    ),
)
def test_values_equal_the_definition(random, estimator):
    rows, label = make_data(random)
    estimator.fit(rows, label)
    if hasattr(estimator, "decision_function"):
        output = estimator.decision_function
    else:
        output = lambda one: estimator.predict_proba(one)[:, 1]  # noqa: E731
    expected = interventional(output, rows[:5], rows[20:40], PLAYERS)
    np.testing.assert_allclose(
        explain_trees(estimator, PLAYERS, rows[:5], rows[20:40]), expected, atol=1e-12
    )


def test_values_of_single_columns_equal_shap():
    shap = pytest.importorskip("shap")
    rows, label = make_data(np.random.default_rng(1), 300)
    forest = ExtraTreesClassifier(10, random_state=0).fit(rows, label)
    masker = shap.maskers.Independent(rows, max_samples=len(rows))
    reference = shap.TreeExplainer(forest, masker).shap_values(rows[:20])[:, :, 1]
    np.testing.assert_allclose(
        explain_trees(forest, SINGLES, rows[:20], rows), reference, atol=1e-6
    )


def test_missing_numbers_take_the_side_the_tree_gives_them():
    rows, label = make_data(np.random.default_rng(2), 200)
    rows[::7, 4] = np.nan
    tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(rows, label)
    values = explain_trees(tree, PLAYERS, rows, rows)
    output = tree.predict_proba(rows)[:, 1]
    np.testing.assert_allclose(values.sum(axis=1), output - output.mean(), atol=1e-12)


def test_a_tree_without_splits_explains_nothing():
    rows, label = make_data(np.random.default_rng(3))
    stump = DecisionTreeClassifier(min_samples_leaf=60).fit(rows, label)
    assert (explain_trees(stump, PLAYERS, rows, rows) == 0).all()
