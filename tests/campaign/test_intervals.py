import numpy as np
import pytest

from oneclick.campaign.intervals import share_difference, standardised_difference


def test_share_difference_of_newcombe_1998_table_2() -> None:
    assert share_difference(56, 70, 48, 80) == pytest.approx((0.2, 0.0524, 0.3339), abs=5e-5)


def test_standardised_difference_of_equal_spreads() -> None:
    effect, low, high = standardised_difference(100, 12.0, 4.0, 300, 11.0, 4.0)
    assert effect == pytest.approx(0.5)
    half = 1.959964 * np.sqrt(400 / 30_000 + 0.25 / 800)
    assert (low, high) == pytest.approx((0.5 - half, 0.5 + half))


@pytest.mark.parametrize("sizes", [(1, 300), (100, 1)])
def test_groups_of_one_have_no_effect_size(sizes: tuple[int, int]) -> None:
    assert np.isnan(standardised_difference(sizes[0], 1.0, 0.0, sizes[1], 2.0, 1.0)[0])
