import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneclick.exploration import distributions
from oneclick.exploration.groups import group_of


def customers(**columns: object) -> pd.DataFrame:
    size = len(next(iter(columns.values())))  # type: ignore[arg-type]
    return pd.DataFrame({"declined": [True, False] * (size // 2), **columns})


def test_whole_numbers_over_a_short_range_get_one_bar_each() -> None:
    sample = customers(service_errors=[0.0, 0.0, 2.0, 1.0])

    histograms = distributions.count_histograms(sample, bins=20)

    declined = histograms[histograms["group"] == "declined"]
    assert declined[["low", "high", "customers"]].to_numpy().tolist() == [
        [-0.5, 0.5, 1], [0.5, 1.5, 0], [1.5, 2.5, 1],
    ]  # fmt: skip
    assert declined["share"].tolist() == [0.5, 0.0, 0.5]


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.integers(5, 30))
def test_every_known_value_is_in_one_bar(values: list[float], bins: int) -> None:
    sample = pd.DataFrame({"declined": [True] * len(values), "revenue_current": values})

    histograms = distributions.count_histograms(sample, bins)

    assert histograms["customers"].sum() == len(values)
    assert histograms["share"].sum() == pytest.approx(1)


def test_missing_values_are_counted_and_not_drawn() -> None:
    sample = customers(pages_per_visit=[1.0, np.nan, 3.0, 5.0])

    assert distributions.count_histograms(sample, 5)["customers"].sum() == 3
    summary = distributions.summarise_indicators(sample).set_index("group")
    assert summary.loc["declined", ["customers", "missing", "mean"]].tolist() == [2, 0, 2.0]
    assert summary.loc["steady", ["customers", "missing", "mean"]].tolist() == [1, 1, 5.0]


def test_levels_beyond_the_most_frequent_are_counted_together() -> None:
    sample = customers(favourite_category=["a", "a", "a", "b", "b", "c", "d", "d"])

    mixed = distributions.mix_levels(sample, max_levels=2).set_index("level")

    assert mixed["customers"].to_dict() == {"a": 3, "…": 3, "b": 2}
    assert mixed.loc["a", "declined_share"] == pytest.approx(2 / 3)


def test_the_interval_of_a_share_is_that_of_wilson() -> None:
    declined = [True] * 81 + [False] * 182
    sample = pd.DataFrame({"declined": declined, "service_tier": "премиум"})

    (level,) = distributions.mix_levels(sample, max_levels=5).to_dict("records")

    # Newcombe (1998), table I: 81 of 263, method 3
    assert (level["low"], level["high"]) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_months_run_up_to_the_current_one() -> None:
    sample = customers(
        revenue_two_months_ago=[1.0, 10.0, 3.0, 30.0],
        revenue_previous=[2.0, 10.0, 2.0, 30.0],
        revenue_current=[9.0, 10.0, 9.0, 30.0],
        minutes_previous=[5.0] * 4,
        minutes_current=[6.0] * 4,
    )

    months = distributions.follow_months(sample)

    declined = months[(months["indicator"] == "revenue") & (months["group"] == "declined")]
    assert declined["month"].tolist() == [-2, -1, 0]
    assert declined["mean"].tolist() == [2.0, 2.0, 9.0]


def test_customers_without_a_class_are_a_group_of_their_own() -> None:
    sample = pd.DataFrame({"declined": pd.array([True, None, False], dtype="boolean")})

    assert group_of(sample).tolist() == ["declined", "unlabelled", "steady"]
