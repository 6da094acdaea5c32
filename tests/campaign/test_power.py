import pytest

from oneclick.campaign.power import sample_size, smallest_visible_effect


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


def test_smallest_effect_and_sample_size_agree() -> None:
    effect = smallest_visible_effect(0.15, 686, 686)
    assert effect == pytest.approx(0.05, abs=2e-4)


@pytest.mark.parametrize(("treated", "control"), [(0, 10), (10, 0), (3, 3)])
def test_arms_that_can_show_nothing_give_none(treated: int, control: int) -> None:
    assert smallest_visible_effect(0.3, treated, control) is None
