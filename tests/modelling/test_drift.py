import numpy as np
import pytest

from oneclick.modelling.drift import (
    describe_reference,
    measure_drift,
    population_stability_index,
    stability_threshold,
)
from oneclick.modelling.features import as_model_frame
from tests.modelling.shop import FEATURES, make_customers


def test_index_of_the_known_example():
    expected, actual = np.array([0.5, 0.5]), np.array([0.6, 0.4])
    assert population_stability_index(expected, actual) == pytest.approx(0.0405, abs=5e-5)


def test_an_empty_bin_is_large_but_finite():
    assert 0.5 < population_stability_index(np.array([0.5, 0.5]), np.array([1.0, 0.0])) < 10


def test_small_samples_may_stray_further():
    # 200 against 1 300 customers reach 0.098 in ten bins without any drift, one time in twenty
    assert stability_threshold(10, 1300, 200, columns=1) == pytest.approx(0.098, abs=1e-3)
    assert stability_threshold(10, 100_000, 100_000, columns=16) < 0.001


def reference(customers):
    frame = as_model_frame(customers, FEATURES)
    return describe_reference(frame, np.linspace(0, 1, len(frame)), FEATURES)


def test_customers_of_the_same_kind_show_no_drift():
    today = as_model_frame(make_customers(500, seed=2), FEATURES)
    found = measure_drift(reference(make_customers(800, seed=1)), today, np.linspace(0, 1, 500))
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
    ).set_index("column")
    assert found.loc[["pages_per_visit", "favourite_category"], "drifted"].all()
    assert found.loc["promo_share", "change"] == "missing"
    assert found.loc["promo_share", "now"] == pytest.approx(101 / 500)
    assert found.loc["favourite_category", "level"] == "Мебель"
