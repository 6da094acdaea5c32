"""How good the scores are for whom."""

import numpy as np

from oneclick.modelling.description import tabulate_groups, tabulate_lift
from tests.modelling.shop import make_customers, models


def test_groups_stand_in_order_the_youngest_customers_first():
    # Given customers whose oldest come first, at the ends of the bands 365, 545 and 730 days
    days = [5000, 731, 730, 546, 545, 366, 365, 1, np.nan]
    customers = make_customers(9).assign(days_since_registration=days)

    # When they are judged by group
    groups = tabulate_groups(customers, np.full(9, 0.5), models()["judging"], draws=2, seed=1)

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
    lift = tabulate_lift(declined, np.linspace(1, 0, 40), np.arange(40), draws=200, seed=1)

    # Then it stands at the ceiling, the interval reaches below it and not above
    first = lift[lift["share"] <= 0.3]
    assert np.allclose(first["lift"], 40 / 12)
    assert (first["low"] < first["lift_ceiling"] - 0.5).all()
    assert (lift["high"] <= lift["lift_ceiling"]).all()
