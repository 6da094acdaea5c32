import ibis
import numpy as np
import pandas as pd
import pytest

from oneclick.campaign.parameters import ReadoutParameters
from oneclick.campaign.qini import qini_curve
from oneclick.campaign.readout import (
    Arm,
    effect_of,
    holm,
    match_outcomes,
    read_out,
    save_rate,
)
from oneclick.errors import OneclickError


@pytest.fixture(scope="module")
def parameters() -> ReadoutParameters:
    return ReadoutParameters(
        min_per_arm=30,
        min_events=5,
        max_missing_share=0.3,
        qini_min_controls=1000,
        alpha=0.05,
        power=0.8,
    )


def arm(y: np.ndarray, x: np.ndarray) -> Arm:
    """The sums of one arm from its single values."""
    moments = {"vyy": y.var(), "vxx": x.var(), "vxy": np.cov(y, x, ddof=0)[0, 1]}
    return Arm.of(pd.DataFrame([{"n": len(y), "y": y.mean(), "x": x.mean(), **moments}]))


def test_cells_add_up_to_the_whole_arm() -> None:
    rng = np.random.default_rng(0)
    y, x = rng.normal(size=100), rng.normal(size=100)
    cells = []
    for part in np.array_split(np.arange(100), [10, 11, 60]):
        cov = np.cov(y[part], x[part], ddof=0)[0, 1] if len(part) > 1 else 0.0
        figures = {"y": y[part].mean(), "x": x[part].mean(), "vyy": y[part].var()}
        cells.append({"n": len(part), **figures, "vxx": x[part].var(), "vxy": cov})
    found, expected = Arm.of(pd.DataFrame(cells)), arm(y, x)
    for name in ("n", "y", "x", "syy", "sxx", "sxy"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name))


def test_plain_effect_is_the_welch_difference() -> None:
    treated, control = np.array([1.0, 0, 0, 1, 0]), np.array([1.0, 1, 0, 1])
    x = np.zeros(5)
    effect, error = effect_of(arm(treated, x), arm(control, x[:4]), cuped=False)
    assert effect == pytest.approx(0.4 - 0.75)
    assert error == pytest.approx(np.sqrt(0.3 / 5 + 0.25 / 4))


def simulate(rng: np.random.Generator, n: int, gamma: float, control: float = 0.2):
    """Probabilities, arms and declines of one campaign whose true save rate is gamma."""
    # mean .385 and a spread that explains two fifths of the outcome, as on the real data
    p = np.where(rng.random(n) < 0.38, rng.beta(8, 2.2, n), rng.beta(1, 6, n))
    treated = rng.permutation(n) >= round(control * n)
    return p, treated, rng.random(n) < p * (1 - gamma * treated)


@pytest.fixture(scope="module")
def campaigns() -> pd.DataFrame:
    """A thousand campaigns of 962 customers with a fifth held back and γ = 0.2."""
    rng, rows = np.random.default_rng(2026), []
    for _ in range(1000):
        p, treated, declined = simulate(rng, 962, 0.2)
        arms = arm(declined[treated] * 1.0, p[treated]), arm(declined[~treated] * 1.0, p[~treated])
        row = {}
        for method in ("plain", "cuped"):
            row[method], row[f"{method}_error"] = effect_of(*arms, cuped=method == "cuped")
        sums = declined[treated].sum(), treated.sum(), declined[~treated].sum(), (~treated).sum()
        row["gamma"], row["gamma_low"], row["gamma_high"] = save_rate(*sums)
        rows.append(row)
    return pd.DataFrame(rows)


TRUE_EFFECT = -0.0764  # −γ·mean(p) of `simulate`


@pytest.mark.parametrize(("method", "spread"), [("plain", 0.0380), ("cuped", 0.0289)])
def test_estimates_are_right_on_average_and_as_precise_as_known(campaigns, method, spread) -> None:
    assert campaigns[method].mean() == pytest.approx(TRUE_EFFECT, abs=0.003)
    assert campaigns[method].std() == pytest.approx(spread, rel=0.08)


