"""Training from customers to scores and tables, in memory, on a made-up shop."""

import json

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.parameters import CampaignParameters
from oneclick.modelling.parameters import NEVER_FEATURES, Candidates
from oneclick.pipelines.data_science.pipeline import create_pipeline
from tests.campaign.shipped import CATALOGUE_FILE, configured, read_catalogue
from tests.modelling.shop import QUICK, make_customers, models
from tests.pipelines.test_exploration import report_in

TABLES = {
    "model_comparison": {"candidate", "metric", "mean", "ci_low", "ci_high", "difference"},
    "roc_curve": {"candidate", "false_positive_rate", "true_positive_rate", "threshold"},
    "precision_recall_curve": {"candidate", "recall", "precision", "threshold"},
    "calibration": {"bin", "customers", "mean_predicted", "observed_share", "chance_low"},
    "score_distribution": {"declined", "p_low", "p_high", "customers"},
    "lift_table": {"share", "lift", "lift_ceiling", "low", "high"},
    "learning_curve": {"customers", "mean", "ci_low", "ci_high"},
    "group_metrics": {"grouping", "group", "customers", "roc_auc"},
    "permutation_importance": {"feature", "mean", "ci_low", "ci_high"},
    "feature_importance": {"feature", "mean_absolute"},
    "explanation_points": {"point", "feature", "value", "level", "contribution"},
    "worked_examples": {"example", "p_decline", "base", "feature", "contribution"},
}


def parameters() -> dict:
    """The shipped ones, with three candidates and little effort."""
    values = models()
    every = values["candidates"].root
    few = {name: every[name] for name in ("logistic", "decision_tree", "svc_rbf")}
    choice = values["choice"].model_copy(
        update={"effort": "quick", "efforts": {"quick": QUICK}, "processes": 1}
    )
    shipped = configured()
    judging = values["judging"].model_copy(update={"learning_curve_sizes": (50, 100)})
    return {
        **values,
        "candidates": Candidates(few),
        "choice": choice,
        "judging": judging,
        "snapshot": "2026-11",
        "report": report_in("ru", "2026-11"),
        "campaign": CampaignParameters(**shipped["campaign"]),
        "profit_value": ValueParameters(**shipped["profit_value"]),
        "offer_catalogue": read_catalogue(CATALOGUE_FILE),
    }


class Kept(MemoryDataset):
    """In memory, and still there after the run."""

    def _release(self) -> None:
        """Keep it."""


def run(customers: pd.DataFrame) -> dict:
    """Everything the pipeline makes."""
    table = ibis.duckdb.connect().create_table("customers", customers)
    inputs = {"customers": table} | {f"params:{k}": v for k, v in parameters().items()}
    catalog = DataCatalog(
        {name: MemoryDataset(value, copy_mode="assign") for name, value in inputs.items()}
    )
    pipeline = create_pipeline()
    kept = pipeline.all_outputs()
    for name in kept:
        catalog[name] = Kept(copy_mode="assign")
    SequentialRunner().run(pipeline, catalog)
    made = {name: catalog.load(name) for name in kept}
    for name, value in made.items():
        if isinstance(value, pa.RecordBatchReader):
            made[name] = value.read_pandas()
    return made


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    """260 customers, of whom the last 40 have no label."""
    customers = make_customers(260)
    customers["declined"] = customers["declined"].astype("boolean")
    customers.loc[220:, "declined"] = pd.NA
    return customers


@pytest.fixture(scope="module")
def made(customers) -> dict:
    return run(customers)


@pytest.mark.parametrize("name", TABLES)
def test_tables_have_their_columns_and_no_customer(made, name):
    assert TABLES[name] <= set(made[name].columns)
    assert "customer_id" not in made[name]
    assert len(made[name])


