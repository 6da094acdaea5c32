import json

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from oneclick.campaign.effects import Arm, effect_of, measure_effects
from oneclick.campaign.offers import OfferCatalogue
from oneclick.campaign.parameters import Controls, ReadoutParameters, control_draw
from oneclick.campaign.qini import qini_curve
from oneclick.campaign.readout import match_outcomes, read_out
from oneclick.campaign.save_rates import save_rate, update_save_rate
from oneclick.errors import OneclickError
from tests.campaign.shipped import read_catalogue


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
    effect, error, df = effect_of(arm(treated, x), arm(control, x[:4]), cuped=False)
    assert effect == pytest.approx(0.4 - 0.75)
    assert error == pytest.approx(np.sqrt(0.3 / 5 + 0.25 / 4))
    assert df == pytest.approx((0.06 + 0.0625) ** 2 / (0.06**2 / 4 + 0.0625**2 / 3))
    welch = ttest_ind(treated, control, equal_var=False)
    assert (effect / error, df) == pytest.approx((welch.statistic, welch.df))


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
            row[method], row[f"{method}_error"], _ = effect_of(*arms, cuped=method == "cuped")
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


@pytest.mark.parametrize(
    ("rate", "n_t", "n_c", "published"),
    [(0.05, 120, 30, (0.0, 0.02)), (0.1, 240, 60, (0.6, 0.85)), (0.4, 120, 30, (0.99, 1.0))],
)
def test_campaigns_without_effect_show_none_however_rare_declines_are(
    parameters, rate, n_t, n_c, published
) -> None:
    # Given six hundred campaigns that change nothing, each told as a segment
    rng, cells = np.random.default_rng(3), []
    for number in range(600):
        for name, n in (("treatment", n_t), ("control", n_c)):
            p = rng.beta(4 * rate, 4 * (1 - rate), n)
            y = rng.random(n) < p
            moments = {"vyy": y.var(), "vxx": p.var(), "vxy": np.cov(y, p, ddof=0)[0, 1]}
            head = {"outcome": "declined", "segment": number, "arm": name, "n": n}
            cells.append(head | {"y": y.mean(), "x": p.mean()} | moments)
    # When they are read out
    names = {"segment": {number: str(number) for number in range(600)}}
    found = measure_effects(pd.DataFrame(cells), names, parameters, "ru").query("scope != 'all'")
    # Then of few declines no effect is published, and few of those published are false
    assert published[0] <= found["enough"].mean() <= published[1]
    false = (found["effect_low"] > 0) | (found["effect_high"] < 0)
    assert false.groupby(found["method"]).mean().max() < 0.08  # three standard errors above 0.055
    assert (false == (found["p_value"] < 0.05)).all()
    assert found.loc[~found["enough"], "note"].str.contains("не меньше 5").all()


def test_95_percent_intervals_cover_the_save_rate(campaigns) -> None:
    covered = (campaigns["gamma_low"] <= 0.2) & (campaigns["gamma_high"] >= 0.2)
    assert 0.93 <= covered.mean() <= 0.97


def test_save_rate_is_one_minus_the_ratio_of_rates() -> None:
    rate, low, high = save_rate(20, 100, 40, 100)
    assert rate == pytest.approx(0.5)
    half = 1.959964 * np.sqrt(1 / 20 - 1 / 100 + 1 / 40 - 1 / 100)
    assert (low, high) == pytest.approx((1 - 0.5 * np.exp(half), 1 - 0.5 * np.exp(-half)))


ASSUMED = (0.175, 0.293, 0.434)  # Beta(6, 14)


def test_prior_and_measurement_are_weighted_by_their_precision() -> None:
    # Given a measurement of γ = 0.5 that is as precise as the assumption
    z = 1.281552
    spread = np.log((1 - 0.175) / (1 - 0.434)) / (2 * z)
    n = 1 / (1 / 0.4 + 1 / 0.8 - 2) ** -1 / spread**2
    found = update_save_rate(ASSUMED, 0.4 * n, n, 0.8 * n, n)
    # Then the logarithm of what is left lies in the middle, with half the variance
    left = np.sqrt((1 - 0.293) * 0.5) * np.exp(np.array([1, 0, -1]) * z * spread / np.sqrt(2))
    assert found == pytest.approx(1 - left)