@pytest.mark.parametrize("method", ["plain", "cuped"])
def test_95_percent_intervals_cover_the_truth(campaigns, method) -> None:
    off = (campaigns[method] - TRUE_EFFECT).abs() > 1.959964 * campaigns[f"{method}_error"]
    assert 0.93 <= 1 - off.mean() <= 0.97


def test_95_percent_intervals_cover_the_save_rate(campaigns) -> None:
    covered = (campaigns["gamma_low"] <= 0.2) & (campaigns["gamma_high"] >= 0.2)
    assert 0.93 <= covered.mean() <= 0.97


def test_save_rate_is_one_minus_the_ratio_of_rates() -> None:
    rate, low, high = save_rate(20, 100, 40, 100)
    assert rate == pytest.approx(0.5)
    half = 1.959964 * np.sqrt(1 / 20 - 1 / 100 + 1 / 40 - 1 / 100)
    assert (low, high) == pytest.approx((1 - 0.5 * np.exp(half), 1 - 0.5 * np.exp(-half)))


def test_holm_of_a_known_case() -> None:
    found = holm([0.01, 0.04, 0.03, float("nan")])
    assert found[:3] == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(found[3])


def test_qini_of_the_known_case() -> None:
    y, t = np.array([1, 0, 1, 0, 1, 0, 0, 0.0]), np.array([1, 0, 1, 0, 1, 0, 1, 0.0])
    curve, coefficient = qini_curve(t, t * y, 1 - t, (1 - t) * y)
    assert curve["gain"].tolist() == [0, 1, 1, 2, 2, 3, 3, 3, 3]
    assert coefficient == pytest.approx(0.6)


def test_qini_of_the_perfect_order_is_one_and_of_its_reverse_below_zero() -> None:
    t = np.array([1, 1, 1, 0, 0, 0, 0, 1.0])
    y = np.array([1, 1, 0, 0, 0, 1, 1, 0.0])
    order = np.lexsort((-t, -(2 * t - 1) * y))  # kept treated first, kept controls last
    t, y = t[order], y[order]
    assert qini_curve(t, t * y, 1 - t, (1 - t) * y)[1] == pytest.approx(1)
    t, y = t[::-1], y[::-1]
    assert qini_curve(t, t * y, 1 - t, (1 - t) * y)[1] < 0


