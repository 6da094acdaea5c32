"""Known answers of Verbraken, Verbeke & Baesens (2013)."""

import numpy as np
import pytest

from oneclick.modelling.metrics import expected_maximum_profit

DECLINED = np.array([0, 1, 0, 1, 0, 1, 0, 1], bool)
SCORES = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.8, 0.9])
COSTS = {"value_at_stake": 200, "incentive": 10, "contact_cost": 1}


def maximum_profit(declined, p, save_rate: float, **costs: float) -> float:
    """MPC (eq. 8): as if the save rate were known to one part in 10 000."""
    certain = {"alpha": save_rate * 1e8, "beta_": (1 - save_rate) * 1e8}
    return expected_maximum_profit(declined, p, **costs, **certain)


def test_maximum_profit_of_the_known_example():
    assert maximum_profit(DECLINED, SCORES, 0.3, **COSTS) == pytest.approx(23.875)


def test_expected_maximum_profit_of_the_known_example():
    assert expected_maximum_profit(DECLINED, SCORES, **COSTS) == pytest.approx(23.8756, abs=5e-5)


def test_a_perfect_ranking_and_a_constant_one():
    assert maximum_profit(DECLINED, DECLINED.astype(float), 0.3, **COSTS) == pytest.approx(28)
    assert maximum_profit(DECLINED, np.full(8, 0.5), 0.3, **COSTS) == pytest.approx(22.5)


def test_the_finite_sum_is_the_integral_over_the_save_rate():
    from scipy.stats import beta

    rates = beta.ppf((np.arange(4000) + 0.5) / 4000, 6, 14)
    mean = np.mean([maximum_profit(DECLINED, SCORES, rate, **COSTS) for rate in rates])
    assert expected_maximum_profit(DECLINED, SCORES, **COSTS) == pytest.approx(mean, rel=1e-3)
