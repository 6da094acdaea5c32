"""What a month that is scored says about the model: what moved, and how it did."""

import numpy as np
import pandas as pd
import pytest

from oneclick.modelling.drift import describe_reference, measure_drift, stability_threshold
from oneclick.modelling.features import as_model_frame
from oneclick.modelling.monitoring import compare_with_status, describe_drift
from tests.modelling.shop import FEATURES, make_customers

AUC = {"mean": 0.91, "ci_low": 0.89, "ci_high": 0.93}
INFO = {"snapshot": "2026-11", "champion": "svc_rbf", "roc_auc": AUC}


def score(customers: pd.DataFrame) -> np.ndarray:
    """A stand-in for the model: a fixed curve of two columns."""
    return 1 / (1 + np.exp(customers["pages_per_visit"] + customers["minutes_current"] - 20))


def watch(trained: pd.DataFrame, today: pd.DataFrame) -> pd.DataFrame:
    frames = [as_model_frame(customers, FEATURES) for customers in (trained, today)]
    reference = describe_reference(frames[0], score(trained).to_numpy(), FEATURES)
    return measure_drift(reference, frames[1], score(today).to_numpy())


def test_steady_months_seldom_raise_an_alarm_however_many_columns_there_are():
    # Given 100 months of customers of the same kind, at the shop's sizes
    months = [
        watch(make_customers(1300, seed=2 * at), make_customers(400, seed=2 * at + 1))
        for at in range(100)
    ]
    alarms = sum(bool(table["drifted"].any()) for table in months)
    retrainings = sum(describe_drift(table, INFO)["retrain"] for table in months)

    # Then any column is told in one month of twenty at most (95 % bound of 100 months)
    assert alarms <= 9
    assert retrainings <= 3


def test_the_threshold_grows_with_the_columns_that_are_looked_at():
    assert stability_threshold(10, 1300, 400, columns=1) == pytest.approx(0.0553, abs=5e-4)
    assert stability_threshold(10, 1300, 400, columns=16) == pytest.approx(0.0816, abs=5e-4)


def test_values_that_went_missing_are_drift():
    today = make_customers(400, seed=2)
    today.loc[:60, "promo_share"] = np.nan

    table = watch(make_customers(1300, seed=1), today).set_index("column")

    assert table.loc["promo_share", "drifted"]
    assert table.index[table["drifted"]].tolist() == ["promo_share"]


def test_a_column_that_is_empty_altogether_is_drift():
    today = make_customers(400, seed=2).assign(favourite_category=None, promo_share=np.nan)
    trained = make_customers(1300, seed=1)

    table = watch(trained, today).set_index("column")

    assert table.loc[["favourite_category", "promo_share"], "drifted"].all()


def drift(*moved: str) -> pd.DataFrame:
    columns = ["pages_per_visit", "promo_share", "service_tier", "minutes_current", "p_decline"]
    change = {"change": "median", "level": None, "before": 8.1, "now": 6.4}
    found = {"psi": 0.5, "threshold": 0.08, "drifted": np.isin(columns, moved)}
    return pd.DataFrame({"column": columns, **found, **change})


@pytest.mark.parametrize(
    ("moved", "retrain", "verdict"),
    [
        ((), False, "no need to train again"),
        (("promo_share",), False, "too early to train again"),
        (("promo_share", "service_tier"), False, "too early to train again"),
        (("promo_share", "service_tier", "minutes_current"), True, "Train again"),
        (("p_decline",), True, "Train again"),
    ],
)
def test_the_verdict_follows_what_moved(moved, retrain, verdict):
    found = describe_drift(drift(*moved), INFO)

    assert found["retrain"] is retrain
    assert verdict in found["verdict"]["en"]
    assert sorted(found["moved"]) == sorted(moved)
    assert len(found["sentences"]["ru"]) == len(found["sentences"]["en"]) == len(moved)


def sentences(today: pd.DataFrame) -> dict[str, list[str]]:
    """What is said of these customers beside those of the month before."""
    return describe_drift(watch(make_customers(1300, seed=1), today), INFO)["sentences"]


def test_a_sentence_names_indicator_direction_and_the_bound_of_chance():
    # Given customers who look at a third of the pages they looked at before
    today = make_customers(1300, seed=1)
    today["pages_per_visit"] /= 3

    found = sentences(today)

    assert found["en"][0].startswith("“Pages per visit” fell from 9.93 to 3.31 (median); PSI ")
    assert found["ru"][0].startswith("«Страниц за визит»: медиана снизилась с 9,93 до 3,31; PSI ")
    assert found["ru"][0].endswith("случайное отклонение не больше 0,038.")


def test_a_sentence_names_the_category_that_grew():
    today = make_customers(1300, seed=1)
    today.loc[:649, "favourite_category"] = "Товары для детей"

    found = sentences(today)

    told = "“Favourite category”: the share of “Товары для детей” rose from 32.9% to 64.8%; PSI"
    assert found["en"][0].startswith(told)
    assert found["ru"][0].startswith("«Популярная категория»: доля «Товары для детей» выросла с")


def test_a_sentence_tells_values_that_went_missing():
    today = make_customers(1300, seed=1)
    today.loc[:519, "promo_share"] = np.nan

    found = sentences(today)

    told = (
        "“Share of promo purchases”: the share of customers without a value rose from 0.0% to 40.0%"
    )
    assert found["en"][0].startswith(told)


def test_a_change_that_leaves_the_median_is_told_without_a_direction():
    today = make_customers(1300, seed=1)
    middle = today["promo_share"].median()
    today["promo_share"] = middle + 3 * (today["promo_share"] - middle)

    (found,) = sentences(today)["en"]

    assert found.startswith("“Share of promo purchases”: the distribution has changed; PSI ")


def test_realised_decline_is_compared_with_what_was_predicted():
    random = np.random.default_rng(1)
    p = random.uniform(0, 1, 2000)
    known = pd.DataFrame({"p_decline": p, "declined": random.random(2000) < p})

    found = compare_with_status(known, draws=200, seed=1)

    # A uniform, calibrated score: AUC 5/6, Brier 1/6
    assert found["roc_auc"]["low"] < 5 / 6 < found["roc_auc"]["high"]
    assert found["brier"]["low"] < 1 / 6 < found["brier"]["high"]
    assert found["predicted"]["value"] == pytest.approx(p.mean())
    assert found["observed"]["value"] == known["declined"].mean()
    assert found == compare_with_status(known, draws=200, seed=1)


@pytest.mark.parametrize("labels", [[], [True, True], [False]])
def test_without_both_outcomes_only_counts_are_told(labels):
    known = pd.DataFrame({"p_decline": [0.5] * len(labels), "declined": labels})

    assert compare_with_status(known, draws=10, seed=1) == {
        "customers": len(labels),
        "declined": sum(labels),
    }