def register_and_outcomes(n: int, gamma: float, seed: int = 1) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A register of n randomised customers with offers, and their next month."""
    rng = np.random.default_rng(seed)
    p, treated, declined = simulate(rng, n, gamma)
    profit = rng.normal(4, 1, n)
    register = pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "segment": rng.choice(["low_activity_low_profit", "steady_valuable"], n),
            "risk_group": rng.choice(["already_declined", "early_warning"], n),
            "arm": np.where(treated, "treatment", "control"),
            "offer_id": rng.choice(["navigation_help", "basket_reminder"], n, p=[0.9, 0.1]),
            "p_decline": p,
            "monthly_profit": profit,
            "expected_saves": p * 0.2,
        }
    )
    outcomes = pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "declined": declined,
            "revenue_current": rng.normal(5000, 500, n) - 1000 * declined,
            "monthly_profit": profit - 0.5 * declined,
        }
    )
    return register, outcomes


@pytest.fixture
def measure(connection, catalogue, segment_parameters, value, parameters):
    def run(register: pd.DataFrame, outcomes: pd.DataFrame):
        tables = (
            connection.create_table("register", register, overwrite=True),
            connection.create_table("outcomes", outcomes, overwrite=True),
        )
        matched = match_outcomes(*tables, value, parameters)
        return read_out(matched, catalogue, segment_parameters, parameters, "ru")

    return run


def test_a_campaign_that_works_is_seen_to_work(measure) -> None:
    # Given a campaign that prevents three tenths of the declines
    effects, rates, curve, summary = measure(*register_and_outcomes(8000, 0.3))
    # Then activity, revenue and profit all improve, and CUPED is the sharper view
    whole = effects[effects["scope"] == "all"].set_index(["outcome", "method"])
    assert whole.loc[("declined", "cuped"), "effect_high"] < 0
    assert whole.loc[("revenue", "cuped"), "effect_low"] > 0
    assert whole.loc[("profit", "cuped"), "effect_low"] > 0
    width = whole["effect_high"] - whole["effect_low"]
    assert (width.xs("cuped", level=1) < width.xs("plain", level=1)).all()
    # And the measured save rate, ready for the catalogue, holds the true one
    rate = rates[rates["scope"] == "all"].iloc[0]
    assert rate["save_rate_low"] < 0.3 < rate["save_rate_high"]
    assert set(summary["save_rates_for_catalogue"]) == {"navigation_help", "basket_reminder"}
    # And with more than 1 000 controls there is a Qini curve
    assert len(curve) == 101
    assert 0 < summary["qini"] < 1
    assert "изменила" in summary["headline"]


def test_parts_are_corrected_for_their_number(measure) -> None:
    effects = measure(*register_and_outcomes(2000, 0.3))[0]
    parts = effects[(effects["scope"] != "all") & effects["enough"]]
    assert (parts["p_value_holm"] >= parts["p_value"]).all()
    assert effects.loc[effects["scope"] == "all", "p_value_holm"].isna().all()


def test_too_little_data_is_said(measure) -> None:
    effects, rates, curve, summary = measure(*register_and_outcomes(120, 0.3))
    assert not effects["enough"].any()
    assert effects["effect"].isna().all()
    assert effects["note"].str.contains("Мало данных").all()
    assert rates["save_rate"].isna().all()
    assert curve.empty
    assert summary["qini"] is None and "1000" in summary["qini_note"]
    assert "мало" in summary["headline"]


def test_outcomes_without_labels_still_measure_revenue(measure) -> None:
    register, outcomes = register_and_outcomes(2000, 0.3)
    effects, _, _, summary = measure(
        register, outcomes.assign(declined=pd.Series(pd.NA, outcomes.index, dtype="boolean"))
    )
    whole = effects[effects["scope"] == "all"].set_index(["outcome", "method"])
    assert not whole.loc[("declined", "plain"), "enough"]
    assert whole.loc[("revenue", "plain"), "enough"]
    assert not summary["outcome_labelled"]


def test_those_who_are_missing_are_counted(measure) -> None:
    register, outcomes = register_and_outcomes(1000, 0.3)
    summary = measure(register, outcomes.iloc[100:])[3]
    assert summary["missing_treatment"] + summary["missing_control"] == 100
    assert summary["with_outcome"] == 900


def test_excluded_customers_and_those_without_offer_are_not_measured(measure) -> None:
    register, outcomes = register_and_outcomes(1000, 0.3)
    register.loc[:99, "arm"] = "excluded"
    register.loc[100:199, "offer_id"] = "do_nothing"
    assert measure(register, outcomes)[3]["randomised"] == 800


def test_tables_of_another_shop_are_refused(measure) -> None:
    register, outcomes = register_and_outcomes(1000, 0.3)
    strangers = outcomes.assign(customer_id=outcomes["customer_id"] + 10**6)
    with pytest.raises(OneclickError, match=r"does not match.*1000 of 1000"):
        measure(register, strangers)


def test_a_register_without_controls_is_refused(measure) -> None:
    register, outcomes = register_and_outcomes(100, 0.3)
    with pytest.raises(OneclickError, match="control"):
        measure(register.assign(arm="treatment"), outcomes)


def test_a_missing_column_is_named(connection, value, parameters) -> None:
    register, outcomes = register_and_outcomes(50, 0.3)
    first = ibis.memtable(register.drop(columns="arm"))
    with pytest.raises(OneclickError, match="«arm»"):
        match_outcomes(first, ibis.memtable(outcomes), value, parameters)
