"""What people read of an explanation."""

import numpy as np
import pandas as pd
import pytest
from shap import Explanation
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression

from oneclick.explain.summaries import explain_customer, importance, top_reasons
from tests.explain.shops import make_pipeline_of, make_shop


@pytest.fixture
def explanation() -> Explanation:
    return Explanation(
        values=np.array([[0.5, -1.0, 0.5, 0.1], [-0.1, 0.0, -2.0, 0.3], [-1.0, -1.0, 0.0, 0.0]]),
        base_values=np.zeros(3),
        data=np.array(
            [[1.0, "a", 10.0, 2], [2.0, "b", 30.0, 2], [4.0, "a", 20.0, 2]], dtype=object
        ),
        feature_names=["pages", "tier", "minutes", "errors"],
    )


def test_reasons_are_the_strongest_that_raise_the_risk_ties_in_column_order(explanation):
    reasons = top_reasons(explanation)
    assert reasons.columns.tolist() == [
        "reason_1", "contribution_1", "reason_2", "contribution_2", "reason_3", "contribution_3"
    ]  # fmt: skip
    assert reasons["reason_1"].tolist()[:2] == ["pages", "errors"]
    assert reasons.loc[0].tolist() == ["pages", 0.5, "minutes", 0.5, "errors", 0.1]
    assert reasons.loc[1, "contribution_1"] == 0.3
    assert reasons.loc[1, "reason_2":].isna().all()
    assert reasons.loc[2].isna().all()
    assert reasons["reason_3"].dtype == "str"


def test_more_reasons_than_features_are_null(explanation):
    assert top_reasons(explanation, 6)[["reason_6", "contribution_6"]].isna().all(axis=None)


def test_reasons_do_not_depend_on_the_order_of_customers(explanation):
    turned = top_reasons(explanation[::-1])[::-1].reset_index(drop=True)
    pd.testing.assert_frame_equal(turned, top_reasons(explanation))


def test_importance_is_the_mean_size(explanation):
    table = importance(explanation)
    assert table["feature"].tolist() == ["minutes", "tier", "pages", "errors"]
    np.testing.assert_allclose(table["mean_absolute"], [2.5 / 3, 2 / 3, 1.6 / 3, 0.4 / 3])


def test_one_customer_is_a_small_table_that_adds_up():
    frame, label = make_shop(80)
    pipeline = make_pipeline_of(frame, LogisticRegression())
    model = CalibratedClassifierCV(pipeline, cv=3, ensemble=False).fit(frame, label)
    table = explain_customer(model, frame[3:4], frame)
    assert table["contribution"].abs().is_monotonic_decreasing
    assert dict(zip(table["feature"], table["value"], strict=True)) == frame.loc[3].to_dict()
    np.testing.assert_allclose(np.log(table["odds_times"]), table["contribution"])
    end = 1 / (1 + np.exp(-table.attrs["end"]))
    assert end == pytest.approx(model.predict_proba(frame[3:4])[0, 1])
    assert table.attrs["p_decline"] == pytest.approx(end)
    with pytest.raises(ValueError, match="one row, got 2"):
        explain_customer(model, frame[3:5], frame)
