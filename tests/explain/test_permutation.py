"""Sampled values: near the exact ones by the error they state, and complete."""

import numpy as np
import pandas as pd
import pytest

from oneclick.explain.permutation import explain_by_permutation
from tests.explain.exact import interventional
from tests.explain.shops import make_shop


@pytest.fixture
def frame() -> pd.DataFrame:
    return make_shop(50)[0]


def risk(frame: pd.DataFrame) -> np.ndarray:
    """A function with an interaction; texts stay texts on their way to the model."""
    toys = (frame["category"] == "toys").to_numpy()
    return np.tanh(4 - frame["pages"]).to_numpy() * (1 + toys) + frame["minutes"].to_numpy() / 10


def exact(rows: pd.DataFrame, background: pd.DataFrame) -> np.ndarray:
    """Values by definition, on the frame turned into numbers."""
    levels = sorted(set(rows["category"]) | set(background["category"]))

    def numbers(one):
        codes = one["category"].map(levels.index).to_numpy(dtype=float)
        nothing = np.zeros(len(one))
        return np.column_stack([one["pages"], nothing, nothing, codes, one["minutes"]])

    def function(hybrids):
        texts = [levels[int(code)] for code in hybrids[:, 3]]
        columns = {"pages": hybrids[:, 0], "category": texts, "minutes": hybrids[:, 4]}
        return risk(pd.DataFrame(columns))

    players = [np.array([one]) for one in range(5)]
    return interventional(function, numbers(rows), numbers(background), players)


def test_the_stated_error_is_the_distance_from_the_exact_values(frame):
    rows = frame[:20]
    values, errors = explain_by_permutation(risk, rows, frame, permutations=40, seed=1)
    gap = values - exact(rows, frame)
    assert np.sqrt((gap**2).mean()) < 1.5 * np.sqrt((errors**2).mean())
    assert np.abs(gap).max() < 5 * errors.max()


def test_values_add_up_and_columns_without_effect_get_nothing(frame):
    values, _ = explain_by_permutation(risk, frame[:10], frame, permutations=4, seed=1)
    np.testing.assert_allclose(
        values.sum(axis=1), risk(frame[:10]) - risk(frame).mean(), atol=1e-12
    )
    assert np.abs(values[:, [1, 2]]).max() < 1e-12


def test_the_order_of_rows_changes_nothing_and_neither_do_parts(frame, monkeypatch):
    whole, _ = explain_by_permutation(risk, frame, frame, permutations=5, seed=1)
    monkeypatch.setattr("oneclick.explain.permutation.ROWS_AT_A_TIME", 200)
    turned, _ = explain_by_permutation(risk, frame[::-1], frame[::-1], permutations=5, seed=1)
    np.testing.assert_allclose(turned[::-1], whole, atol=1e-12)


def test_more_draws_than_background_rows_use_rows_again(frame):
    _, errors = explain_by_permutation(risk, frame[:3], frame[:2], permutations=5, seed=1)
    assert np.isfinite(errors).all()
