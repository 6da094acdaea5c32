import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.svm import SVC

from oneclick.engines import stream_rows
from oneclick.modelling import estimators, scoring
from oneclick.modelling.estimators import LaplacianSVC
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


@settings(deadline=None, max_examples=30)
@given(
    training=st.integers(4, 600),
    columns=st.integers(1, 20),
    size=st.sampled_from([1e-3, 1.0, 1e6]),
    seed=st.integers(0, 2**32 - 1),
)
def test_an_rbf_margin_equals_that_of_the_classifier(training, columns, size, seed):
    # Given numbers of any size that lie far from zero, and training rows that are there twice
    random = np.random.default_rng(seed)
    X = size * (random.normal(size=(training, columns)) + 1e3)
    X[training // 2 :] = X[: -(training // 2)]
    svc = SVC(C=random.uniform(0.1, 10)).fit(X, np.arange(training) % 2)
    # When support vectors themselves are scored, others like them and some far out
    others = X[:9] + size * random.normal(size=X[:9].shape)
    rows = np.concatenate([svc.support_vectors_, others, 1e6 * others])
    # Then neither duplicates nor large numbers cost a digit that counts
    expected = svc.decision_function(rows)
    np.testing.assert_allclose(scoring.rbf_margin(svc, rows), expected, rtol=0, atol=1e-9)


def test_an_rbf_machine_may_have_learned_from_sparse_rows():
    X = np.random.default_rng(0).normal(size=(50, 3))
    svc = SVC().fit(csr_array(X), X[:, 0] > 0)
    np.testing.assert_allclose(scoring.rbf_margin(svc, X), svc.decision_function(X), atol=1e-12)


def test_parts_in_threads_change_not_a_bit(monkeypatch):
    X = np.random.default_rng(0).normal(size=(1000, 3))
    svc = SVC().fit(X[:50], X[:50, 0] > 0)
    margin = scoring.rbf_margin(svc, X)
    monkeypatch.setattr(scoring, "in_threads", lambda function, items: list(map(function, items)))
    assert (scoring.rbf_margin(svc, X) == margin).all()


def test_a_laplacian_margin_is_that_of_all_rows_at_once(monkeypatch):
    X = np.random.default_rng(0).normal(size=(50, 3))
    machine = LaplacianSVC().fit(X, X[:, 0] > 0)
    margin = machine.decision_function(X)
    monkeypatch.setattr(estimators, "_KERNEL_CELLS", 7 * len(machine.support_vectors_))
    np.testing.assert_allclose(machine.decision_function(X), margin, rtol=0, atol=1e-14)


def test_no_rows_have_no_margin():
    X = np.random.default_rng(0).normal(size=(50, 3))
    assert scoring.rbf_margin(SVC().fit(X, X[:, 0] > 0), X[:0]).shape == (0,)


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
