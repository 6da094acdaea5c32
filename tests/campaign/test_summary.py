import dataclasses

import numpy as np
import pandas as pd
import pytest

from oneclick.campaign.economics import expected_profit, profit_at_stake
from oneclick.campaign.summary import _tell_effect, _tell_what_pays
from oneclick.texts.words import Words
from tests.campaign.fabricated import fabricate
from tests.campaign.run import Campaign, run_campaign

BUDGET = 15_000.0


@pytest.fixture(scope="module")
def run(catalogue, campaign, value, segment_parameters):
    def run(n: int, seed: int, **changes) -> Campaign:
        parameters = campaign.model_copy(update=changes)
        frames = fabricate(n, seed)
        return run_campaign(frames, catalogue, parameters, value, segment_parameters)

    return run


@pytest.fixture(scope="module")
def limited(run) -> Campaign:
    return run(3000, 21, budget=BUDGET)


@pytest.fixture(scope="module")
def unlimited(run) -> Campaign:
    return run(3000, 21)


def test_summary_agrees_with_the_register(limited) -> None:
    summary, _, exclusions, _ = limited.summary()
    register = limited.register.execute()
    sent = register[register["contacted"]]
    assert summary["customers"] == 3000
    assert summary["contacted"] == len(sent) == 3000 - exclusions["customers"].sum()
    assert summary["planned"] == (register["offer_id"] != "do_nothing").sum() < summary["worth_it"]
    assert summary["consented"] == limited.frames["customers"]["allows_contact"].sum()
    assert summary["worst_case_cost"] == summary["budget_used"] <= BUDGET
    assert summary["expected_profit"]["median"] == pytest.approx(sent["expected_profit"].sum())
    low, median, high = (summary["expected_profit"][x] for x in ("low", "median", "high"))
    assert low < median < high


def test_the_shadow_price_is_what_one_more_rouble_brings(run, limited) -> None:
    summary = limited.summary()[0]
    more = run(3000, 21, budget=BUDGET + 1000).summary()[0]
    gained = more["expected_profit"]["median"] - summary["expected_profit"]["median"]
    spent = more["worst_case_cost"] - summary["worst_case_cost"]
    assert gained / spent == pytest.approx(summary["shadow_price"], rel=0.15)
    price = f"{summary['shadow_price']:.2f}".replace(".", ",")
    expected = f"Последний рубль бюджета приносит {price} ₽ ожидаемой прибыли сверх затрат."
    assert summary["shadow_price_text"] == expected


def test_a_budget_that_is_enough_says_so(run) -> None:
    summary = run(300, 2, budget=1e7).summary()[0]
    assert summary["shadow_price"] == 0
    assert "хватает" in summary["shadow_price_text"]


def test_without_money_nobody_is_written_to(run, shipped) -> None:
    nothing = run(300, 2, budget=0.0)
    summary, capacities, exclusions, _ = nothing.summary()
    assert summary["contacted"] == summary["budget_used"] == 0
    assert summary["expected_saves"] == summary["expected_profit"]
    assert capacities["customers"].tolist() == [0] * len(capacities)
    assert exclusions["customers"].sum() == 300
    assert summary["shadow_price_text"].startswith("Бюджета не хватает ни на одно письмо.")
    assert summary["expected_effect"] is None
    assert "не пишем" in summary["sample_text"]
    assert len(nothing.sheets(shipped)) == 1 + len(shipped["segmentation"]["segments"])


def test_a_campaign_without_controls_is_said_to_show_nothing(run) -> None:
    summary = run(300, 2, control_share=0.0).summary()[0]
    assert summary["contacted"] > 0
    assert summary["sample_text"].startswith("Контрольной группы нет")
    assert "control_share" in summary["sample_text"]


def test_the_manager_learns_before_sending_what_the_campaign_can_show(limited) -> None:
    summary = limited.summary()[0]
    assert 0 < summary["smallest_visible_effect"] < 1
    treated, controls = (summary[f"{arm}_for_expected_effect"] for arm in ("treated", "controls"))
    told = [Words("campaign", "ru").number(size) for size in (treated, controls)]
    assert (
        "нужно получателей — {}, в контрольной группе — {}".format(*told)
        in (summary["sample_text"])
    )
    # What is needed and what is visible agree, at the ratio that the arms have
    register = limited.register.execute().query("offer_id != 'do_nothing'")
    arms = register["arm"].value_counts()
    enough = arms["treatment"] >= treated
    assert enough == (summary["expected_effect"] >= summary["smallest_visible_effect"])
    assert enough == (summary["chance_to_show"] >= 0.8)
    assert enough == ("заметим лишь" not in summary["sample_text"])
    assert controls / treated == pytest.approx(arms["control"] / arms["treatment"], rel=0.02)


