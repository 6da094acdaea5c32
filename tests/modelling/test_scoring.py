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

KINDS = [
    "svc_rbf", "svc_laplacian", "svc_linear", "logistic", "knn", "decision_tree", "extra_trees",
    "gradient_boosting", "splines", "soft_vote",
]  # fmt: skip


@pytest.fixture(scope="module")
def models():
    task = make_task(make_customers(), choose(*KINDS))
    return {name: fit_champion(task, name)[0] for name in KINDS}


@pytest.fixture(scope="module")
def model(models):
    return models["svc_rbf"]


@settings(deadline=None, max_examples=5)
@given(size=st.integers(1, 300), seed=st.integers(0, 99))
@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_scored_as_by_scikit_learn(models, name, size, seed):
    frame = as_model_frame(make_customers(size, seed=seed), FEATURES)
    expected = models[name].predict_proba(frame)[:, 1]
    np.testing.assert_allclose(scoring.score(models[name], frame), expected, rtol=0, atol=1e-12)


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


def test_a_customer_of_training_may_be_scored_anew_and_is_marked(model):
    customers = make_customers(30)
    known = pd.DataFrame({"customer_id": customers["customer_id"][:10], "p_decline": np.nan})
    rows = stream_rows(as_table(customers).order_by("customer_id"), 7)
    batches = list(scoring.score_batches(rows, model, FEATURES, known))
    scores = pa.Table.from_batches(batches).to_pandas()
    assert scores["score_source"].tolist() == ["in_sample"] * 10 + ["model"] * 20
    direct = scoring.score(model, as_model_frame(customers, FEATURES))
    np.testing.assert_allclose(scores["p_decline"], direct, rtol=0, atol=1e-12)


def test_no_customers_give_no_batch(model):
    empty = stream_rows(as_table(make_customers(3)).limit(0), 10)
    known = pd.DataFrame({"customer_id": [1], "p_decline": [0.5]})
    assert list(scoring.score_batches(empty, model, FEATURES, known)) == []
