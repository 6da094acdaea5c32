import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.metrics import log_loss as sklearn_log_loss

from oneclick.modelling import metrics
from tests.modelling.shop import ECONOMICS


@st.composite
def scored(draw):
    """Classes, both present, and scores with many ties."""
    size = draw(st.integers(4, 40))
    declined = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    scores = draw(st.lists(st.integers(1, 9), min_size=size, max_size=size))
    declined[:2] = [True, False]
    return np.array(declined), np.array(scores) / 10


@given(scored())
def test_figures_agree_with_scikit_learn(customers):
    declined, p = customers
    assert metrics.roc_auc(declined, p) == pytest.approx(roc_auc_score(declined, p))
    assert metrics.pr_auc(declined, p) == pytest.approx(average_precision_score(declined, p))
    assert metrics.brier(declined, p) == pytest.approx(brier_score_loss(declined, p))
    assert metrics.log_loss(declined, p) == pytest.approx(sklearn_log_loss(declined, p))


@given(scored(), st.randoms(use_true_random=False))
def test_no_figure_depends_on_the_order_of_rows(customers, random):
    declined, p = customers
    order = list(range(len(p)))
    random.shuffle(order)
    for name, figure in metrics.fold_figures(ECONOMICS).items():
        assert figure(declined[order], p[order]) == pytest.approx(figure(declined, p)), name


def test_the_error_of_a_known_roc_auc():
    # Given the example of Hanley & McNeil (1982): 51 ill, 58 healthy, area 0.893, error 0.0325
    low, high = metrics.roc_auc_interval(np.arange(109) < 51, 0.893)
    logits = np.log([low / (1 - low), high / (1 - high)])
    assert np.diff(logits)[0] * 0.893 * 0.107 / (2 * 1.959964) == pytest.approx(0.0325, abs=5e-5)
    assert logits.mean() == pytest.approx(np.log(0.893 / 0.107))


@pytest.mark.parametrize("area", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("declined", [1, 5, 50])
def test_an_interval_holds_the_figure_that_it_belongs_to(declined, area):
    low, high = metrics.roc_auc_interval(np.arange(100) < declined, area)
    assert 0 <= low <= area <= high <= 1


@pytest.mark.parametrize(("declined", "steady"), [(5, 5), (5, 45), (20, 180)])
def test_intervals_of_few_customers_hold_the_true_roc_auc(declined, steady):
    # Given 1 000 groups of few customers, scored with a true ROC-AUC of 0.91
    random, is_declined = np.random.default_rng(12), np.arange(declined + steady) < declined
    scores = random.normal(size=(1000, len(is_declined))) + 1.8961 * is_declined
    ends = [
        metrics.roc_auc_interval(is_declined, metrics.roc_auc(is_declined, row)) for row in scores
    ]
    # Then the intervals of at least 95 % hold it, and none is a point
    low, high = np.array(ends).T
    assert ((low <= 0.91) & (high >= 0.91)).mean() >= 0.94
    assert (low < high).all()


def test_one_class_only_has_no_ranking():
    assert np.isnan(metrics.roc_auc(np.zeros(3, bool), np.array([0.1, 0.2, 0.3])))
    assert np.isnan(metrics.lift(np.zeros(3, bool), np.array([0.1, 0.2, 0.3]), 0.3))


def test_lift_of_the_known_example():
    declined = np.array([1, 1, 0, 0, 1, 0, 0, 0, 0, 0], bool)
    p = np.linspace(1, 0.1, 10)
    assert metrics.lift(declined, p, 0.3) == pytest.approx(2.222, abs=5e-4)
    assert metrics.lift_ceiling(declined, 0.3) == pytest.approx(1 / 0.3)
    assert metrics.lift(declined, p, 1.0) == pytest.approx(1)


def test_lift_counts_ties_in_proportion():
    assert metrics.lift(np.array([1, 0, 0, 0], bool), np.full(4, 0.5), 0.5) == pytest.approx(1)


def test_the_threshold_comes_from_the_costs():
    # Given V=200, γ=.3, d=10, f=1, ρ=1
    assert ECONOMICS.threshold == pytest.approx(11 / 67)
    assert ECONOMICS.gain - ECONOMICS.contact_cost == pytest.approx(56)


def test_profit_of_contacting_those_above_the_threshold():
    declined, p = np.array([True, False, True, False]), np.array([0.9, 0.2, 0.1, 0.1])
    # Then one decliner brings 56, one steady customer costs 11, two are left alone
    assert metrics.expected_profit(declined, p, ECONOMICS) == pytest.approx((56 - 11) / 4)


def test_skill_of_the_base_rate_is_nothing_and_of_the_truth_everything():
    declined = np.array([True, False, False, False])
    assert metrics.brier_skill(declined, np.full(4, 0.25)) == pytest.approx(0)
    assert metrics.brier_skill(declined, declined.astype(float)) == pytest.approx(1)
