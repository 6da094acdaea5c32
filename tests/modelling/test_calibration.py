import numpy as np
import pytest

from oneclick.modelling.calibration import (
    calibration_table,
    expected_calibration_error,
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