def test_little_data_leaves_the_assumption_and_much_data_the_measurement() -> None:
    few = update_save_rate(ASSUMED, 0.4, 1, 0.8, 1)
    assert few[1] == pytest.approx(0.293, abs=0.01)
    many = update_save_rate(ASSUMED, 4e6, 1e7, 8e6, 1e7)
    assert many == pytest.approx([0.5, 0.5, 0.5], abs=0.001)
    assert update_save_rate((0, 0.5, 1), 40, 100, 80, 100)[1] == pytest.approx(0.5)
    assert update_save_rate((0.3, 0.3, 0.3), 40, 100, 80, 100) == pytest.approx([0.3] * 3)


def test_the_luckiest_of_seven_offers_is_not_overrated() -> None:
    # Given 500 campaigns with seven offers whose save rates come from the assumption
    rng = np.random.default_rng(5)
    true = rng.beta(6, 14, (500, 7))
    n_t, n_c = 180, 45
    rates = 0.6 * (1 - true)
    counts = rng.binomial(n_t, rates), rng.binomial(n_c, 0.6, true.shape)
    raw = np.vectorize(lambda t, c: save_rate(t, n_t, c, n_c)[0])(*counts)
    low, updated, high = np.vectorize(lambda t, c: update_save_rate(ASSUMED, t, n_t, c, n_c))(
        *counts
    )
    # Then what is pasted is nearer to the truth than the measurement alone
    miss, raw_miss = updated - true, raw - true
    assert miss.std() < 0.75 * raw_miss.std()
    # And the offer that looks best is hardly overrated, while the measurement alone overrates it
    rows = np.arange(len(true))
    assert miss[rows, updated.argmax(axis=1)].mean() < 0.03
    assert raw_miss[rows, raw.argmax(axis=1)].mean() > 0.06
    # And four fifths of the intervals hold the truth
    assert ((low <= true) & (true <= high)).mean() == pytest.approx(0.8, abs=0.04)


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
    profit, revenue = rng.normal(4, 1, n), rng.normal(5000, 500, n)
    register = pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "segment": rng.choice(["high_risk_low_profit", "low_risk_valuable"], n),
            "risk_group": rng.choice(["already_declined", "early_warning"], n),
            "arm": np.where(treated, "treatment", "control"),
            "offer_id": rng.choice(["navigation_help", "basket_reminder"], n, p=[0.9, 0.1]),
            "p_decline": p,
            "monthly_profit": profit,
            "revenue_before": revenue,
            "expected_saves": p * 0.2,
        }
    )
    outcomes = pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "declined": declined,
            "revenue_current": 0.85 * revenue + rng.normal(750, 265, n) - 1000 * declined,
            "monthly_profit": profit - 0.5 * declined,
        }
    )
    return register, outcomes


def offers_of(catalogue: OfferCatalogue) -> pd.DataFrame:
    """What `list_offers` keeps of the catalogue for the read-out."""
    return pd.DataFrame(
        {"offer_id": offer.id, "offer_name": offer.name.ru}
        | {f"save_rate_{level}": rate for level, rate in offer.save_rate}
        for offer in catalogue.measures
    )


