import pandas as pd
import pytest

from oneclick.exploration import outliers


def test_fences_stand_at_multiples_of_the_interquartile_range() -> None:
    # Given quartiles 2 and 4 of 1…5, one value far above, and a factor of 3
    sample = pd.DataFrame({"unpaid_items_quarter": [1.0, 2, 2, 3, 3, 4, 4, 5, 100]})

    row = outliers.find_outliers(sample, fence_factor=3).iloc[0]

    assert (row["low_fence"], row["high_fence"]) == (2 - 6, 4 + 6)
    assert (row["below"], row["above"], row["maximum"]) == (0, 1, 100)
    assert row["share"] == pytest.approx(1 / 9)


def test_an_indicator_with_no_spread_in_its_middle_has_no_outliers() -> None:
    sample = pd.DataFrame({"marketing_contacts_current": [3.0, 4, 4, 4, 4, 4, 5]})

    assert outliers.find_outliers(sample, 3).loc[0, "share"] == 0


def test_profit_above_mean_revenue_is_counted() -> None:
    sample = pd.DataFrame(
        {
            "revenue_two_months_ago": [3000.0, 3000.0, 9000.0, None],
            "revenue_previous": [3000.0, 6000.0, 9000.0, 1.0],
            "revenue_current": [3000.0, 9000.0, 9000.0, 1.0],
            "monthly_profit": [3.1, 5.9, 2.0, 9.0],
        }
    )

    cells = outliers.compare_profit_with_revenue(sample, profit_unit_rub=1000)

    # Then the customer without a revenue is not judged, and only 3 100 > 3 000 is implausible
    assert cells["customers"].sum() == 3
    assert cells["implausible"].sum() == 1
