"""The shop's own customers: exact on the real SVC."""

import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from benchmarks.explain_speed import distance_between
from oneclick.explain.margin import contributions_fast, explain_margin
from oneclick.explain.summaries import top_reasons
from tests.explain.fast_svc import FastSVC
from tests.explain.shops import make_pipeline_of, read_reference

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def customers(reference_folder) -> tuple[pd.DataFrame, np.ndarray]:
    return read_reference(reference_folder)


@pytest.fixture(scope="module")
def pipeline(customers) -> Pipeline:
    return make_pipeline_of(customers[0], SVC()).fit(*customers)


def test_the_real_svc_is_explained_as_by_shaps_exact_explainer(customers, pipeline):
    shap = pytest.importorskip("shap")
    frame, _ = customers
    fast = FastSVC(pipeline, frame)
    rows, background = frame.iloc[[0, 700]], frame.iloc[::330]
    # Given all 2^15 coalitions of the 15 columns, a category being one column
    masker = shap.maskers.Independent(fast.encode(background), max_samples=len(background))
    exact = shap.explainers.Exact(fast, masker)(fast.encode(rows), max_evals=2**15)
    ours = explain_margin(pipeline, rows, background)
    np.testing.assert_allclose(ours.values, exact.values, rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours.base_values, exact.base_values, rtol=0, atol=1e-10)


@pytest.fixture(scope="module")
def full(customers, pipeline):
    return explain_margin(pipeline, customers[0][:60], customers[0])


def test_customers_are_explained_against_everybody(customers, pipeline, full):
    frame, _ = customers
    total = full.base_values + full.values.sum(axis=1)
    np.testing.assert_allclose(total, pipeline.decision_function(frame[:60]), rtol=0, atol=1e-9)


def test_clones_have_the_same_reasons_to_the_bit(customers, pipeline):
    frame, _ = customers
    clones = frame[frame.duplicated(keep=False)].sort_values(list(frame.columns))[:2]
    values = explain_margin(pipeline, clones, frame[:100]).values
    assert (values[0] == values[1]).all()
    assert top_reasons(explain_margin(pipeline, clones, frame[:100])).nunique().eq(1).all()


def test_the_fast_form_is_near_the_full_background_and_says_how_near(customers, pipeline, full):
    frame, _ = customers
    fast = next(contributions_fast(pipeline, [frame[:60]], frame))
    gaps = distance_between(full, fast)
    assert 0.02 < gaps["mean_gap"].sum() / gaps["mean_abs"].sum() < 0.25
