import math
from typing import Any

import pytest

from oneclick.texts import Language, load_texts
from oneclick.texts.words import Words, bind, plain

RU, EN = Words("report", "ru"), Words("report", "en")


@pytest.mark.parametrize(
    ("value", "digits", "russian", "english"),
    [
        (1296, 0, "1\u202f296", "1,296"),
        (0.9124, 3, "0,912", "0.912"),
        (-1234567.8, 1, "−1\u202f234\u202f567,8", "−1,234,567.8"),
        (-0.0001, 2, "0,00", "0.00"),
        (math.nan, 0, "—", "—"),
        (None, 0, "—", "—"),
    ],
)
def test_numbers(value: float, digits: int, russian: str, english: str) -> None:
    assert RU.number(value, digits) == russian
    assert EN.number(value, digits) == english


def test_shares_and_money() -> None:
    assert (RU.share(0.381), EN.share(0.381)) == ("38\u00a0%", "38%")
    assert RU.share(-0.25, sign=True) == "−25\u00a0%"
    assert RU.money(5000) == "5\u202f000\u00a0₽"
    assert RU.round_money(148_000) == "148\u00a0тыс.\u00a0₽"
    assert RU.round_money(1_234_000) == "1,2\u00a0млн\u00a0₽"
    assert RU.millions(2.5, 1) == "2,5\u00a0млн"
    assert (EN.millions(3), EN.millions(0)) == ("3m", "0")
    assert RU.round_money(9_999) == "9\u202f999\u00a0₽"
    assert (EN.money(5000), EN.round_money(-148_000)) == ("₽5,000", "−₽148k")
    assert RU.money_range(1000, 2000) == "1\u202f000–2\u202f000\u00a0₽"
    assert EN.money_range(1000, 2000) == "₽1,000\u00a0–\u00a0₽2,000"
    assert EN.share_range(0.1, 0.25) == "10–25%"
    assert RU.interval(-0.001, 0.02) == "−0,001\u00a0–\u00a00,020"


@pytest.mark.parametrize(
    ("number", "written"),
    [(1, "клиент"), (2, "клиента"), (5, "клиентов"), (11, "клиентов"), (14, "клиентов"),
     (21, "клиент"), (22, "клиента"), (111, "клиентов"), (0, "клиентов"), (1001, "клиент")],
)  # fmt: skip
def test_russian_nouns_follow_their_number(number: int, written: str) -> None:
    assert RU.count(number, "customers").endswith("\u00a0" + written)


def test_english_nouns_follow_their_number() -> None:
    assert EN.count(1, "customers").endswith("customer")
    assert EN.count(21, "customers").endswith("customers")


def test_a_band_of_days_is_told_with_its_unit() -> None:
    assert RU.group("tenure", "0–365") == "0–365 дн."
    assert RU.group("tenure", "> 730") == "731\u00a0день и\u00a0больше"
    assert EN.group("tenure", "> 730") == "731\u00a0days and more"
    assert RU.group("service_tier", "премиум") == "премиум"


def test_texts_of_the_data_become_one_short_line() -> None:
    assert plain("a\n\tb\x00c") == "a b c"
    assert plain("x" * 100, 10) == "xxxxxxxxx…"
    assert plain("Прибыль до 5 000 ₽") == "Прибыль до\u00a05\u202f000\u00a0₽"


def test_a_line_does_not_part_a_number_from_its_unit() -> None:
    assert bind("от 3,1 п. п., 5 %") == "от\u00a03,1\u00a0п.\u00a0п., 5\u00a0%"


def test_a_line_does_not_end_with_a_short_russian_word() -> None:
    assert bind("Из дома и в лес, to be") == "Из\u00a0дома и\u00a0в\u00a0лес, to be"


def test_thousands_are_grouped_by_one_kind_of_space() -> None:
    assert bind("1 296, 5\u00a0000 и 2 млн") == "1\u202f296, 5\u202f000 и\u00a02 млн"


def test_a_unit_is_not_said_where_the_name_says_it() -> None:
    assert RU.value("minutes_current", 9.0) == "9"
    assert RU.value("marketing_contacts_6m", 4.0) == "4"
    assert RU.value("pages_per_visit", 4.8) == "4,8"
    assert RU.value("revenue_current", 5000.0) == "5\u202f000\u00a0₽"
    assert RU.value("promo_share", 0.24) == "24\u00a0%"
    assert EN.value("days_since_registration", 339.0) == "339"
    assert EN.value("revenue_current", 5000.0) == "₽5,000"


def test_values_side_by_side_have_as_many_decimals() -> None:
    assert EN.values("pages_per_visit", [4.0, 3.2]) == ["4.0", "3.2"]
    assert EN.values("pages_per_visit", [4.0, 3.0]) == ["4", "3"]
    assert EN.values("pages_per_visit", [4.0, 3.0], means=True) == ["4.0", "3.0"]
    assert RU.values("revenue_current", [99.5, 4683.4], means=True) == [
        "100\u00a0₽",
        "4\u202f683\u00a0₽",
    ]
    assert EN.values("promo_share", [0.25, 0.4], means=True) == ["25%", "40%"]


def test_both_languages_have_the_same_texts() -> None:
    assert _keys(load_texts("report", "ru")) == _keys(load_texts("report", "en"))


def _keys(texts: Any, path: str = "") -> set[str]:
    if isinstance(texts, dict):
        return {key for name, inner in texts.items() for key in _keys(inner, f"{path}.{name}")}
    if isinstance(texts, list) and "plurals" not in path:
        return {key for i, inner in enumerate(texts) for key in _keys(inner, f"{path}.{i}")}
    return {path}


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_column_has_a_name(language: Language) -> None:
    names = load_texts("columns", language)

    assert all(entry["label"] for entry in names.values())
    assert Words("report", language).column("unheard_of") == "unheard_of"


def test_a_figure_keeps_the_number_that_it_is_sorted_by() -> None:
    assert (RU.share(0.381).order, RU.round_money(148_000.0).order) == (0.381, 148_000.0)
    assert RU.interval(0.1, 0.2).order == 0.1
    assert RU.number(float("nan")).order is None
