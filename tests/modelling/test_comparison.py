from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from oneclick.modelling.comparison import (
    choose_champion,
    compare_candidates,
    corrected_interval,
)
from oneclick.modelling.folds import stratified_group_folds
from oneclick.modelling.metrics import roc_auc
from oneclick.modelling.parameters import Candidate, Candidates
from oneclick.modelling.significance import holm
from oneclick.modelling.verdict import describe_choice
from tests.modelling.shop import make_customers, make_task, models


def test_the_corrected_interval_of_ten_folds():
    # Given ten differences, folds of a tenth: variance × (1/10 + 1/9)
    values = np.array([0.01, 0.02, 0.03, 0.01, 0.02, 0.03, 0.01, 0.02, 0.03, 0.02])
    found = corrected_interval(values, test_share=1 / 9)
    assert found.mean == pytest.approx(0.02)
    assert found.std_error == pytest.approx(values.std(ddof=1) * np.sqrt(1 / 10 + 1 / 9))
    assert found.high - found.mean == pytest.approx(2.262157 * found.std_error)
    assert found.p_value == pytest.approx(0.000474, abs=1e-6)


def test_an_interval_of_an_area_ends_at_one_and_of_a_difference_does_not():
    values = np.array([0.99, 0.8, 1.0, 1.0, 0.95])
    found = corrected_interval(values, 0.25)
    assert found.high > 1
    cut = found.within_unit()
    assert (cut.mean, cut.low, cut.high) == (found.mean, found.low, 1.0)


def test_repeating_the_folds_does_not_make_the_interval_vanish():
    values = np.random.default_rng(0).normal(0.9, 0.02, 5)
    once, often = (corrected_interval(np.tile(values, times), 0.25) for times in (1, 200))
    assert often.std_error > 0.6 * once.std_error


def test_folds_without_a_figure_are_left_out_and_equal_folds_have_no_error():
    assert corrected_interval(np.array([0.9, np.nan, 0.9]), 0.25).std_error == 0
    assert np.isnan(corrected_interval(np.array([0.9, np.nan]), 0.25).std_error)


def test_holm_of_a_known_case():
    found = holm([0.01, 0.04, 0.03, float("nan")])
    assert found[:3] == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(found[3])


CANDIDATES = Candidates(
    {
        name: Candidate(estimator="sklearn.svm.SVC", explainable=explainable, complexity=rank)
        for name, explainable, rank in (
            ("plain", "exact", 1),
            ("kernel", "exact", 4),
            ("vote", "sampled", 7),
        )
    }
)


RULE = "one_standard_error"


def folds_of(losses: dict[str, float] | None = None, **means: float) -> pd.DataFrame:
    """Ten folds whose luck is the same for all, and a little luck of their own.

    The means are of ROC-AUC; the log-loss is 0.3 for all whose mean is not given.
    """
    log_loss = dict.fromkeys(means, 0.3) | (losses or {})
    return pd.concat([_folds_of("roc_auc", means), _folds_of("log_loss", log_loss)])


def _folds_of(metric: str, means: dict[str, float]) -> pd.DataFrame:
    random = np.random.default_rng(1)
    common = random.normal(0, 0.02, 10)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "candidate": name,
                    "repeat": 0,
                    "fold": range(10),
                    "metric": metric,
                    "value": mean + common + 0.004 * np.resize([1, -1], 10) * (place - 1),
                }
            )
            for place, (name, mean) in enumerate(means.items())
        ]
    )


def test_of_equals_the_exactly_explained_is_chosen_then_the_simpler():
    folds = folds_of(plain=0.90, kernel=0.914, vote=0.915)
    chosen = choose_champion(folds, CANDIDATES, RULE, 1 / 9)
    assert (chosen.champion, chosen.best) == ("kernel", "vote")
    folds = folds_of(plain=0.913, kernel=0.914, vote=0.915)
    assert choose_champion(folds, CANDIDATES, RULE, 1 / 9).champion == "plain"


def test_a_close_candidate_with_a_significantly_greater_log_loss_is_ruled_out():
    # Given a log-loss greater by 0.02 and by 0.001, where chance alone makes 0.004 a fold
    means = {"plain": 0.913, "kernel": 0.914, "vote": 0.915}
    folds = folds_of({"plain": 0.32, "kernel": 0.301}, **means)
    chosen = choose_champion(folds, CANDIDATES, RULE, 1 / 9)
    assert (chosen.champion, chosen.best) == ("kernel", "vote")
    values = folds[folds["metric"] == "log_loss"].set_index("candidate")["value"]
    gap = corrected_interval(values["plain"].to_numpy() - values["vote"].to_numpy(), 1 / 9)
    assert chosen.vetoed == {"plain": pytest.approx(2 * gap.p_value)}  # two were tested
    # and if there is nobody else, the best may be ruled out itself
    chosen = choose_champion(folds_of({"vote": 0.32}, **means), CANDIDATES, RULE, 1 / 9)
    assert (chosen.champion, chosen.best, list(chosen.vetoed)) == ("plain", "vote", ["vote"])
    assert choose_champion(folds, CANDIDATES, "best", 1 / 9).vetoed == {}


def test_of_equally_plain_ones_the_smaller_log_loss_is_chosen():
    twin = CANDIDATES["plain"]
    candidates = Candidates({"first": twin, "second": twin})
    folds = folds_of({"first": 0.301}, first=0.915, second=0.914)
    assert choose_champion(folds, candidates, RULE, 1 / 9).champion == "second"


