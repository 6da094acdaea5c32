import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneclick.engines import stream_rows
from oneclick.modelling import scoring
from oneclick.modelling.features import as_model_frame
from oneclick.modelling.training import fit_champion
from tests.modelling.shop import FEATURES, choose, make_customers, make_task

KERNELS = ["svc_rbf", "svc_laplacian"]


@pytest.fixture(scope="module")
def models():
    task = {name: make_task(make_customers(), choose(name)) for name in KERNELS}
    return {name: fit_champion(task[name], name)[0] for name in KERNELS}


@pytest.fixture(scope="module")
def model(models):
    return models["svc_rbf"]


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 300), st.integers(0, 99), st.sampled_from(KERNELS))
def test_the_fast_path_equals_scikit_learn(models, size, seed, name):
    frame = as_model_frame(make_customers(size, seed=seed), FEATURES)
    expected = models[name].predict_proba(frame)[:, 1]
    np.testing.assert_allclose(scoring.score(models[name], frame), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", ["logistic", "svc_linear", "extra_trees"])
def test_other_models_are_scored_by_scikit_learn(name):
    other, _ = fit_champion(make_task(make_customers(120), choose(name)), name)
    frame = as_model_frame(make_customers(30, seed=1), FEATURES)
    np.testing.assert_array_equal(scoring.score(other, frame), other.predict_proba(frame)[:, 1])


def as_table(customers):
    return ibis.duckdb.connect().create_table("customers", customers)


def test_training_customers_keep_their_out_of_fold_probability(model):
    # Given 300 customers in batches of 70, of whom 100 were trained on
    customers = make_customers(300)
    known = pd.DataFrame({"customer_id": customers["customer_id"][:100], "p_decline": 0.123})
    rows = stream_rows(as_table(customers).order_by("customer_id"), 70)
    batches = list(scoring.score_batches(rows, model, FEATURES, known))
    scores = pa.Table.from_batches(batches).to_pandas()
    # Then everybody is scored once, the known ones as before, the others by the model
    assert scores["customer_id"].tolist() == customers["customer_id"].tolist()
    assert (scores["p_decline"][:100] == 0.123).all()
    assert scores["score_source"].tolist() == ["out_of_fold"] * 100 + ["model"] * 200
    direct = scoring.score(model, as_model_frame(customers[100:], FEATURES))
    np.testing.assert_allclose(scores["p_decline"][100:], direct, rtol=0, atol=1e-12)


def test_no_customers_give_no_batch(model):
    empty = stream_rows(as_table(make_customers(3)).limit(0), 10)
    known = pd.DataFrame({"customer_id": [1], "p_decline": [0.5]})
    assert list(scoring.score_batches(empty, model, FEATURES, known)) == []
