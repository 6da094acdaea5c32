import numpy as np
import pytest

from oneclick.campaign.power import (
    chance_to_show,
    control_share_to_show,
    sample_size,
    smallest_visible_effect,
)


@pytest.mark.parametrize(("p1", "p2", "n"), [(0.10, 0.15, 686), (0.5, 0.6, 388)])
def test_sample_size_of_known_cases(p1: float, p2: float, n: int) -> None:
    assert sample_size(p1, p2) == (n, n)


def test_unequal_arms_need_more_customers_than_equal_ones() -> None:
    treated, controls = sample_size(0.10, 0.15, ratio=0.25)
    assert controls == pytest.approx(treated / 4, abs=1)
    assert treated + controls > 2 * 686
    assert smallest_visible_effect(0.15, treated, controls) == pytest.approx(0.05, abs=2e-4)


def test_962_consenting_customers_with_a_fifth_held_back_show_eleven_points() -> None:
    assert smallest_visible_effect(0.38, 770, 192) == pytest.approx(0.11, abs=0.006)


@pytest.mark.parametrize(
    ("baseline", "treated", "control"), [(0.1, 800, 200), (0.3, 300, 75), (0.5, 240, 60)]
)
def test_four_fifths_of_campaigns_show_the_smallest_visible_effect(
    baseline: float, treated: int, control: int
) -> None:
    # Given 20 000 campaigns whose effect is just visible
    effect = smallest_visible_effect(baseline, treated, control)
    rng = np.random.default_rng(9)
    t = rng.binomial(treated, baseline - effect, 20_000) / treated
    c = rng.binomial(control, baseline, 20_000) / control
    # When they are tested as the read-out does, by the variance of each arm
    error = np.sqrt(t * (1 - t) / (treated - 1) + c * (1 - c) / (control - 1))
    # Then about four of five are significant
    assert np.mean(np.abs(t - c) > 1.959964 * error) == pytest.approx(0.8, abs=0.05)


def test_smallest_effect_and_sample_size_agree() -> None:
    effect = smallest_visible_effect(0.15, 686, 686)
    assert effect == pytest.approx(0.05, abs=2e-4)


@pytest.mark.parametrize(("treated", "control"), [(0, 10), (10, 0), (3, 3)])
def test_arms_that_can_show_nothing_give_none(treated: int, control: int) -> None:
    assert smallest_visible_effect(0.3, treated, control) is None


def test_the_chance_is_what_the_sample_size_was_made_for() -> None:
    treated, controls = sample_size(0.33, 0.45, ratio=0.25, power=0.7)
    assert chance_to_show(0.33, 0.45, treated, controls) == pytest.approx(0.7, abs=2e-3)


def test_the_smallest_share_of_controls_that_shows_an_effect() -> None:
    share = control_share_to_show(0.335, 0.456, 581)
    assert share is not None

    def chance(percent: int) -> float:
        controls = 581 * percent // 100
        return chance_to_show(0.335, 0.456, 581 - controls, controls)

    assert chance(round(100 * share)) >= 0.8 > chance(round(100 * share) - 1)
    assert control_share_to_show(0.44, 0.456, 581) is None
