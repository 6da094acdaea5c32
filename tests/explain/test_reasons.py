import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from oneclick.explain import reasons
from oneclick.explain.margin import contributions
from oneclick.explain.schemas import WorkedExamples
from oneclick.explain.summaries import top_reasons
from oneclick.modelling.features import as_model_frame
from oneclick.modelling.scoring import score
from oneclick.modelling.training import fit_champion
from tests.modelling.shop import FEATURES, choose, make_customers, make_task, models

EXPLAINING = models()["explaining"]


@pytest.fixture(scope="module")
def training():
    return make_customers(120)


@pytest.fixture(scope="module")
def model(training):
    return fit_champion(make_task(training, choose("svc_rbf")), "svc_rbf")[0]


@pytest.fixture(scope="module")
def frame(training):
    return as_model_frame(training, FEATURES)


@pytest.fixture(scope="module")
def explanation(model, frame):
    return contributions(model, frame, frame)


def explain_all(customers, model, frame, known, explaining=EXPLAINING):
    batches = [pa.RecordBatch.from_pandas(customers[start : start + 50]) for start in (0, 50, 100)]
    others = len(customers) - len(known)
    found = reasons.reason_batches(batches, model, frame, FEATURES, known, others, explaining)
    return pa.Table.from_batches(list(found)).to_pandas()


def test_known_customers_are_looked_up_and_the_others_explained(model, frame, explanation):
    customers = make_customers(140, seed=5)
    known = top_reasons(explanation)[:60].assign(customer_id=customers["customer_id"][20:80].array)
    table = explain_all(customers, model, frame, known)
    assert table["customer_id"].tolist() == customers["customer_id"].tolist()
    assert table["reason_1"][20:80].tolist() == known["reason_1"].tolist()
    new = as_model_frame(customers.drop(index=range(20, 80)), FEATURES)
    fresh = top_reasons(contributions(model, new, frame))
    got = table.drop(index=range(20, 80)).reset_index(drop=True)
    assert got["reason_1"].fillna("").tolist() == fresh["reason_1"].fillna("").tolist()
    np.testing.assert_allclose(got["contribution_1"], fresh["contribution_1"], rtol=1e-9)


def test_reasons_raise_the_risk_the_strongest_first(model, frame):
    nobody = top_reasons(contributions(model, frame[:1], frame)).assign(customer_id=[-1])
    table = explain_all(make_customers(140, seed=5), model, frame, nobody)
    assert (table["contribution_1"].dropna() > 0).all()
    both = table.dropna(subset=["contribution_2"])
    assert (both["contribution_1"] >= both["contribution_2"]).all()
    assert set(table["reason_1"].dropna()) <= set(FEATURES.names)


@pytest.mark.parametrize("name", ["svc_rbf", "svc_laplacian", "logistic", "decision_tree"])
def test_very_many_customers_get_the_fast_form(name, training, frame):
    model, _ = fit_champion(make_task(training, choose(name)), name)
    nobody = pd.DataFrame(columns=["customer_id", *reasons.REASONS_SCHEMA.names[1:]])
    bounded = EXPLAINING.model_copy(update={"exact_customers": 10})
    table = explain_all(make_customers(140, seed=5), model, frame, nobody, bounded)
    assert table["reason_1"].notna().mean() > 0.7


def test_points_carry_no_id_and_no_order(explanation):
    points = reasons.tabulate_points(explanation, most=40, seed=0)
    assert list(points) == ["point", "feature", "value", "level", "contribution"]
    assert points["point"].nunique() == 40
    text = points["feature"].isin(FEATURES.categorical)
    assert points.loc[text, "value"].isna().all()
    assert points.loc[text, "level"].notna().all()
    assert points.loc[~text, "value"].notna().all()


def test_three_customers_are_worth_a_look(explanation, training):
    p = np.linspace(0.02, 0.98, len(training))
    table = reasons.tabulate_examples(explanation, training, p, threshold=0.2)
    one_each = table.groupby("example").first()
    assert set(one_each.index) == {"early_warning", "already_declined", "safe"}
    assert not one_each.loc["early_warning", "declined"]
    assert one_each.loc["already_declined", "declined"]
    assert one_each.loc["safe", "p_decline"] < one_each.loc["early_warning", "p_decline"]
    assert "customer_id" not in table
    told = [*table["value"].dropna(), *table["monthly_profit"]]
    assert all(float(f"{number:.2g}") == number for number in told)
    assert len(table) == 3 * len(FEATURES.names)


@pytest.mark.parametrize(("threshold", "kind"), [(0.2, "early_warning"), (0.21, "safe")])
def test_an_example_that_does_not_exist_is_left_out(explanation, training, threshold, kind):
    steady, p = training.assign(declined=False), np.full(len(training), 0.2)
    table = reasons.tabulate_examples(explanation, steady, p, threshold)
    assert set(table["example"]) == {kind}


@pytest.mark.parametrize("loss", [0.0, -5.0])
def test_nobody_is_valuable_in_a_shop_without_profit(explanation, training, loss):
    poor = training.assign(monthly_profit=np.where(np.arange(len(training)) % 3, loss - 1, loss))
    table = reasons.tabulate_examples(explanation, poor, np.full(len(training), 0.9), 0.2)
    assert table.empty
    WorkedExamples.validate(table)


def test_a_valuable_decliner_has_a_profit_above_the_median(explanation, training):
    # Given decliners of whom none but the steady earn more
    declined = np.arange(len(training)) < 40
    low = training.assign(declined=declined, monthly_profit=np.where(declined, 1.0, 5.0))
    low.loc[100:, "monthly_profit"] = 6.0
    table = reasons.tabulate_examples(explanation, low, np.full(len(training), 0.9), 0.2)
    assert set(table["example"]) == {"early_warning"}


def test_scores_far_from_those_published_are_counted(model, frame, explanation):
    # Given published probabilities of which a quarter are far from those of the model explained
    published = score(model, frame)
    published[: len(frame) // 4] += 0.2
    facts = reasons.describe_explanation(model, explanation, published)
    assert facts["method"] == "exact interventional, full background"
    assert facts["far_from_published"] == 0.25
