"""The steps of scoring that training does not have."""

import ibis
import numpy as np
import pandas as pd
import pytest

from oneclick.errors import OneclickError
from oneclick.modelling.drift import REFERENCE_FORMAT, describe_reference
from oneclick.modelling.features import as_model_frame
from oneclick.pipelines.scoring.nodes import compare_with_status, measure_drift, take_model
from tests.modelling.shop import FEATURES, make_customers, models

KNOWN = pd.DataFrame({"customer_id": [1, 2], "p_decline": [0.1, 0.9]})


@pytest.fixture
def info() -> dict:
    trained = make_customers(800, seed=1)
    p = np.linspace(0, 1, 800)
    reference = describe_reference(as_model_frame(trained, FEATURES), p, p, FEATURES)
    features = FEATURES.model_dump(mode="json")
    auc = {"mean": 0.91, "ci_low": 0.89, "ci_high": 0.93}
    about = {"snapshot": "2026-11", "champion": "svc_rbf", "roc_auc": auc}
    notes = {"reference": reference, "reference_format": REFERENCE_FORMAT}
    return {**about, "features": features, **notes}


def as_tables(customers: pd.DataFrame) -> tuple[ibis.Table, ibis.Table]:
    scores = pd.DataFrame(
        {
            "customer_id": customers["customer_id"],
            "p_decline": np.linspace(0, 1, len(customers)),
            "score_source": "model",
        }
    )
    connection = ibis.duckdb.connect()
    return connection.create_table("customers", customers), connection.create_table("s", scores)


def test_the_training_snapshot_keeps_its_out_of_fold_scores(info):
    _, known, reasons = take_model("model", info, KNOWN, FEATURES, "2026-11")

    pd.testing.assert_frame_equal(known, KNOWN)
    assert reasons.empty


def test_in_another_month_customers_of_training_are_known_but_scored_anew(info):
    model, known, reasons = take_model("model", info, KNOWN, FEATURES, "2026-12")

    assert model == "model"
    pd.testing.assert_frame_equal(known, KNOWN.assign(p_decline=np.nan))
    assert reasons.empty


def test_a_model_made_for_other_features_is_refused(info):
    others = FEATURES.model_copy(update={"use_current_month": not FEATURES.use_current_month})

    with pytest.raises(OneclickError, match=r"trained on snapshot '2026-11', uses other"):
        take_model("model", info, KNOWN, others, "2026-12")


def test_a_model_of_another_version_is_refused(info):
    older = {key: value for key, value in info.items() if key != "reference_format"}

    with pytest.raises(OneclickError, match=r"another version of oneclick"):
        take_model("model", older, KNOWN, FEATURES, "2026-12")


def test_what_moved_is_said_aloud(info, caplog):
    today = make_customers(500, seed=2)
    today["pages_per_visit"] += 5

    with caplog.at_level("INFO", logger="oneclick"):
        table, found = measure_drift(*as_tables(today), info, FEATURES)

    assert table.iloc[0]["column"] == "pages_per_visit"
    assert found["moved"] == ["pages_per_visit"]
    assert all(sentence in caplog.text for sentence in found["sentences"]["en"])
    assert found["verdict"]["en"] in caplog.text


def test_a_month_like_the_last_is_said_to_be_steady(info):
    _, found = measure_drift(*as_tables(make_customers(500, seed=2)), info, FEATURES)

    assert (found["moved"], found["retrain"]) == ([], False)


def test_only_customers_with_a_status_tell_how_the_model_did():
    customers = make_customers(300, seed=3)
    customers["declined"] = customers["declined"].astype("boolean")
    customers.loc[200:, "declined"] = pd.NA

    found = compare_with_status(*as_tables(customers), models()["choice"], seed=1)

    assert found["seen"]["customers"] == 0
    found = found["unseen"]
    assert found["customers"] == 200
    assert found["declined"] == int(customers["declined"].sum())
    assert found["roc_auc"]["low"] <= found["roc_auc"]["value"] <= found["roc_auc"]["high"]