@pytest.fixture
def measure(connection, catalogue, segment_parameters, value, parameters):
    offers = offers_of(catalogue)

    def run(register: pd.DataFrame, outcomes: pd.DataFrame, controls: Controls = "new"):
        tables = (
            connection.create_table("register", register, overwrite=True),
            connection.create_table("outcomes", outcomes, overwrite=True),
        )
        matched = match_outcomes(*tables, value, parameters)
        return read_out(matched, offers, 0.2, controls, 30, segment_parameters, parameters, "ru")

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
    # And the measured save rate holds the true one
    rate = rates[rates["scope"] == "all"].iloc[0]
    assert rate["save_rate_low"] < 0.3 < rate["save_rate_high"]
    assert set(summary["save_rates_for_catalogue"]) == {"navigation_help", "basket_reminder"}
    # And with more than 1 000 controls there is a Qini curve
    assert len(curve) == 101
    assert 0 < summary["qini"] < 1
    assert summary["headline"].startswith("Кампания снизила долю снизивших активность на ")
    # And profit, a mean of three months, comes with a warning
    profit = effects[(effects["outcome"] == "profit") & effects["enough"]]
    assert profit["note"].str.contains("три месяца").all()
    assert any("три месяца" in note for note in summary["notes"])


@pytest.mark.parametrize(
    ("snapshot", "salt", "controls"),
    [
        *(("2026-10", "2026Q4", "new"), ("2026-11", "2026Q4", "shared")),
        *(("2026-12", "2026Q4", "shared"), ("2027-01", "2027Q1", "new")),
        *(("sample", "sample", "new"), ("2026-11", "winter", "own_salt")),
    ],
)
def test_only_the_first_month_of_a_quarter_has_new_controls(snapshot, salt, controls) -> None:
    assert control_draw(snapshot, salt) == controls


def test_an_offer_that_saves_nobody_is_given_no_save_rate_after_letters_that_did(measure) -> None:
    # Given controls of the quarter, treated ones of whom an earlier letter kept three tenths, and
    # a second letter that keeps nobody: the difference between the arms is the earlier letter's
    register, outcomes = register_and_outcomes(8000, 0.3)
    found = {kind: measure(register, outcomes, kind)[3] for kind in ("new", "shared", "own_salt")}
    # Then nothing is to be pasted as this campaign's, and the headline names the quarter
    assert found["new"]["save_rates_for_catalogue"]
    assert found["shared"]["save_rates_for_catalogue"] == {}
    assert found["shared"]["headline"].startswith("Рассылка этого квартала за все его месяцы")
    assert any("одна на весь квартал" in note for note in found["shared"]["notes"])
    # And of a salt chosen by hand the condition is told
    assert found["own_salt"]["save_rates_for_catalogue"]
    assert any("соль" in note for note in found["own_salt"]["notes"])


def test_what_is_to_be_pasted_is_a_catalogue_that_is_taken(
    measure, catalogue_file, tmp_path
) -> None:
    # Given a campaign in which the cheapest offer saved more than a dearer one
    rates, summary = measure(*register_and_outcomes(8000, 0.4))[1::2]
    text = catalogue_file.read_text(encoding="utf-8")
    # When the analyst pastes what the read-out gives
    for offer, rate in summary["save_rates_for_catalogue"].items():
        head, _, rest = text.partition(f"- id: {offer}")
        before, _, after = rest.partition("save_rate: {")
        pasted = json.dumps(rate)
        text = f"{head}- id: {offer}{before}save_rate: {pasted}{after.partition('}')[2]}"
    pasted_file = tmp_path / "parameters_offers.yml"
    pasted_file.write_text(text, encoding="utf-8")
    # Then the catalogue is taken, though a dearer offer has a lower rate than this one
    found = {offer.id: offer.save_rate for offer in read_catalogue(pasted_file).measures}
    best = found["navigation_help"]
    assert best.measured and best.median > found["service_apology"].median
    # And between the assumption and the measurement lies what was pasted
    row = rates.set_index("key").loc["navigation_help"]
    assert row["prior_median"] < best.median < row["save_rate"]
    assert best.median == pytest.approx(row["updated_median"], abs=5e-4)


