"""Customers as they are, not as one would wish: training works, and no warning reaches anybody."""

import numpy as np
import pytest

from oneclick.modelling.evaluation import evaluate_nested
from oneclick.modelling.features import as_model_frame
from oneclick.modelling.parameters import Effort
from oneclick.modelling.scoring import score
from oneclick.modelling.training import fit_champion
from tests.modelling.shop import CATEGORIES, FEATURES, choose, make_customers, make_task

SMALLEST = Effort(folds=2, repeats=1, inner_folds=2, search_size=1, bootstrap=100, background=9)
EVERY = (
    "logistic",
    "knn",
    "decision_tree",
    "svc_linear",
    "svc_rbf",
    "svc_laplacian",
    "extra_trees",
    "splines",
    "soft_vote",
)


def constant_feature():
    return make_customers(150).assign(service_errors=4.0)


def category_seen_once():
    customers = make_customers(150)
    customers.loc[0, "favourite_category"] = "Мебель"
    return customers


def nothing_in_a_column():
    return make_customers(150).assign(promo_share=np.nan)


def holes_everywhere():
    customers = make_customers(150)
    random = np.random.default_rng(0)
    for name in FEATURES.names:
        customers.loc[random.random(150) < 0.2, name] = None
    return customers


def one_hundred_customers():
    return make_customers(100)


def two_percent_decliners():
    return make_customers(600, declined_share=0.02)


def no_signal_at_all():
    return make_customers(150).assign(**dict.fromkeys(FEATURES.numeric, 1.0))


@pytest.mark.parametrize(
    "shop",
    [
        constant_feature,
        category_seen_once,
        nothing_in_a_column,
        holes_everywhere,
        one_hundred_customers,
        two_percent_decliners,
        no_signal_at_all,
    ],
)
def test_every_candidate_copes_with(shop):
    task = make_task(shop(), choose(*EVERY), SMALLEST)
    scores = evaluate_nested(task, 1)
    for name in EVERY:
        p = scores.probabilities[name]
        assert ((p > 0) & (p < 1)).all(), name


@pytest.fixture(scope="module", params=["svc_rbf", "extra_trees"])
def model(request):
    return fit_champion(make_task(make_customers(150), choose(request.param)), request.param)[0]


def test_an_unseen_or_missing_category_is_scored(model):
    customers = make_customers(4, seed=3)
    customers["favourite_category"] = ["Мебель", None, *CATEGORIES[:2]]
    p = score(model, as_model_frame(customers, FEATURES))
    assert ((p > 0) & (p < 1)).all()


def test_a_customer_of_whom_nothing_is_known_is_scored(model):
    customers = make_customers(2, seed=3)
    customers[FEATURES.names] = None
    p = score(model, as_model_frame(customers, FEATURES))
    assert ((p > 0) & (p < 1)).all()
