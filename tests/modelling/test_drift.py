import numpy as np
import pytest

from oneclick.modelling.drift import (
    chance_of_difference,
    describe_reference,
    measure_drift,
    population_stability_index,
)
from oneclick.modelling.features import as_model_frame
from tests.modelling.shop import FEATURES, make_customers


def test_index_of_the_known_example():
    expected, actual = np.array([0.5, 0.5]), np.array([0.6, 0.4])
    assert population_stability_index(expected, actual) == pytest.approx(0.0405, abs=5e-5)


def test_an_empty_bin_is_large_but_finite():
    assert 0.5 < population_stability_index(np.array([0.5, 0.5]), np.array([1.0, 0.0])) < 10


def test_the_chance_of_the_known_example():
    # χ² = 200 · (50 · 40 − 50 · 60)² / (100 · 100 · 110 · 90) = 2.0202, one degree of freedom
    assert chance_of_difference([50, 50], [60, 40]) == pytest.approx(0.1552, abs=5e-5)


@pytest.mark.parametrize(
    ("before", "now", "chance"),
    [
        ([130] * 10, [2] * 10, np.nan),  # two a bin
        ([1290, 10], [99, 1], np.nan),  # only one bin that is worth comparing
        ([1300, 0], [20, 0], 1),  # one value for all
        # The two rare bins, and one more so that five are to be expected
        ([640, 640, 10, 10], [50, 50, 3, 0], chance_of_difference([660, 640], [53, 50])),
    ],
)
def test_bins_of_few_customers_count_as_one(before, now, chance):
    assert chance_of_difference(before, now) == pytest.approx(chance, nan_ok=True)


@pytest.mark.parametrize(("size", "today"), [(100, 3000), (100, 50_000), (300, 3000)])
def test_small_references_raise_as_few_alarms_as_they_should(size, today):
    # Given 5 000 columns whose rare levels hold two customers of a hundred
    random, shares = np.random.default_rng(5), np.r_[0.5, 0.3, np.full(10, 0.02)]
    pairs = (random.multinomial(size, shares, 5000), random.multinomial(today, shares, 5000))
    alarms = sum(chance_of_difference(*counts) < 0.05 / 16 for counts in zip(*pairs, strict=True))
    # Then about 16 of them alarm (99.9 % interval of that number)
    assert alarms <= 30


@pytest.mark.parametrize("size", [50, 100, 300])
def test_small_months_raise_as_few_alarms_as_they_should(size):
    # Given 300 months of 16 columns in tenths of the reference, each at its part of 5 %
    random = np.random.default_rng(1)
    alarms = 0
    for _ in range(300 * 16):
        before, now = random.random(1300), random.random(size)
        edges = np.quantile(before, np.arange(1, 10) / 10)
        counts = (np.bincount(np.searchsorted(edges, each), minlength=10) for each in (before, now))
        alarms += chance_of_difference(*counts) < 0.05 / 16
    # Then about 15 of them alarm (99.9 % interval of that number)
    assert 4 <= alarms <= 29


def reference(customers):
    frame = as_model_frame(customers, FEATURES)
    p = np.linspace(0, 1, len(frame))
    return describe_reference(frame, p, p, FEATURES)


def test_customers_of_the_same_kind_show_no_drift():
    today = as_model_frame(make_customers(500, seed=2), FEATURES)
    found = measure_drift(reference(make_customers(800, seed=1)), today, np.linspace(0, 1, 500), 0)
    assert not found["drifted"].any()


def test_a_shifted_column_and_a_new_category_are_named():
    today = make_customers(500, seed=2)
    today["pages_per_visit"] += 5
    today.loc[:200, "favourite_category"] = "Мебель"
    today.loc[:100, "promo_share"] = np.nan
    found = measure_drift(
        reference(make_customers(800, seed=1)),
        as_model_frame(today, FEATURES),
        np.linspace(0, 1, 500),
        known=0,
    ).set_index("column")
    assert found.loc[["pages_per_visit", "favourite_category"], "drifted"].all()
    assert found.loc["promo_share", "change"] == "missing"
    assert found.loc["promo_share", "now"] == pytest.approx(101 / 500)
    assert found.loc["favourite_category", "level"] == "Мебель"


@pytest.mark.parametrize(
    ("known", "now", "drifted"),
    [
        (0, 0.5, False),  # new customers: the mean out of fold is what to expect
        (0, 0.6, True),
        (1, 0.6, False),  # customers of training: anything between that and the mean in sample
        (1, 0.55, False),
        (1, 0.7, True),
        (0.5, 0.55, False),
        (0.5, 0.65, True),
    ],
)
def test_scores_are_compared_with_what_the_model_gives_such_customers(known, now, drifted):
    frame = as_model_frame(make_customers(800, seed=1), FEATURES)
    p = np.repeat([0.3, 0.7], 400)
    before = describe_reference(frame, p, p + 0.1, FEATURES)

    found = measure_drift(before, frame, np.full(800, now), known).set_index("column")

    assert found.loc["p_decline", "drifted"] == drifted
    assert found["drifted"].sum() == drifted