def test_every_customer_is_scored_and_training_customers_out_of_fold(made, customers):
    scores = made["decline_scores"]
    assert scores["customer_id"].tolist() == customers["customer_id"].tolist()
    assert scores["score_source"].value_counts().to_dict() == {"out_of_fold": 220, "model": 40}
    known = made["training_scores"].set_index("customer_id")["p_decline"]
    np.testing.assert_array_equal(scores["p_decline"][:220], known)
    # Given nested_scores, the published probability is their mean over repeats
    nested = made["nested_scores"].mean_probability(made["champion"])
    np.testing.assert_array_equal(known, nested)


def test_every_customer_has_reasons(made, customers):
    assert made["decline_reasons"]["customer_id"].tolist() == customers["customer_id"].tolist()
    assert made["decline_reasons"]["reason_1"].notna().mean() > 0.7


def test_key_label_consent_and_profit_are_no_features(made):
    model = made["decline_model"].calibrated_classifiers_[0].estimator
    for names in (model.feature_names_in_, made["model_background"].columns):
        assert not NEVER_FEATURES.intersection(names)


def test_figures_for_people_can_be_written_as_json(made):
    for name in ("champion_choice", "evaluation", "model_info", "explanation_info"):
        json.dumps(made[name])
    choice = made["champion_choice"]
    assert choice["champion"] in ("logistic", "decision_tree", "svc_rbf")
    assert choice["verdict"]["ru"].startswith("Выбрана модель")
    assert len(choice["without_current_month"]["left_out"]) == 3
    assert choice["customers"] == choice["labelled"] == 220


def test_the_model_card_says_what_the_figures_say(made):
    card = made["model_card"]
    assert made["champion_choice"]["verdict"]["ru"] in card
    auc = made["evaluation"]["metrics"]["roc_auc"]["value"]
    assert f"{auc:.3f}".replace(".", ",") in card
    assert "рассчитанный нынешний статус" in card
    assert "{" not in card
    assert card.count("Тип сервиса: премиум |") == 1


def test_the_evaluation_adds_up(made):
    evaluation = made["evaluation"]
    confusion = {name: cell["value"] for name, cell in evaluation["confusion"].items()}
    assert sum(confusion.values()) == evaluation["customers"] == 220
    assert confusion["true_positive"] + confusion["false_negative"] == evaluation["declined"]
    found = evaluation["at_threshold"]["recall"]["value"]
    assert found == pytest.approx(confusion["true_positive"] / evaluation["declined"])
    for figure in evaluation["metrics"].values():
        assert figure["low"] <= figure["value"] <= figure["high"]
    assert evaluation["threshold"]["value"] != 0.5
    assert made["lift_table"]["lift"].iloc[-1] == pytest.approx(1)
    assert made["calibration"]["customers"].sum() == 220
    assert made["score_distribution"]["customers"].sum() == 220


def test_the_columns_that_matter_are_found(made):
    for name in ("permutation_importance", "feature_importance"):
        assert set(made[name]["feature"][:2]) == {"pages_per_visit", "minutes_current"}


def test_the_order_of_rows_changes_nothing(made, customers):
    again = run(customers.sample(frac=1, random_state=1))
    # DuckDB scores rows as they lie; `customers` is stored by id
    for name in ("decline_scores", "decline_reasons"):
        again[name] = again[name].sort_values("customer_id", ignore_index=True)
    for name in ("decline_scores", "decline_reasons", "model_comparison"):
        pd.testing.assert_frame_equal(again[name], made[name], check_exact=True)


def test_a_figure_too_good_to_be_true_raises_the_alarm(caplog):
    # Given a feature that is the label in disguise
    customers = make_customers(200)
    customers["promo_share"] = customers["declined"] + 0.01 * customers["promo_share"]
    with caplog.at_level("INFO", logger="oneclick"):
        choice = run(customers)["champion_choice"]
    assert choice["leak_alarm"]
    assert "утечкой" in choice["leak_message"]["ru"]
    assert "leak" in caplog.text
