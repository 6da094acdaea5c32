import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneclick.campaign.economics import (
    ValueParameters,
    break_even_probability,
    expected_cost,
    expected_profit,
    profit_at_stake,
)

# DOMAIN §5: V=200, γ=.3, d=10, f=1, ρ=1
OFFER = {"gamma": 0.3, "stake": 200.0, "d": 10.0, "rho": 1.0, "f": 1.0}


def test_break_even_probability_of_the_known_offer() -> None:
    assert break_even_probability(**OFFER) == pytest.approx(11 / 67)


@pytest.mark.parametrize(("p", "profit"), [(1, 56), (0, -11), (11 / 67, 0)])
def test_expected_profit_of_the_known_offer(p: float, profit: float) -> None:
    assert expected_profit(p, **OFFER) == pytest.approx(profit)


def test_an_offer_that_saves_nobody_never_pays() -> None:
    assert break_even_probability(gamma=0, stake=200, d=0, rho=0, f=1) == float("inf")


@given(st.floats(0, 1), st.floats(0, 1))
def test_profit_rises_with_the_probability_while_the_stake_exceeds_the_incentive(a, b) -> None:
    low, high = sorted((a, b))
    assert expected_profit(low, **OFFER) <= expected_profit(high, **OFFER) + 1e-9


def test_formulas_take_arrays() -> None:
    p = np.array([0.0, 1.0])
    assert expected_profit(p, **OFFER).tolist() == [-11, 56]
    # at p=1 only those saved (0.3) use the incentive, at p=0 everybody who redeems (1.0)
    assert expected_cost(p, gamma=0.3, d=10, rho=1.0, f=1).tolist() == [11, 4]


def test_profit_at_stake_states_unit_horizon_and_share() -> None:
    value = ValueParameters(
        profit_unit={"ru": "тыс. ₽", "en": "thousand RUB"},
        profit_unit_rub=1000,
        horizon_months=3,
        share_lost=0.5,
    )
    assert profit_at_stake(4.0, value) == 6000
