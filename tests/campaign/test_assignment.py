from itertools import product

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from oneclick.campaign.assignment import (
    ShadowPrice,
    assign_offers,
    choose_offers,
    find_shadow_price,
    most_rewarding,
    value_choices,
    value_offers,
)
from oneclick.campaign.offers import DO_NOTHING
from oneclick.campaign.segments import assign_segments, find_thresholds
from tests.campaign.fabricated import fabricate, tables

FEW = settings(
    max_examples=5,
    phases=[Phase.generate],  # an example takes a second: shrinking would take minutes
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def allocate(
    connection, values, costs, budget, arm: str = "treatment"
) -> tuple[pd.DataFrame, ShadowPrice]:
    """Spend a budget on a matrix of values (customers × offers); return value and cost of each."""
    offers = [f"offer_{place}" for place in range(len(costs))]
    frame = pd.DataFrame(values, columns=[f"value_{name}" for name in offers], dtype=float)
    frame[[f"cost_{name}" for name in offers]] = [round(cost * 100) for cost in costs]
    frame["customer_id"], frame["arm"] = np.arange(len(frame)), arm
    table = connection.create_table("v", frame, overwrite=True)
    price = find_shadow_price(table, offers, budget, "salt")
    found = choose_offers(table, offers, price, "salt").order_by("customer_id").execute()
    chosen = list(enumerate(found["offer_id"]))
    value = [0.0 if name == DO_NOTHING else frame[f"value_{name}"][row] for row, name in chosen]
    cost = [0.0 if name == DO_NOTHING else costs[offers.index(name)] for _, name in chosen]
    return pd.DataFrame({"value": value, "cost": cost}), price


KNOWN_VALUES, KNOWN_COSTS = [[10, 14], [9, 10], [4, 9]], [5, 8]


@pytest.mark.parametrize(("budget", "optimum"), [(5, 10), (10, 19), (13, 23), (24, 33)])
def test_known_budgets_reach_the_optimum(connection, budget: float, optimum: float) -> None:
    found, _ = allocate(connection, KNOWN_VALUES, KNOWN_COSTS, budget)
    assert found["value"].sum() == optimum
    assert found["cost"].sum() <= budget


def test_tied_customers_are_topped_up(connection) -> None:
    found, price = allocate(connection, [[10]] * 10, [5], 25)
    assert (found["cost"] > 0).sum() == 5
    assert price.price == pytest.approx(2, rel=1e-5)


def test_a_budget_that_suffices_has_no_price(connection) -> None:
    found, price = allocate(connection, KNOWN_VALUES, KNOWN_COSTS, 24)
    assert price.price == 0
    assert found["value"].sum() == 33


def test_a_budget_of_nothing_buys_nothing(connection) -> None:
    found, _ = allocate(connection, KNOWN_VALUES, KNOWN_COSTS, 0)
    assert found["cost"].sum() == 0


def test_offers_that_do_not_pay_are_not_made(connection) -> None:
    found, _ = allocate(connection, [[-1, -2], [0, 0], [3, -1]], KNOWN_COSTS, None)
    assert found["value"].tolist() == [0, 0, 3]


NOTHING = float("nan")  # the value of an offer that does not suit


@pytest.mark.parametrize(
    ("values", "arm", "served"),
    [
        ([[NOTHING, NOTHING]] * 2, "excluded", 0),
        ([[-3, -5], [-1, -2]], "treatment", 0),
        ([[6, -1], [4, NOTHING]], "treatment", 10),
    ],
    ids=["nobody consents", "no offer pays", "only the free offer pays"],
)
def test_a_budget_that_nobody_needs_stays_whole(connection, values, arm, served) -> None:
    found, price = allocate(connection, values, [0, 8], 5, arm)
    assert found["value"].sum() == served
    assert found["cost"].sum() == 0
    assert price.price == 0


def best_of_all(values: np.ndarray, costs: list[float], budget: float) -> float:
    """The optimum by trying every choice."""
    v, c = np.column_stack([np.zeros(len(values)), values]), np.array([0.0, *costs])
    rows = np.arange(len(values))
    choices = (np.array(x) for x in product(range(len(c)), repeat=len(values)))
    return max(v[rows, x].sum() for x in choices if c[x].sum() <= budget)


def dual(values: np.ndarray, costs: list[float], budget: float) -> float:
    """The lowest upper bound: min over λ of λB + Σ max(v − λc, 0)."""
    v, c = np.column_stack([np.zeros(len(values)), values]), np.array([0.0, *costs])
    steps = (v[:, :, None] - v[:, None, :]) / np.where(c[:, None] == c, np.inf, c[:, None] - c)
    candidates = np.unique(np.append(np.maximum(steps, 0), 0))
    return min(price * budget + (v - price * c).max(axis=1).sum() for price in candidates)


small_cases = st.integers(0, 10_000).map(np.random.default_rng)


@FEW
@given(small_cases)
def test_value_lies_between_optimum_and_dual(connection, rng) -> None:
    # Given a few customers and offers with whole values, so that ties are common
    values = rng.integers(-3, 20, (rng.integers(2, 6), 3)).astype(float)
    costs = sorted(float(c) for c in rng.choice(np.arange(1, 9), 3, replace=False))
    budgets = np.sort(rng.integers(0, 25, 2)).astype(float)
    found = []
    for budget in budgets:
        # When the budget is spent
        spent, _ = allocate(connection, values, costs, budget)
        value, bound = spent["value"].sum(), dual(values, costs, budget)
        # Then it is kept, the value is possible, and it is near the best there is
        assert spent["cost"].sum() <= budget
        assert value <= best_of_all(values, costs, budget) + 1e-9
        assert best_of_all(values, costs, budget) <= bound + 1e-6
        assert bound - value <= max(values.max(), 0) + 1e-4
        found.append(value)
    # And more budget never lowers the value
    assert found[0] <= found[1] + 1e-9


@pytest.fixture
def assign(connection, catalogue, campaign, value, segment_parameters):
    """Return a function from frames and a budget to the assignment."""

    def run(frames: dict[str, pd.DataFrame], **changes) -> pd.DataFrame:
        t = tables(frames, connection)
        parameters = campaign.model_copy(update=changes)
        scored = t["customers"], t["decline_scores"]
        thresholds = find_thresholds(*scored, segment_parameters, catalogue, value)
        segments = assign_segments(*scored, thresholds, segment_parameters)
        segments = connection.create_table("segments", segments, overwrite=True)
        values = value_offers(
            t["customers"], segments, t["decline_reasons"], catalogue, parameters, value
        )
        values = connection.create_table("offer_values", values, overwrite=True)
        assigned, use = assign_offers(values, catalogue, parameters)
        worth = value_choices(assigned, catalogue.measures)
        found = assigned.mutate(**worth).execute()
        found.attrs["use"] = use
        return found

    return run


@FEW
@given(st.integers(0, 1000), st.sampled_from(["worst_case", "expected"]))
def test_promises_hold_in_random_shops(assign, seed: int, covers: str) -> None:
    # Given a random shop and a budget for about a third of it
    frames = fabricate(300, seed)
    customers = frames["customers"].set_index("customer_id")
    budget = 5_000.0 if covers == "worst_case" else 2_000.0
    # When offers are assigned
    found = assign(frames, budget=budget, budget_covers=covers).set_index("customer_id")
    sent = found[found["contacted"]]
    # Then every customer is there once, and each has an offer or a reason for none
    assert sorted(found.index) == sorted(customers.index)
    assert (found["contacted"] == found["no_contact_reason"].isna()).all()
    # And nobody is written to without consent, over the cap or in the control group
    assert customers.loc[sent.index, "allows_contact"].all()
    assert (customers.loc[sent.index, "marketing_contacts_current"] < 5).all()
    assert set(sent["arm"]) == {"treatment"}
    # And every offer is expected to pay, and together they keep the budget
    assert (sent["expected_profit"] > 0).all()
    cost = sent["worst_case_cost" if covers == "worst_case" else "expected_cost"].sum()
    assert 0.9 * budget < cost <= budget + 1e-6


def test_the_order_of_rows_changes_nothing(assign) -> None:
    frames = fabricate(300, 5)
    shuffled = {k: f.sample(frac=1, random_state=2) for k, f in frames.items()}
    first, again = assign(frames, budget=5000.0), assign(shuffled, budget=5000.0)
    pd.testing.assert_frame_equal(first, again)


def test_a_budget_is_spent_alike_if_only_those_it_reaches_first_are_explained(
    assign, connection, catalogue, campaign, value
) -> None:
    # Given 1 000 customers, all explained, or only those with the most value per rouble
    frames = fabricate(1000, 4)
    shop = tables(frames, connection)
    scored = shop["customers"], shop["decline_scores"]
    first = most_rewarding(*scored, catalogue, campaign, value, most=250).execute()
    reasons = frames["decline_reasons"]
    few = reasons[reasons["customer_id"].isin(first["customer_id"])]
    assert len(few) == 250
    # When the budget reaches no others
    by_all = assign(frames, budget=1500.0)
    by_few = assign(frames | {"decline_reasons": few}, budget=1500.0)
    # Then offers, reasons answered and the price of the budget are the same for everybody
    pd.testing.assert_frame_equal(by_few, by_all)
    assert by_few.attrs["use"] == by_all.attrs["use"]
    assert by_few["answered_reason"].notna().sum() > 50


def test_consent_that_is_unknown_counts_as_none(assign) -> None:
    frames = fabricate(120, 1)
    consent = frames["customers"]["allows_contact"].astype("boolean")
    frames["customers"]["allows_contact"] = consent.mask(consent, pd.NA)
    found = assign(frames)
    assert (found["no_contact_reason"] == "no_consent").all()


def test_without_limits_a_customer_gets_the_best_offer_or_one_that_answers(assign) -> None:
    found = assign(fabricate(300, 3), reason_tolerance=0.0)
    generous = assign(fabricate(300, 3), reason_tolerance=0.2)
    assert generous["answered_reason"].notna().sum() > found["answered_reason"].notna().sum()
    kept = generous["expected_profit"].sum() / found["expected_profit"].sum()
    assert 0.8 <= kept <= 1


def test_more_budget_never_lowers_the_value(assign) -> None:
    frames = fabricate(300, 4)
    values = []
    for budget in (0.0, 2000.0, 2100.0, 1e6):
        found = assign(frames, budget=budget)
        values.append(found.loc[found["contacted"], "expected_profit"].sum())
    assert values == sorted(values)
    assert values[0] == 0


def test_controls_would_have_got_the_same_kind_of_offers(assign) -> None:
    found = assign(fabricate(2000, 6), budget=20_000.0)
    planned = found[found["arm"] != "excluded"]
    share = (planned["offer_id"] != DO_NOTHING).groupby(planned["arm"]).mean()
    assert share["control"] == pytest.approx(share["treatment"], abs=0.08)


def test_reasons_for_no_contact_are_told_apart(assign) -> None:
    found = assign(fabricate(500, 7), budget=3000.0)
    assert set(found["no_contact_reason"].dropna()) == {
        "no_consent",
        "contact_limit",
        "control_group",
        "no_offer_suits",
        "not_worth_it",
        "out_of_budget",
    }


def test_customers_whom_no_offer_suits_are_not_told_that_none_pays(assign, catalogue) -> None:
    # Given a shop that knows nothing of what the offers ask for
    frames = fabricate(300, 7)
    for column in {condition.column for offer in catalogue.measures for condition in offer.suits}:
        frames["customers"][column] = frames["customers"][column].where([False] * 300)
    found = assign(frames)
    told = {"no_consent", "contact_limit", "control_group", "no_offer_suits"}
    assert set(found["no_contact_reason"]) == told
    assert not found["worth_it"].any()


def test_an_unknown_number_of_contacts_is_too_many(assign) -> None:
    frames = fabricate(500, 7)
    unknown = frames["customers"].index[:100]
    frames["customers"].loc[unknown, "marketing_contacts_current"] = None
    found = assign(frames).set_index("customer_id")
    ids = frames["customers"].loc[unknown, "customer_id"]
    assert set(found.loc[ids, "no_contact_reason"]) == {"no_consent", "contact_limit"}


def test_a_loss_of_less_than_half_a_kopeck_is_no_negative_zero(connection, catalogue) -> None:
    """Engines round it to different zeros, and a file would show which."""
    offer = catalogue.measures[0]
    terms = {"d": offer.incentive_cost, "rho": offer.redemption, "f": offer.contact_cost}
    gamma = offer.save_rate.median
    stake = terms["d"] + (terms["f"] - 0.001) / gamma  # where p is 1 the profit is −0.001
    frame = pd.DataFrame({"offer_id": [offer.id], "p_decline": 1.0, "stake": stake})
    table = connection.create_table("worth", frame, overwrite=True)
    [profit] = table.select(**value_choices(table, [offer])).expected_profit.execute()
    assert str(profit) == "0.0"


def test_expressions_compile_for_postgres(catalogue) -> None:
    offers = [offer.id for offer in catalogue.measures]
    columns = {"customer_id": "int64", "arm": "string"}
    columns |= {f"value_{name}": "float64" for name in offers}
    columns |= {f"cost_{name}": "int64" for name in offers}
    price = ShadowPrice(1.5, 1.4, 1.45, "0f")
    chosen = choose_offers(ibis.table(columns, name="v"), offers, price, "salt")
    sql = str(ibis.to_sql(chosen, dialect="postgres"))
    assert "md5" in sql.lower()
