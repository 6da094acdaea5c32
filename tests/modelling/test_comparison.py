import numpy as np
import pandas as pd
import pytest

from oneclick.modelling.comparison import (
    choose_champion,
    compare_candidates,
    corrected_interval,
)
from oneclick.modelling.parameters import Candidate, Candidates


def test_the_corrected_interval_of_ten_folds():
    # Given ten differences, folds of a tenth: variance × (1/10 + 1/9)
    values = np.array([0.01, 0.02, 0.03, 0.01, 0.02, 0.03, 0.01, 0.02, 0.03, 0.02])
    found = corrected_interval(values, test_share=1 / 9)
    assert found.mean == pytest.approx(0.02)
    assert found.std_error == pytest.approx(values.std(ddof=1) * np.sqrt(1 / 10 + 1 / 9))
    assert found.high - found.mean == pytest.approx(2.262157 * found.std_error)
    assert found.p_value == pytest.approx(0.000474, abs=1e-6)


def test_repeating_the_folds_does_not_make_the_interval_vanish():
    values = np.random.default_rng(0).normal(0.9, 0.02, 5)
    once, often = (corrected_interval(np.tile(values, times), 0.25) for times in (1, 200))
    assert often.std_error > 0.6 * once.std_error


def test_folds_without_a_figure_are_left_out_and_equal_folds_have_no_error():
    assert corrected_interval(np.array([0.9, np.nan, 0.9]), 0.25).std_error == 0
    assert np.isnan(corrected_interval(np.array([0.9, np.nan]), 0.25).std_error)


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


def folds_of(**means: float) -> pd.DataFrame:
    """Ten folds whose luck is the same for all, and a little luck of their own."""
    random = np.random.default_rng(1)
    common = random.normal(0, 0.02, 10)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "candidate": name,
                    "repeat": 0,
                    "fold": range(10),
                    "metric": "roc_auc",
                    "value": mean + common + 0.004 * np.resize([1, -1], 10) * (place - 1),
                }
            )
            for place, (name, mean) in enumerate(means.items())
        ]
    )


def test_of_equals_the_exactly_explained_is_chosen_then_the_simpler():
    folds = folds_of(plain=0.90, kernel=0.914, vote=0.915)
    chosen = choose_champion(folds, CANDIDATES, "one_standard_error", 1 / 9)
    assert (chosen.champion, chosen.best) == ("kernel", "vote")
    assert chosen.close == ["vote", "kernel"]
    folds = folds_of(plain=0.913, kernel=0.914, vote=0.915)
    assert choose_champion(folds, CANDIDATES, "one_standard_error", 1 / 9).champion == "plain"


def test_the_best_may_be_wanted_whatever_it_costs_to_explain():
    folds = folds_of(plain=0.913, kernel=0.914, vote=0.915)
    assert choose_champion(folds, CANDIDATES, "best", 1 / 9).champion == "vote"


def test_differences_are_to_the_champion_and_the_champion_has_none():
    table = compare_candidates(
        folds_of(plain=0.88, kernel=0.914, vote=0.915), CANDIDATES, "kernel", 1 / 9
    ).set_index("candidate")
    assert table.loc["plain", "difference"] == pytest.approx(-0.034)
    assert table.loc["plain", "p_value"] < 0.001
    assert table.loc["kernel", "difference"] == 0
    assert np.isnan(table.loc["kernel", "p_value"])
    assert table["champion"].tolist() == [False, True, False]
