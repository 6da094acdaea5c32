"""How good the scores are for whom."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import auc

from oneclick.modelling.description import (
    describe_champion,
    tabulate_curves,
    tabulate_groups,
    tabulate_lift,
)
from oneclick.modelling.evaluation import NestedScores
from tests.modelling.shop import ECONOMICS, choose, make_customers, make_task, models


def test_figures_are_means_over_repeats_and_not_of_the_mean_probability():
    # Given two repeats, each of which ranks three pairs of four rightly, and whose mean ranks all
    declined = np.array([True, True, False, False])
    p = np.array([[0.9, 0.3, 0.5, 0.1], [0.3, 0.9, 0.1, 0.5]])
    assert (p.mean(axis=0)[:2] > p.mean(axis=0)[2:].max()).all()
    task = replace(make_task(make_customers(4), choose("logistic")), declined=declined)
    task = replace(task, groups=np.arange(4))

    # When the champion is described
    found = describe_champion(NestedScores(task, [], {"logistic": p}, {}), "logistic", ECONOMICS)

    # Then its figures are those of one model
    assert found["metrics"]["roc_auc"]["value"] == pytest.approx(0.75)
    assert found["metrics"]["brier"]["value"] == pytest.approx(
        (0.1**2 + 0.7**2 + 0.5**2 + 0.1**2) / 4
    )
    lift = tabulate_lift(declined, p, np.arange(4), draws=20, seed=1).set_index("share")
    assert lift.loc[0.5, "lift"] == pytest.approx(1)
    # And so is the curve, of all repeats together
    roc, _ = tabulate_curves(declined, {"logistic": p}, "logistic")
    assert auc(roc["false_positive_rate"], roc["true_positive_rate"]) == pytest.approx(0.75)


def test_groups_stand_in_order_the_youngest_customers_first():
    # Given customers whose oldest come first, at the ends of the bands 365, 545 and 730 days
    days = [5000, 731, 730, 546, 545, 366, 365, 1, np.nan]
    customers = make_customers(9).assign(days_since_registration=days)

    # When they are judged by group
    groups = tabulate_groups(customers, np.full((1, 9), 0.5), models()["judging"])

    # Then tenures grow, and each customer of known tenure is counted once
    tenure = groups[groups["grouping"] == "tenure"].set_index("group")["customers"]
    assert tenure.to_dict() == {"0–365": 2, "366–545": 2, "546–730": 2, "> 730": 2}
    assert list(tenure.index) == ["0–365", "366–545", "546–730", "> 730"]
    categories = groups.loc[groups["grouping"] == "favourite_category", "group"]
    assert list(categories) == sorted(customers["favourite_category"].unique())


def test_the_interval_of_the_lift_ends_at_its_ceiling():
    # Given a perfect ranking of 12 declined of 40, whose bootstrap samples hold 6 to 18 declined
    declined = np.arange(40) < 12

    # When the lift is tabulated
    lift = tabulate_lift(
        declined, np.linspace(1, 0, 40)[np.newaxis], np.arange(40), draws=200, seed=1
    )

    # Then it stands at the ceiling, the interval reaches below it and not above
    first = lift[lift["share"] <= 0.3]
    assert np.allclose(first["lift"], 40 / 12)
    assert (first["low"] < first["lift_ceiling"] - 0.5).all()
    assert (lift["high"] <= lift["lift_ceiling"]).all()
