"""What a month that is scored says about the model: what moved, and how it did."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from oneclick.modelling.drift import describe_reference, measure_drift, shift_would_show
from oneclick.modelling.evaluation import evaluate_nested
from oneclick.modelling.features import as_model_frame
from oneclick.modelling.monitoring import compare_with_status, describe_drift
from oneclick.modelling.scoring import score as fitted_score
from oneclick.modelling.training import fit_champion
from tests.modelling.shop import FEATURES, choose, make_customers, make_task

AUC = {"mean": 0.91, "ci_low": 0.89, "ci_high": 0.93}
INFO = {"snapshot": "2026-11", "champion": "svc_rbf", "roc_auc": AUC, "reference": {"size": 1300}}


def score(customers: pd.DataFrame) -> np.ndarray:
    """A stand-in for the model: a fixed curve of two columns."""
    return 1 / (1 + np.exp(customers["pages_per_visit"] + customers["minutes_current"] - 20))


def watch(trained: pd.DataFrame, today: pd.DataFrame) -> pd.DataFrame:
    frames = [as_model_frame(customers, FEATURES) for customers in (trained, today)]
    p = score(trained).to_numpy()
    reference = describe_reference(frames[0], p, p, FEATURES)
    return measure_drift(reference, frames[1], score(today).to_numpy(), known=0)


@pytest.mark.parametrize("size", [20, 50, 400])
def test_steady_months_seldom_raise_an_alarm_however_few_customers_there_are(size):
    # Given 40 months of customers of the same kind
    months = [
        watch(make_customers(1300, seed=2 * at), make_customers(size, seed=2 * at + 1))
        for at in range(40)
    ]
    alarms = sum(bool(table["drifted"].any()) for table in months)
    retrainings = sum(describe_drift(table, INFO, size)["retrain"] for table in months)

    # Then any column is told in one month of twenty at most (99 % bound of 40 months)
    assert alarms <= 6
    assert retrainings <= 2


@pytest.mark.parametrize(
    ("size", "said"), [(20, "too few"), (58, "too few"), (400, "no need to train again")]
)
def test_a_month_too_small_to_tell_is_said_to_be(size, said):
    today = make_customers(size, seed=2)

    found = describe_drift(watch(make_customers(1300, seed=1), today), INFO, size)

    assert not found["retrain"]
    assert said in found["verdict"]["en"]


@pytest.mark.parametrize(("size", "often"), [(58, False), (1300, True)])
def test_a_shift_that_would_show_does_and_one_that_would_not_does_not(size, often):
    # Given 30 months in which one indicator has moved by an index of about 0.2
    shown, indices = 0, []
    for at in range(30):
        today = make_customers(size, seed=2 * at + 1)
        today["promo_share"] += 0.45 * 3  # of its standard deviation
        table = watch(make_customers(1300, seed=2 * at), today).set_index("column")
        shown += table.loc["promo_share", "drifted"]
        indices.append(table.loc["promo_share", "psi"])
    # Then it is beyond chance in most of them where that was promised, else in few
    if often:
        assert np.mean(indices) == pytest.approx(0.2, abs=0.03)
    assert shift_would_show(0.2, 1300, size, len(table)) is often
    assert (shown > 15) == often


OVERFITTED = ("svc_laplacian", "extra_trees", "knn")


@pytest.fixture(scope="module", params=OVERFITTED)
def served(request) -> Callable[[pd.DataFrame, float], dict]:
    """How a month looks to a model that was really fitted, and is too sure of its customers."""
    trained = make_customers(400, seed=1)
    scores = evaluate_nested(make_task(trained, choose(request.param)), 1)
    frame, p = scores.task.frame, scores.mean_probability(request.param)
    model, _ = fit_champion(scores.task, request.param)
    in_sample = fitted_score(model, frame)
    assert np.mean(np.abs(in_sample - p) > 0.15) > 0.1
    reference = describe_reference(frame, p, in_sample, FEATURES)

    def see(today: pd.DataFrame, known: float) -> dict:
        frame = as_model_frame(today, FEATURES)
        drift = measure_drift(reference, frame, fitted_score(model, frame), known)
        return describe_drift(drift, INFO, len(frame))

    return see


def test_no_model_is_retrained_for_customers_who_stay_as_they_are(served):
    # Given the customers of training, then with a tenth of their figures changed, then others
    same = make_customers(400, seed=1)
    changed = same.copy()
    random = np.random.default_rng(1)
    for name in FEATURES.numeric:
        drawn = random.random(400) < 0.1
        changed.loc[drawn, name] = random.normal(10, 3, drawn.sum())
    others = make_customers(400, seed=2)

    for today, known in ((same, 1.0), (changed, 1.0), (others, 0.0)):
        assert served(today, known)["moved"] == []


@pytest.mark.parametrize(("seed", "known"), [(1, 1.0), (2, 0.0)])
def test_customers_who_lose_interest_call_for_another_model(served, seed, known):
    today = make_customers(400, seed=seed)
    today[["pages_per_visit", "minutes_current"]] -= 3

    found = served(today, known)

    assert "p_decline" in found["moved"]
    assert found["retrain"]


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
    found = {"psi": 0.5, "p_value": 0.01, "drifted": np.isin(columns, moved)}
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
    found = describe_drift(drift(*moved), INFO, 1300)

    assert found["retrain"] is retrain
    assert verdict in found["verdict"]["en"]
    assert sorted(found["moved"]) == sorted(moved)
    assert len(found["sentences"]["ru"]) == len(found["sentences"]["en"]) == len(moved)


def sentences(today: pd.DataFrame) -> dict[str, list[str]]:
    """What is said of these customers beside those of the month before."""
    drifted = watch(make_customers(1300, seed=1), today)
    return describe_drift(drifted, INFO, len(today))["sentences"]


def test_a_sentence_names_indicator_direction_and_the_part_of_chance():
    # Given customers who look at a third of the pages they looked at before
    today = make_customers(1300, seed=1)
    today["pages_per_visit"] /= 3

    found = sentences(today)

    pages, score = found["en"]
    assert score.startswith("“Probability of decline” rose from 50.")
    assert "(mean); chance shows as much in 0.1% of months at most." in score
    assert pages.startswith("“Pages per visit” fell from 9.93 to 3.31 (median); PSI ")
    assert found["ru"][0].startswith("«Страниц за визит»: медиана снизилась с 9,93 до 3,31; PSI ")
    assert found["ru"][0].endswith("; случайно такое бывает не чаще чем в 0,1\u00a0% месяцев.")


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
    known["score_source"] = "model"

    found = compare_with_status(known, draws=200, seed=1)["unseen"]

    # A uniform, calibrated score: AUC 5/6, Brier 1/6
    assert found["roc_auc"]["low"] < 5 / 6 < found["roc_auc"]["high"]
    assert found["brier"]["low"] < 1 / 6 < found["brier"]["high"]
    assert found["predicted"]["value"] == pytest.approx(p.mean())
    assert found["observed"]["value"] == known["declined"].mean()
    assert found == compare_with_status(known, draws=200, seed=1)["unseen"]


def test_customers_of_training_are_no_measure_of_the_model():
    # Given customers on whom the model was trained, and whom it knows by heart
    declined = np.tile([True, False], 40)
    seen = pd.DataFrame({"p_decline": declined * 0.9, "declined": declined})
    seen["score_source"] = "in_sample"
    # When others come, of whom it knows nothing
    other = seen.assign(p_decline=0.4, score_source="model")

    found = compare_with_status(pd.concat([seen, other]), draws=10, seed=1)

    assert found["seen"]["roc_auc"]["value"] == 1
    assert found["unseen"]["roc_auc"]["value"] == 0.5
    assert compare_with_status(seen, draws=10, seed=1)["unseen"] == {"customers": 0, "declined": 0}


@pytest.mark.parametrize(("declined", "ranked"), [(1, False), (4, False), (5, True)])
def test_of_fewer_than_five_of_a_class_no_roc_auc_is_told(declined, ranked):
    known = pd.DataFrame({"p_decline": np.linspace(1, 0, 60), "declined": np.arange(60) < declined})
    found = compare_with_status(known.assign(score_source="model"), draws=10, seed=1)["unseen"]
    assert found["observed"]["value"] == declined / 60
    assert ("roc_auc" in found) == ranked


@pytest.mark.parametrize("labels", [[], [True, True], [False]])
def test_without_both_outcomes_only_counts_are_told(labels):
    known = pd.DataFrame({"p_decline": [0.5] * len(labels), "declined": labels})
    known["score_source"] = "out_of_fold"

    assert compare_with_status(known, draws=10, seed=1)["unseen"] == {
        "customers": len(labels),
        "declined": sum(labels),
    }