@pytest.mark.parametrize(
    ("needed", "expected", "russian", "english"),
    [
        (
            1336.96,
            11422.6,
            "хотя бы 1 337 клиентов; ожидаем 11 423.",
            "1,337 customers; 11,423 are",
        ),
        (21.2, 30.0, "хотя бы 22 клиентов; ожидаем 30.", "at least 22 customers; 30 are"),
        (9.96, 10.4, "хотя бы 10 клиентов; ожидаем 10.", "at least 10 customers; 10 are"),
        (3.24, 5.0, "хотя бы 3,2 клиента; ожидаем 5,0.", "at least 3.2 customers; 5.0 are"),
        (0.04, 2.0, "даже если удержат меньше одного", "even if they keep less than one customer"),
    ],
)
def test_what_pays_is_told_in_numbers_that_people_read(needed, expected, russian, english) -> None:
    for language, said in (("ru", russian), ("en", english)):
        told = _tell_what_pays(needed, expected, language)
        assert said in told.replace("\u00a0", " ").replace("\u202f", " ")


def test_large_arms_are_told_in_thousands(campaign) -> None:
    found = {"smallest_visible_effect": 0.01, "expected_effect": 0.02, "chance_to_show": 0.9}
    found |= {"treated_for_expected_effect": 11_423, "controls_for_expected_effect": 2_856}
    found |= {"control_share_to_show": None}
    english = campaign.model_copy(update={"language": "en"})
    told = _tell_effect(found, 20_000, 5_000, english)
    assert "among 20,000 customers with an offer and 5,000 controls" in told
    assert "take 11,423 customers with an offer and 2,856 controls" in told


def test_a_campaign_pays_from_the_saves_that_are_told(limited, catalogue) -> None:
    summary = limited.summary()[0]
    sent = limited.register.execute().query("contacted")
    offers = {offer.id: offer for offer in catalogue.offers}

    def profit(part: float) -> float:
        """What the campaign brings if each offer saves this part of those expected."""
        gained = 0.0
        for row in sent.itertuples():
            offer = offers[row.offer_id]
            low, middle = offer.save_rate.low, offer.save_rate.median
            slope = (row.expected_profit - row.expected_profit_low) / (middle - low)
            gained += row.expected_profit + slope * middle * (part - 1)
        return gained

    part = summary["saves_to_pay"] / summary["expected_saves"]["median"]
    assert 0 < part < 1
    assert profit(part) == pytest.approx(0, abs=len(sent) * 0.05)  # of kopecks rounded
    assert profit(1) == pytest.approx(summary["expected_profit"]["median"])


def test_what_is_measured_is_not_called_an_assumption(run, limited, catalogue) -> None:
    offers = list(catalogue.offers)
    place = next(n for n, offer in enumerate(offers) if offer.id == "navigation_help")
    measured = offers[place].save_rate.model_copy(update={"measured": True})
    offers[place] = offers[place].model_copy(update={"save_rate": measured})
    assert limited.summary()[0]["save_rates"] == "assumed"
    assert "никто ещё не измерял" in limited.summary()[0]["assumption_text"]
    arguments = (catalogue.model_copy(update={"offers": tuple(offers)}), *limited.arguments[1:])
    summary, _, _, listed = dataclasses.replace(limited, arguments=arguments).summary()
    assert summary["save_rates"] == "partly_measured"
    assert "для предложений: Помощь с выбором. Для остальных" in summary["assumption_text"]
    assert listed.loc[listed["save_rate_measured"], "offer_id"].tolist() == ["navigation_help"]


