from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from oneclick.campaign.conditions import Condition
from oneclick.campaign.offers import OfferCatalogue
from oneclick.errors import OneclickError
from oneclick.parameter_checks import check_values
from tests.campaign.shipped import read_catalogue

MEASURES_OF_THE_BRIEF = {
    "navigation_help",
    "basket_reminder",
    "service_apology",
    "premium_benefit",
    "category_promo",
    "rare_buyer_offer",
    "loyalty_bonus",
}


def test_shipped_catalogue_holds_every_measure_of_the_brief(catalogue) -> None:
    assert {offer.id for offer in catalogue.measures} >= MEASURES_OF_THE_BRIEF


def test_measures_come_the_cheapest_first(catalogue) -> None:
    costs = [offer.worst_case_cost for offer in catalogue.measures]
    assert costs == sorted(costs)


MISTAKES = {
    "unknown column": (
        "column: pages_per_visit",
        "column: pages_per_month",
        ["navigation_help", "pages_per_month", "pages_per_visit"],
    ),
    "negative cost": (
        "contact_cost: 30",
        "contact_cost: -30",
        ["premium_benefit", "contact_cost", "-30"],
    ),
    "save rate over one": (
        "high: 0.434}",
        "high: 1.434}",
        ["loyalty_bonus", "save_rate.high", "1.434"],
    ),
    "two offers of one id": (
        "id: loyalty_bonus",
        "id: category_promo",
        ["category_promo", "twice"],
    ),
    "dearer but weaker": (
        "{low: 0.175, median: 0.293, high: 0.434}",
        "{low: 0.0, median: 0.1, high: 0.434}",
        ["loyalty_bonus", "rare_buyer_offer", "dearer"],
    ),
    "falling save rates": (
        "{low: 0.175, median: 0.293",
        "{low: 0.375, median: 0.293",
        ["loyalty_bonus", "low ≤ median ≤ high"],
    ),
    "unknown placeholder": ("{service_tier}»", "{name}»", ["premium_benefit", "{name}"]),
    "unknown key": ("redemption: 0.35", "redemtion: 0.35", ["rare_buyer_offer", "redem"]),
    "no way to do nothing": ("id: do_nothing", "id: nothing", ["do_nothing"]),
}


def check(path: Path) -> None:
    """Check a catalogue as every command does."""
    parameters = yaml.safe_load(path.read_text(encoding="utf-8"))
    check_values(path.parent, {"offer_catalogue": OfferCatalogue}, {}, parameters)


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_by_offer_and_line(mistake, catalogue_file, tmp_path) -> None:
    # Given the shipped catalogue with one mistake
    right, wrong, expected = MISTAKES[mistake]
    text = catalogue_file.read_text(encoding="utf-8")
    assert right in text
    spoilt = tmp_path / "parameters_offers.yml"
    spoilt.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    # When it is checked
    with pytest.raises(OneclickError) as caught:
        check(spoilt)
    # Then the message names file, line, offer and what is wrong
    message = str(caught.value)
    assert all(part in message for part in ("parameters_offers.yml, line ", *expected)), message


def test_a_catalogue_of_nothing_is_refused(catalogue_file, tmp_path) -> None:
    content = yaml.safe_load(catalogue_file.read_text(encoding="utf-8"))
    nothing = [one for one in content["offer_catalogue"]["offers"] if one["id"] == "do_nothing"]
    bare = tmp_path / "parameters_offers.yml"
    bare.write_text(yaml.safe_dump({"offer_catalogue": {"offers": nothing}}), encoding="utf-8")
    with pytest.raises(OneclickError, match="offer_catalogue needs one offer besides «do_nothing»"):
        check(bare)


def test_a_measured_offer_may_save_less_than_a_cheaper_one(catalogue_file, tmp_path) -> None:
    text = catalogue_file.read_text(encoding="utf-8")
    measured = "{low: 0.0, median: 0.1, high: 0.2, measured: true}"
    changed = tmp_path / "parameters_offers.yml"
    changed.write_text(text.replace("{low: 0.16, median: 0.27, high: 0.4}", measured), "utf-8")
    rates = {offer.id: offer.save_rate for offer in read_catalogue(changed).measures}
    assert rates["premium_benefit"].measured and not rates["loyalty_bonus"].measured


def test_the_line_is_that_of_the_mistake(catalogue_file, tmp_path) -> None:
    lines = catalogue_file.read_text(encoding="utf-8").splitlines()
    number = next(i for i, line in enumerate(lines) if "contact_cost: 30" in line)
    lines[number] = lines[number].replace("30", "-30")
    spoilt = tmp_path / "parameters_offers.yml"
    spoilt.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(OneclickError, match=rf"parameters_offers\.yml, line {number + 1}\.$"):
        check(spoilt)


@pytest.mark.parametrize("text", ["offer_catalogue: []", "offer_catalogue: {offers: 1}"])
def test_a_file_that_is_no_catalogue_is_refused(text: str, tmp_path) -> None:
    broken = tmp_path / "parameters_offers.yml"
    broken.write_text(text, encoding="utf-8")
    with pytest.raises(OneclickError, match=r"parameters_offers\.yml, line 1"):
        check(broken)


@pytest.mark.parametrize(
    "condition",
    [
        {"column": "pages_per_visit"},
        {"column": "pages_per_visit", "one_of": ["1"]},
        {"column": "service_tier", "at_least": 1},
        {"column": "customer_id", "at_least": 1},
    ],
)
def test_conditions_fit_their_column(condition: dict) -> None:
    with pytest.raises(ValidationError):
        Condition(**condition)


@pytest.mark.parametrize(
    ("column", "language", "text"),
    [
        ("promo_share", "ru", "Доля акционных покупок ≥ 25 % ≤ 62,5 %"),
        ("promo_share", "en", "Share of promo purchases ≥ 25% ≤ 62.5%"),
        ("monthly_profit", "ru", "Прибыль в месяц ≥ 0,25 тыс. ₽ ≤ 0,625 тыс. ₽"),
        ("revenue_current", "en", "Revenue in the current month ≥ ₽0.25 ≤ ₽0.625"),
        ("pages_per_visit", "en", "Pages per visit ≥ 0.25 ≤ 0.625"),
    ],
)
def test_a_condition_is_told_in_the_numbers_and_units_of_its_language(
    column: str, language: str, text: str
) -> None:
    condition = Condition(column=column, at_least=0.25, at_most=0.625)
    assert condition.text(language, "тыс. ₽") == text


def test_an_unknown_value_meets_no_condition(connection) -> None:
    import pandas as pd

    frame = pd.DataFrame({"pages_per_visit": [3.0, 7.0, None]})
    table = connection.create_table("t", frame)
    few = Condition(column="pages_per_visit", at_most=6)
    assert table.select(few=few.expression(table)).execute()["few"].tolist() == [True, False, False]