def test_earlier_revenue_sharpens_the_effect_on_revenue_and_does_not_shift_it(measure) -> None:
    # Given 12 campaigns that raise revenue by 100 RUB; earlier and later revenue correlate by 0.85
    found = []
    for seed in range(12):
        register, outcomes = register_and_outcomes(1000, 0.0, seed)
        treated = register["arm"] == "treatment"
        outcomes["revenue_current"] += 100 * treated + 1000 * outcomes["declined"]
        effects = measure(register, outcomes)[0].query("scope == 'all' and outcome == 'revenue'")
        found.append(effects.set_index("method")[["effect", "effect_low", "effect_high"]])
    all_of = pd.concat(found, keys=range(12))
    cuped, plain = (all_of.xs(method, level=1) for method in ("cuped", "plain"))
    # Then CUPED is right on average, and its interval is shorter by √(1 − 0.85²)
    error = cuped["effect"].std() / np.sqrt(len(cuped))
    assert cuped["effect"].mean() == pytest.approx(100, abs=3 * error)
    width = [(each["effect_high"] - each["effect_low"]).mean() for each in (cuped, plain)]
    assert width[0] / width[1] == pytest.approx(0.53, abs=0.03)
    assert cuped["effect"].std() < plain["effect"].std()


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
    assert summary["effect"] is None


def test_outcomes_without_labels_still_measure_revenue(measure) -> None:
    register, outcomes = register_and_outcomes(2000, 0.3)
    effects, _, _, summary = measure(
        register, outcomes.assign(declined=pd.Series(pd.NA, outcomes.index, dtype="boolean"))
    )
    whole = effects[effects["scope"] == "all"].set_index(["outcome", "method"])
    assert not whole.loc[("declined", "plain"), "enough"]
    assert whole.loc[("revenue", "plain"), "enough"]
    assert not summary["outcome_labelled"]
    assert summary["headline"].startswith("В новых таблицах нет статуса активности")


def test_those_who_are_missing_are_counted(measure) -> None:
    register, outcomes = register_and_outcomes(1000, 0.3)
    summary = measure(register, outcomes.iloc[100:])[3]
    assert summary["missing_treatment"] + summary["missing_control"] == 100
    assert summary["with_outcome"] == 900


def test_a_loss_that_the_arms_share_raises_no_alarm_and_one_of_a_single_arm_does(measure) -> None:
    register, outcomes = register_and_outcomes(1000, 0.3)
    treated = register["arm"] == "treatment"
    for lost, alarm in ((outcomes.index < 250, False), (treated & (outcomes.index < 250), True)):
        headline = measure(register, outcomes[~lost])[3]["headline"]
        assert ("Осторожно: в новых таблицах нет" in headline) == alarm
        assert "в контрольной группе" not in headline


def test_arms_of_another_size_than_drawn_raise_an_alarm(measure) -> None:
    # Given a register from which somebody has removed half of the controls
    register, outcomes = register_and_outcomes(1000, 0.3)
    control = register["arm"] == "control"
    summary = measure(register[~control | (register.index % 2 == 0)], outcomes)[3]
    assert "клиентов вместо 20,0 %" in summary["headline"]
    # Then the alarm stands before the effect
    assert summary["headline"].startswith("Осторожно")
    # And none stands where earlier letters may have changed the sizes
    shared = measure(register[~control | (register.index % 2 == 0)], outcomes, "shared")[3]
    assert "Осторожно" not in shared["headline"]


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
    with pytest.raises(OneclickError, match=r"None of the 100 .* raise campaign\.control_share"):
        measure(register.assign(arm="treatment"), outcomes)


@pytest.mark.parametrize(("consented", "said"), [(0, "no_consent» (100 of"), (60, "not_worth_it»")])
def test_a_register_of_nobody_is_refused_with_the_reason(measure, consented, said) -> None:
    register, outcomes = register_and_outcomes(100, 0.3)
    may = np.arange(100) < consented
    register["arm"] = np.where(
        may, np.where(np.arange(100) < 12, "control", "treatment"), "excluded"
    )
    reasons = np.where(register["arm"] == "control", "control_group", "not_worth_it")
    register["no_contact_reason"] = np.where(may, reasons, "no_consent")

    with pytest.raises(OneclickError, match="Nobody was written to; most often") as refused:
        measure(register.assign(offer_id="do_nothing"), outcomes)

    assert said in str(refused.value)
    assert "control_share" not in str(refused.value)