@pytest.mark.parametrize(("giants", "said"), [(0, None), (4, "На 3 клиентов приходится 98 %")])
def test_a_profit_that_few_customers_bring_is_told(
    catalogue, campaign, value, segment_parameters, giants, said
) -> None:
    # Given a shop in which a few customers of high risk have a thousand times the others' profit
    frames = fabricate(600, 21)
    customers = frames["customers"]
    risky = frames["decline_scores"]["p_decline"].to_numpy().argsort()[::-1]
    consents = [
        row
        for row in risky
        if customers["allows_contact"][row] and customers["marketing_contacts_current"][row] < 5
    ]
    customers.loc[consents[:giants], "monthly_profit"] = 4000.0
    # When a campaign is planned
    made = run_campaign(frames, catalogue, campaign, value, segment_parameters)
    summary = made.summary()[0]
    # Then the share of the first hundredth of its letters is that of the register
    sent = made.register.execute().query("contacted")["expected_profit"]
    few = -(-len(sent) // 100)
    assert summary["first_letters"] == few == 3
    share = sent.nlargest(few).sum() / sent.sum()
    assert summary["first_letters_share"] == pytest.approx(share, abs=1e-5)
    # And it is told where it is more than a half
    assert (summary["first_letters_text"] is None) == (said is None) == (share <= 0.5)
    assert (said or "") in str(summary["first_letters_text"]).replace("\u00a0", " ")


def test_capacities_catch_more_with_more_customers(limited) -> None:
    table = limited.summary()[1]
    assert len(table) == 5
    assert table["customers"].is_monotonic_increasing
    assert table["expected_declines"].is_monotonic_increasing
    assert table["expected_profit_median"].is_monotonic_increasing
    contacted = limited.register.execute().query("contacted")
    best = contacted.nlargest(150, "expected_profit")
    assert table["expected_profit_median"][0] == pytest.approx(best["expected_profit"].sum())
    assert table["customers"][0] == 150


def test_parts_add_up_to_the_whole(limited) -> None:
    summary, *_ = limited.summary()
    for table in limited.counts():
        assert table["contacted"].sum() == summary["contacted"]
        assert table["expected_profit_median"].sum() == pytest.approx(
            summary["expected_profit"]["median"]
        )
    assert limited.counts()[1]["customers"].sum() == 3000


def test_the_catalogue_is_printed_with_break_even_probabilities(limited) -> None:
    catalogue, _, value, _ = limited.arguments
    offers = limited.summary()[3].set_index("offer_id")
    stake = profit_at_stake(limited.frames["customers"]["monthly_profit"].median(), value)
    for offer in catalogue.measures:
        profit = expected_profit(
            offers.loc[offer.id, "break_even_p"],
            gamma=offer.save_rate.median,
            stake=stake,
            d=offer.incentive_cost,
            rho=offer.redemption,
            f=offer.contact_cost,
        )
        assert profit == pytest.approx(0, abs=0.01)


def outcome(
    sent: pd.DataFrame, campaign: Campaign, rng: np.random.Generator, level: float
) -> np.ndarray:
    """Profit of 300 simulated campaigns, RUB.

    ``level`` places the true save rate between the assumed low (0) and high (1); None takes the
    assumed median.
    """
    catalogue, _, value, _ = campaign.arguments
    offers = pd.DataFrame(
        {
            offer.id: {
                "gamma": np.interp(
                    level,
                    [0, 0.5, 1],
                    [offer.save_rate.low, offer.save_rate.median, offer.save_rate.high],
                ),
                "d": offer.incentive_cost,
                "rho": offer.redemption,
                "f": offer.contact_cost,
            }
            for offer in catalogue.measures
        }
    ).T
    known = offers.loc[sent["offer_id"]].to_numpy().T
    gamma, d, rho, f = known
    p, stake = (
        sent["p_decline"].to_numpy(),
        profit_at_stake(sent["monthly_profit"], value).to_numpy(),
    )
    shape = (300, len(sent))
    would_decline = rng.random(shape) < p
    saved = would_decline & (rng.random(shape) < gamma)
    redeemed = ~would_decline & (rng.random(shape) < rho)
    return (saved * (stake - d) - redeemed * d - f).sum(axis=1)


def spend(candidates: pd.DataFrame, by: str) -> pd.DataFrame:
    """Contact in the order of one column until the budget is spent."""
    ordered = candidates.sort_values([by, "customer_id"], ascending=[False, True])
    return ordered[ordered["worst_case_cost"].cumsum() <= BUDGET]


@pytest.mark.parametrize("rival", ["p_decline", "monthly_profit"])
def test_the_campaign_earns_more_than_targeting_risk_or_value_alone(
    limited, unlimited, rival
) -> None:
    # Given the same people, the same best offers and the same budget
    rng = np.random.default_rng(1)
    candidates = unlimited.register.execute().query("contacted")
    chosen = limited.register.execute().query("contacted")
    # When the save rates are as assumed
    ours = outcome(chosen, limited, rng, 0.5)
    theirs = outcome(spend(candidates, rival), limited, rng, 0.5)
    # Then the campaign earns more, far beyond the noise of the simulation
    error = np.sqrt((ours.var() + theirs.var()) / 300)
    assert ours.mean() - theirs.mean() > 5 * error


@pytest.mark.parametrize("level", [0.25, 0.5, 0.75])
def test_the_range_of_the_summary_contains_the_outcome(limited, level) -> None:
    # Given true save rates somewhere within the assumed range
    sent = limited.register.execute().query("contacted")
    earned = outcome(sent, limited, np.random.default_rng(2), level)
    # Then what is earned lies in the range that the manager was told
    told = limited.summary()[0]["expected_profit"]
    assert told["low"] < earned.mean() < told["high"]
    assert np.mean((earned > told["low"]) & (earned < told["high"])) > 0.9


def test_assumed_profit_is_the_mean_outcome(limited) -> None:
    sent = limited.register.execute().query("contacted")
    earned = outcome(sent, limited, np.random.default_rng(3), 0.5)
    expected = limited.summary()[0]["expected_profit"]["median"]
    assert earned.mean() == pytest.approx(expected, abs=4 * earned.std() / np.sqrt(300))