def described(folds: pd.DataFrame, leak_limit: float = 0.95, customers: int = 120) -> dict:
    chosen = choose_champion(folds, CANDIDATES, RULE, 1 / 9)
    table = compare_candidates(folds, CANDIDATES, chosen.champion, 1 / 9)
    choice = models()["choice"].model_copy(update={"leak_limit": leak_limit})
    return describe_choice(chosen, table, choice, make_task(make_customers(customers), CANDIDATES))


def test_the_verdict_names_who_was_ruled_out_and_what_decided():
    means = {"plain": 0.913, "kernel": 0.914, "vote": 0.915}
    told = described(folds_of({"plain": 0.32, "kernel": 0.301}, **means))
    assert "исключены те, у кого логарифмические потери" in told["verdict"]["ru"]
    assert told["verdict"]["en"].endswith("the least among them: plain (p = 0.001).")
    surely = described(folds_of({"plain": 0.9, "kernel": 0.301}, **means))["verdict"]
    assert surely["en"].endswith("plain (p < 0.001).")
    assert surely["ru"].endswith("plain (p < 0,001).")
    assert "ruled out" not in described(folds_of(**means))["verdict"]["en"]
    # Given a best one that is the plainest, and ruled out
    folds = folds_of({"plain": 0.32}, plain=0.915, kernel=0.914, vote=0.9)
    assert "preferred to it for its log loss. Of those" in described(folds)["verdict"]["en"]


def test_a_leak_is_what_lies_above_the_limit_by_more_than_chance():
    folds = folds_of(plain=0.913, kernel=0.914, vote=0.915)
    table = compare_candidates(folds, CANDIDATES, "plain", 1 / 9).set_index(["metric", "candidate"])
    # One-sided 5 % shared among three candidates, six folds
    low = (table["mean"] - 2.91171 * table["std_error"])["roc_auc"].max()
    assert low < 0.913
    assert described(folds, low + 1e-6)["leak_message"] is None
    assert described(folds, low - 1e-6)["leak_alarm"]
    # And too few customers of a class raise no alarm
    assert not described(folds, low - 1e-6, customers=30)["leak_alarm"]


def test_a_champion_whose_interval_reaches_guessing_shows_no_signal():
    told = described(folds_of(plain=0.503, kernel=0.502, vote=0.501))
    assert told["no_signal"]
    assert "лучше, чем случай: ROC-AUC 0,507 (95 % интервал 0," in told["no_signal_message"]["ru"]
    assert "no better than a random one" in told["no_signal_message"]["en"]
    # Given another whose interval ends just above
    low = told["ci_low"]
    clear = folds_of(**dict.fromkeys(("plain", "kernel", "vote"), 0.503 + 0.5 - low + 0.005))
    assert not described(clear)["no_signal"]
    assert described(clear)["no_signal_message"] is None


def test_small_honest_shops_seldom_raise_the_alarm_of_a_leak():
    # Given 60 shops of 100 customers, five folds, and ten candidates with a true ROC-AUC of 0.916
    random, task = np.random.default_rng(3), make_task(make_customers(120), CANDIDATES)
    ten = Candidates({f"number {number}": CANDIDATES["plain"] for number in range(10)})
    task = replace(task, effort=task.effort.model_copy(update={"folds": 5, "repeats": 1}))
    choice = models()["choice"].model_copy(update={"leak_limit": 0.927})
    alarms = []
    for _ in range(60):
        declined = random.permutation(np.arange(100) < 38)
        luck = random.normal(size=100)
        rows = []
        for name in ten.root:
            own = random.normal(size=100)
            score = 1.9495 * declined + 0.95 * luck + np.sqrt(1 - 0.95**2) * own
            for fold, (_, test) in enumerate(
                stratified_group_folds(declined, np.arange(100), 5, seed=0)
            ):
                area = roc_auc(declined[test], score[test])
                rows += [(name, 0, fold, metric, area) for metric in ("roc_auc", "log_loss")]
        columns = ["candidate", "repeat", "fold", "metric", "value"]
        folds = pd.DataFrame(rows, columns=columns)
        table = compare_candidates(folds, ten, "number 0", 0.25)
        chosen = choose_champion(folds, ten, "best", 0.25)
        alarms.append(describe_choice(chosen, table, choice, task)["leak_alarm"])
    # Then hardly any is suspected
    assert sum(alarms) <= 3


def test_the_best_may_be_wanted_whatever_it_costs_to_explain():
    folds = folds_of(plain=0.913, kernel=0.914, vote=0.915)
    assert choose_champion(folds, CANDIDATES, "best", 1 / 9).champion == "vote"


def test_no_interval_of_an_area_goes_beyond_one():
    folds = folds_of(plain=0.913, kernel=0.99, vote=0.995)
    table = compare_candidates(folds, CANDIDATES, "vote", 1 / 9).set_index(["metric", "candidate"])
    assert table["ci_high"]["roc_auc"].tolist() == [pytest.approx(0.9316, abs=1e-4), 1.0, 1.0]


def test_differences_are_to_the_champion_and_the_champion_has_none():
    folds = folds_of(plain=0.88, kernel=0.914, vote=0.915)
    table = compare_candidates(folds, CANDIDATES, "kernel", 1 / 9)
    table = table[table["metric"] == "roc_auc"].set_index("candidate")
    assert table.loc["plain", "difference"] == pytest.approx(-0.034)
    assert table.loc["plain", "p_value"] < 0.001
    assert table.loc["kernel", "difference"] == 0
    assert np.isnan(table.loc["kernel", "p_value"])
    assert table["champion"].tolist() == [False, True, False]
