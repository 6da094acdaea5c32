import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.svm import SVC

from oneclick.modelling.calibration import (
    calibration_table,
    expected_calibration_error,
    fit_sigmoid,
    simulate_chance,
)

P = np.array([0.25] * 4 + [0.75] * 4)


@pytest.mark.parametrize(("declined", "error"), [("00010111", 0), ("00001111", 0.25)])
def test_calibration_error_of_known_examples(declined, error):
    classes = np.array([letter == "1" for letter in declined])
    assert expected_calibration_error(classes, P, bins=2) == pytest.approx(error)


def test_perfect_calibration_still_shows_an_error_of_this_size():
    # Given probabilities as far apart as the shop's, 1 296 customers and 10 bins
    p = np.random.default_rng(1).beta(0.3, 0.5, 1296)
    shares, errors = simulate_chance(p, bins=10, seed=0)
    assert errors.mean() == pytest.approx(0.021, abs=0.003)
    assert np.quantile(errors, 0.95) <= 0.03
    assert (shares.std(axis=0) > 0).all()


def test_equal_probabilities_stay_in_one_bin():
    table = calibration_table(np.array([True, False, True, False]), np.full(4, 0.5), bins=3)
    assert table["customers"].tolist() == [4]


def test_the_sigmoid_is_scikit_learns():
    random = np.random.default_rng(0)
    X, declined = random.normal(size=(200, 2)), random.random(200) < 0.4
    X[declined] += 1
    folds = [(np.arange(100), np.arange(100, 200)), (np.arange(100, 200), np.arange(100))]
    model = CalibratedClassifierCV(SVC(), method="sigmoid", cv=folds, ensemble=False)
    theirs = model.fit(X, declined).calibrated_classifiers_[0].calibrators[0]
    margin = np.empty(200)
    for train, test in folds:
        margin[test] = SVC().fit(X[train], declined[train]).decision_function(X[test])
    ours = fit_sigmoid(margin, declined)
    assert ours.slope == pytest.approx(theirs.a_, abs=1e-4)
    assert ours.offset == pytest.approx(theirs.b_, abs=1e-4)
    np.testing.assert_allclose(ours(margin), theirs.predict(margin), atol=1e-4)


def test_a_constant_margin_gives_the_base_rate():
    declined = np.array([True] * 30 + [False] * 70)
    p = fit_sigmoid(np.zeros(100), declined)(np.zeros(1))
    assert p == pytest.approx(0.3, abs=0.01)
