from dataclasses import replace

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV

from oneclick.modelling.candidates import calibrate, make_pipeline
from oneclick.modelling.evaluation import (
    _evaluate_split,
    evaluate_nested,
    inner_splits,
    outer_splits,
)
from oneclick.modelling.metrics import roc_auc
from oneclick.modelling.training import fit_champion
from oneclick.progress import watch
from tests.modelling.shop import FEATURES, QUICK, choose, make_customers, make_task

PLAIN = ("logistic", "knn", "svc_rbf")


@pytest.fixture(scope="module")
def task():
    return make_task(make_customers(), choose(*PLAIN))


@pytest.fixture(scope="module")
def scores(task):
    return evaluate_nested(task, 1)


def test_every_customer_is_scored_once_per_repeat(task, scores):
    for name in PLAIN:
        assert scores.probabilities[name].shape == (QUICK.repeats, len(task.declined))
        assert not np.isnan(scores.probabilities[name]).any()
        assert roc_auc(task.declined, scores.mean_probability(name)) > 0.75


def test_the_procedure_is_that_of_scikit_learn(task, scores):
    # Given the settings that the inner folds chose in the first outer split
    split = outer_splits(task)[0]
    train, test = split
    for name in PLAIN:
        settings = {name: scores.settings[name][0]}
        pipeline = make_pipeline(task.candidates, name, settings, FEATURES, task.seed)
        # When scikit-learn calibrates the whole pipeline on the same inner folds
        model = calibrate(pipeline, inner_splits(task, train))
        model.fit(task.frame.iloc[train], task.declined[train])
        theirs = model.predict_proba(task.frame.iloc[test])[:, 1]
        # Then the probabilities are the same
        np.testing.assert_allclose(scores.probabilities[name][0, test], theirs, atol=1e-9)


def test_a_test_label_has_no_influence_on_any_score(task):
    # Given a split, and the same customers with the labels of the test part turned round
    split = outer_splits(task)[0]
    turned = task.declined.copy()
    turned[split[1]] = ~turned[split[1]]
    one, other = (_evaluate_split(each, split) for each in (task, replace(task, declined=turned)))
    for name in PLAIN:
        assert one[name][1] == other[name][1]
        np.testing.assert_array_equal(one[name][0], other[name][0])


def test_shuffled_labels_are_worth_nothing():
    customers = make_customers(400)
    shuffled = np.random.default_rng(5).permutation(customers["declined"].to_numpy())
    task = make_task(customers.assign(declined=shuffled), choose("svc_rbf", "knn"))
    scores = evaluate_nested(task, 1)
    for name in ("svc_rbf", "knn"):
        assert np.mean(scores.by_fold(name)) == pytest.approx(0.5, abs=0.08)


def test_the_result_does_not_depend_on_the_number_of_processes(task, scores, monkeypatch):
    heard = []
    monkeypatch.setattr("oneclick.progress._listeners", [])  # nobody listens after the test
    watch(lambda done, total, _: heard.append((done, total)))
    again = evaluate_nested(task, 2)
    for name in PLAIN:
        np.testing.assert_array_equal(again.probabilities[name], scores.probabilities[name])
    assert heard == [(number, 6) for number in range(1, 7)]


def test_a_vote_in_the_evaluation_is_the_vote_that_is_fitted():
    candidates = choose("svc_laplacian", "extra_trees", "knn", "soft_vote")
    task = make_task(make_customers(160), candidates)
    train, test = outer_splits(task)[0]
    scores = evaluate_nested(task, 1)
    settings = {name: scores.settings[name][0] for name in candidates.root}
    pipeline = make_pipeline(candidates, "soft_vote", settings, FEATURES, task.seed)
    model = calibrate(pipeline, inner_splits(task, train))
    model.fit(task.frame.iloc[train], task.declined[train])
    theirs = model.predict_proba(task.frame.iloc[test])[:, 1]
    np.testing.assert_allclose(scores.probabilities["soft_vote"][0, test], theirs, atol=1e-9)


def test_the_model_in_service_is_one_calibrated_pipeline(task):
    model, settings = fit_champion(make_task(make_customers(), choose("svc_rbf")), "svc_rbf")
    assert isinstance(model, CalibratedClassifierCV)
    assert len(model.calibrated_classifiers_) == 1
    assert set(settings) == {"C", "gamma"}
    assert list(model.calibrated_classifiers_[0].estimator.feature_names_in_) == FEATURES.names
