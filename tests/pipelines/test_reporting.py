import itertools
import re
from collections.abc import Callable
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure

from oneclick.errors import OneclickError
from oneclick.pipelines.exploration.pipeline import create_pipeline as exploration
from oneclick.pipelines.reporting.pipeline import create_pipeline as reporting
from oneclick.report.charts.campaign import draw_capacities, draw_offers
from oneclick.report.charts.explanation import draw_beeswarm, draw_dependence
from oneclick.report.charts.exploration import draw_levels, draw_profit
from oneclick.report.charts.models import draw_learning_curve
from oneclick.report.charts.style import as_svg, show_numbers, show_shares
from oneclick.report.sections.exploration import write_exploration
from oneclick.texts import Language
from oneclick.texts.words import Words
from tests.pipelines.test_exploration import (
    explore,
    fabricated_customers,
    report_in,
    run_in_memory,
)
from tests.report import fabricated

HOSTILE = "</style></script><script>alert(1)</script><img src=x onerror=y>$\\frac{1}$ שלום 🎁"
LONG = "Очень длинное название " * 40
IDS = [str(number) for number in fabricated_customers()["customer_id"]]


class Page(HTMLParser):
    """The tags, attributes and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self._inside[-1:]):
            self.words += data.replace("\u2060", "")  # it only keeps a line from breaking


def tables(customers: pd.DataFrame, language: Language = "ru") -> dict[str, Any]:
    """What the pipelines before the report make: explored in earnest, the rest fabricated."""
    names = reporting().inputs() | exploration().inputs()
    made = {name: getattr(fabricated, name)() for name in names if hasattr(fabricated, name)}
    return made | explore(customers, language)


def write_report(tables: dict[str, Any], language: Language, snapshot: str) -> str:
    parameters = {"params:report": report_in(language, snapshot)}
    tables["campaign_summary"].setdefault("language", language)
    return run_in_memory(reporting(), tables | parameters)["report_html"]


@pytest.fixture(scope="module")
def russian() -> str:
    return write_report(tables(fabricated_customers()), "ru", "2026-10")


@pytest.fixture(scope="module")
def hostile() -> str:
    customers = fabricated_customers()
    customers["favourite_category"] = customers["favourite_category"].replace(
        {"Товары для детей": HOSTILE, "Кухонная посуда": LONG}
    )
    made = tables(customers, "en")
    for name, column in (
        ("segment_summary", "segment_name"), ("segment_profiles", "segment_name"),
        ("campaign_segments", "segment_name"), ("campaign_offers", "offer_name"),
        ("segment_measures", "offer_name"), ("group_metrics", "group"),
        ("campaign_offer_catalogue", "conditions"), ("campaign_groups", "risk_group_name"),
    ):  # fmt: skip
        made[name][column] = HOSTILE
    made["explanation_points"]["level"] = made["explanation_points"]["level"].replace(
        {"Товары для детей": LONG}
    )
    made["data_quality"]["repaired"][0]["from"] = HOSTILE
    return write_report(made, "en", HOSTILE)


def test_the_first_page_says_what_is_known(russian: str) -> None:
    words = Page(russian).words.replace("\u202f", " ").replace("\u00a0", " ")

    assert "Активность снизилась у 494 из 1 296 клиентов (38 %)" in words
    assert "148 тыс. ₽" in words
    assert "от 60,0 тыс. ₽ до 255 тыс. ₽" in words
    assert "У 242 клиентов прибыль больше выручки" in words
    assert "Всего 1 296 380 38 000 ₽ 148 000 ₽" in " ".join(words.split())
    # 397 declined and 45 still active in the high band; of 481 declined in all
    assert "Из 442 клиентов с высоким риском активность действительно снизилась у 397" in words
    assert "Ещё 84 клиентов со сниженной активностью модель к ним не отнесла" in words
    assert (
        "из 61 клиента напишем 31. Остальным не напишем: "
        "нет согласия — 18; лимит контактов — 11; контрольная группа — 1." in words
    )


@pytest.mark.parametrize(
    ("revenue", "said"),
    [
        (1.2, "не видно: у снизивших активность она с позапрошлого месяца выросла на 20 %"),
        (0.9, "У снизивших активность выручка с позапрошлого месяца снизилась на 10 %"),
    ],
)
def test_the_first_page_says_whether_revenue_shows_the_loss(revenue: float, said: str) -> None:
    made = tables(fabricated_customers())
    months = made["monthly_means"].set_index(["indicator", "group", "month"]).sort_index()
    before = months.loc[("revenue", "declined", -2), "mean"]
    months.loc[("revenue", "declined", 0), "mean"] = revenue * before
    for month in (-2, 0):
        months.loc[("revenue", "steady", month), "mean"] = 5000.0

    words = Page(write_report(made | {"monthly_means": months.reset_index()}, "ru", "x")).words

    assert said in words.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("profit", "title"),
    [
        (148e3, "Expected profit is ₽148k, writing to 389 customers"),
        (118e3, "The first 259 letters are enough for 92% of the expected profit"),
    ],
)
def test_a_title_says_how_few_letters_bring_nearly_all(profit: float, title: str) -> None:
    summary = fabricated.campaign_summary() | {"contacted": 389}
    summary["expected_profit"] = {"median": profit}
    capacities = fabricated.campaign_capacities().head(4)
    capacities.loc[3, "expected_profit_median"] = profit

    drawn = as_svg(draw_capacities, capacities, summary, Words("report", "en"))

    assert f"<title>{title}</title>" in drawn.replace("\u00a0", " ")


def test_collinearity_that_could_not_be_computed_is_not_said_to_be_low() -> None:
    made = tables(fabricated_customers(120))
    made["collinearity"] = made["collinearity"].head(0)
    names = ("dependencies", "collinearity", "outliers")
    charts = dict.fromkeys(
        ("histograms", "target_dependence", "levels", "months", "phik", "pairs", "profit"), ""
    )
    for language, said in (("ru", "VIF не посчитан"), ("en", "VIF was not computed")):
        section = write_exploration(*(made[name] for name in names), report_in(language), **charts)
        assert said in str(section.blocks).replace("\\xa0", " ")


@pytest.mark.parametrize(("bias_shows", "said"), [(False, 0), (True, 1)])
def test_the_first_page_doubts_probabilities_that_miss_more_than_by_chance(
    bias_shows: bool, said: int
) -> None:
    made = tables(fabricated_customers())
    made["evaluation"]["calibration"]["bias_shows"] = bias_shows
    made["calibration"].loc[7, "observed_share"] = 0.9

    words = Page(write_report(made, "ru", "2026-10")).words.replace("\u00a0", " ")

    assert words.count("Вероятности смещены больше, чем даёт случай") == said
    assert words.count("у клиентов с оценкой около 75 % активность снизилась у 90 %") == said
    assert words.count("остаток смещения — в главе «Модели»") == said


@pytest.mark.parametrize(("far", "said"), [(0.2, 1), (0.005, 0)])
def test_reasons_that_explain_another_score_than_the_risk_shown_are_said_to(
    far: float, said: int
) -> None:
    made = tables(fabricated_customers())
    made["explanation_info"]["far_from_published"] = far

    words = Page(write_report(made, "ru", "2026-10")).words.replace("\u00a0", " ")

    assert words.count("Причины объясняют рабочую модель") == 1
    assert words.count("больше чем на 15 процентных пунктов у 20 % клиентов") == said


def test_a_champion_with_worse_probabilities_than_another_is_said_to_be(russian: str) -> None:
    # Given a model that is no better by ROC-AUC, but has a smaller Brier score for certain
    made = tables(fabricated_customers(), "en")
    comparison = made["model_comparison"]
    knn = (comparison["candidate"] == "knn") & (comparison["metric"] == "brier")
    comparison.loc[knn, ["difference", "p_value"]] = [-0.004, 0.01]
    # and another that is not, once it counts that three were tested
    logistic = (comparison["candidate"] == "logistic") & (comparison["metric"] == "brier")
    comparison.loc[logistic, ["difference", "p_value"]] = [-0.003, 0.04]

    words = Page(write_report(made, "en", "2026-10")).words

    assert "for the number of models): “Brier score”: k nearest neighbours." in words
    assert "значимо (p < 0,05) уступает" not in Page(russian).words


def test_a_model_that_learned_from_a_part_of_the_customers_is_said_to(russian: str) -> None:
    made = tables(fabricated_customers(), "en")
    made["champion_choice"]["labelled"] = 55_000

    words = " ".join(Page(write_report(made, "en", "2026-10")).words.split())

    # In the chapter on models and on the card
    assert words.count("1,296 customers (drawn from 55,000 with a status)") == 2
    assert "отбор из" not in russian


def test_figures_of_two_runs_make_no_report() -> None:
    made = tables(fabricated_customers())
    made["champion_choice"] |= {"champion": "knn"}

    with pytest.raises(OneclickError, match="are of two runs"):
        write_report(made, "ru", "2026-10")


def test_tables_units_and_numbers_are_called_what_they_are(russian: str) -> None:
    made = tables(fabricated_customers(), "en")
    made["data_quality"]["repaired"][0]["table"] = "sent_back"  # that nobody has named yet
    made["campaign_summary"]["expected_saves"]["median"] = 61.4

    words = Page(write_report(made, "en", "2026-10")).words.replace("\u00a0", " ")

    assert "sent_back" in words
    assert "keep about 61 customers (48 to 118)" in words
    assert "read in “thousand ₽”, is larger than mean monthly revenue" in words
    assert "удержат около 79 клиентов (от 48 до 118)" in Page(russian).words.replace("\u00a0", " ")


def test_a_budget_is_told_with_those_beyond_it(russian: str) -> None:
    made = tables(fabricated_customers(), "en")
    # 95 with an offer that pays are beyond it, controls among them
    made["campaign_summary"] |= {"budget": 100_000.0, "planned": 380}

    page = write_report(made, "en", "2026-10")

    assert "The budget is ₽100,000; ₽95,000 of it (95%) are planned." in Page(page).words
    assert "the budget suffices: 29%" in page  # 380 of 1,296
    assert "хватает бюджета" not in russian


def test_customers_already_declined_are_told_with_their_share_of_the_profit(russian: str) -> None:
    words = Page(russian).words.replace("\u00a0", " ")

    # Profits of the groups are in proportion to 400, 340 and 280
    assert "чья активность уже снизилась, приходится 39 % ожидаемой прибыли" in words
    assert re.search(r"Из ожидаемой прибыли [\d,]+( тыс.)? ₽ приходится на клиентов", words)


def test_a_campaign_that_writes_to_nobody_is_told_so() -> None:
    made = tables(fabricated_customers(), "en")
    made["campaign_summary"] |= {"budget": 0.0, "budget_used": 0.0, "planned": 1, "contacted": 0}
    for name in ("campaign_capacities", "campaign_groups", "campaign_offers", "campaign_segments"):
        for column in made[name].columns.intersection(["customers", "contacted"]):
            made[name][column] = 0

    page = write_report(made, "en", "2026-10")

    assert "No profit is expected: nobody is written to" in page
    assert "No offer is made to anybody" in page
    assert "will keep about" not in page
    assert "the budget suffices: 0%" in page


def test_a_profit_that_few_customers_bring_is_told_on_the_first_page() -> None:
    made = tables(fabricated_customers(), "en")
    made["campaign_summary"]["first_letters_text"] = "97% of it comes from 5 customers."

    page = write_report(made, "en", "2026-10")

    assert page.count("97% of it comes from 5 customers.") == 1


@pytest.mark.parametrize(("missing", "said"), [(0.04, 0), (0.5, 1)])
def test_columns_with_gaps_are_listed(missing: float, said: int) -> None:
    made = tables(fabricated_customers(), "en")
    gap = {"column": "promo_share", "missing": missing, "constant": False}
    made["data_quality"]["gaps"] = [gap]

    words = " ".join(Page(write_report(made, "en", "2026-10")).words.split())

    assert words.count("Columns with gaps") == said
    assert words.count("Share of promo purchases 50%") == said


@pytest.mark.parametrize(
    ("medium", "offers_pay", "said"),
    [(0.16, True, (0, 0)), (0.62, True, (1, 0)), (0.62, False, (1, 1))],
)
def test_bands_that_do_not_exist_and_offers_that_never_pay_are_told(
    medium: float, offers_pay: bool, said: tuple[int, int]
) -> None:
    made = tables(fabricated_customers(), "en")
    made["segment_thresholds"] |= {"p_medium": medium, "offers_pay": offers_pay}
    made["segment_summary"].loc[3, ["customers", "segment_name"]] = [0, "Nobody's segment"]

    page = write_report(made, "en", "2026-10")

    sentences = ("nobody is at medium risk", "For a customer of median profit no offer pays")
    assert tuple(Page(page).words.replace("\u00a0", " ").count(each) for each in sentences) == said
    assert '<th scope="row">Nobody' not in page and "<td>Nobody" not in page


def test_every_chart_has_its_place_and_a_name(russian: str) -> None:
    page = Page(russian)
    charts = {name for name in reporting().datasets() if name.startswith("chart_")}

    shown = [attributes for tag, attributes in page.tags if tag == "svg"]

    # The first page repeats no chart of a later one.
    assert len(shown) == len(charts)
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in shown)


def test_the_page_asks_for_nothing_from_outside(russian: str) -> None:
    page = Page(russian)

    links = [
        value
        for _, attributes in page.tags
        for key, value in attributes.items()
        if key in {"href", "src", "xlink:href", "action", "data"} and value
    ]
    assert all(link.startswith(("#", "data:")) for link in links)
    assert "@import" not in russian
    assert not re.search(r"url\((?!#|\"#|&quot;#)", russian)
    policy = next(a["content"] for t, a in page.tags if t == "meta" and "http-equiv" in a)
    assert "default-src 'none'" in policy


def test_the_page_can_be_read_by_ear_and_by_keyboard(russian: str) -> None:
    page = Page(russian)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]

    assert len(ids) == len(set(ids))
    anchors = [a["href"] for tag, a in page.tags if tag == "a"]
    assert {anchor.removeprefix("#") for anchor in anchors} <= set(ids)
    assert all("scope" in a for tag, a in page.tags if tag == "th")
    assert russian.count("<table>") == russian.count("<caption>")
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(deeper - level <= 1 for level, deeper in itertools.pairwise(levels))


def test_no_customer_can_be_found_in_the_page(russian: str) -> None:
    assert not [number for number in IDS if number in russian]
    assert "customer_id" not in russian
    assert "106862" not in russian  # a rejected value may be an id


@pytest.mark.parametrize("draw", [draw_beeswarm, draw_dependence])
def test_points_of_one_feature_say_nothing_of_those_of_another(draw: Callable[..., Figure]) -> None:
    points, importance = fabricated.explanation_points(), fabricated.feature_importance()
    of_other_customers = pd.concat(
        mine.sample(frac=1, random_state=seed)
        for seed, (_, mine) in enumerate(points.groupby("feature"))
    )

    as_told, mixed = (
        as_svg(draw, told, importance, Words("report", "ru"))
        for told in (points, of_other_customers)
    )

    assert mixed == as_told


def test_hostile_texts_of_the_data_appear_as_texts(hostile: str) -> None:
    page = Page(hostile)

    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert not [tag for tag, attributes in page.tags if tag == "img" or "onerror" in attributes]
    assert HOSTILE in page.words
    assert "שלום 🎁" in page.words
    assert LONG not in page.words


def test_what_the_business_reads_comes_before_statistics(russian: str) -> None:
    chapters = [attributes["id"] for tag, attributes in Page(russian).tags if tag == "section"]

    assert chapters == [
        "summary", "campaign", "segments", "explanation", "exploration", "models", "quality",
        "card", "method", "glossary",
    ]  # fmt: skip


def test_a_chapter_that_a_text_names_is_a_link_to_it(russian: str, hostile: str) -> None:
    assert 'в\u00a0<a href="#campaign">главе «Кампания»</a>' in russian
    assert 'the <a href="#campaign">chapter “Campaign”</a>' in hostile


def test_both_languages_have_the_same_chapters(russian: str, hostile: str) -> None:
    def chapters(html: str) -> list[str | None]:
        return [attributes["id"] for tag, attributes in Page(html).tags if tag == "section"]

    assert chapters(russian) == chapters(hostile)


def test_the_model_card_is_a_chapter(russian: str) -> None:
    words = Page(russian).words.replace("\u00a0", " ")
    card = words[words.rindex("Карточка модели\n") :]

    assert "Логистическая регрессия: вероятность снижения" in card
    assert "Не для цен, отказов в обслуживании" in card
    assert "0,912" in card
    assert "показывает только сравнение месяцев" in card


def test_the_english_page_is_english_but_for_the_data() -> None:
    made = tables(fabricated_customers(), "en")
    of_the_data = set(re.findall("[А-Яа-яЁё]+", str([fabricated_customers(), _facts(made)])))

    page = write_report(made, "en", "2026-10")

    assert set(re.findall("[А-Яа-яЁё]+", page)) - of_the_data == set()


def _facts(made: dict[str, Any]) -> list[Any]:
    """What the report is given, charts left out."""
    frames = [table.to_dict() for table in made.values() if isinstance(table, pd.DataFrame)]
    return [*frames, *(facts for facts in made.values() if isinstance(facts, dict))]


def test_the_page_is_small_and_does_not_grow_with_customers() -> None:
    few, many = (
        write_report(tables(fabricated_customers(size)), "ru", "2026-10")
        for size in (1_300, 13_000)
    )

    assert len(few.encode()) < 3_000_000
    assert len(many) < 1.1 * len(few)  # more cells of the same grids are filled


def test_the_same_tables_give_the_same_page(russian: str) -> None:
    assert write_report(tables(fabricated_customers()), "ru", "2026-10") == russian


@pytest.mark.parametrize(
    ("shares", "title"),
    [
        ([0.3, 0.4, 0.5], "most often in the category “c” (50%), least often in “a” (30%)"),
        ([0.3, 0.45, 0.5], "The share of declined by category is 30% to 50%"),
    ],
)
def test_a_category_is_named_unless_the_interval_of_another_overlaps(
    shares: list[float], title: str
) -> None:
    levels = pd.DataFrame({"level": list("abc"), "declined_share": shares, "customers": 100})
    levels = levels.assign(feature="favourite_category", declined=40)
    levels = levels.assign(low=levels.declined_share - 0.04, high=levels.declined_share + 0.04)

    assert title in as_svg(draw_levels, levels, Words("report", "en"))


@pytest.mark.parametrize(
    ("auc", "said"),
    [
        (0.922, "From 320 to 1,036 customers learned from, ROC-AUC rises by 0.015"),
        (0.887, "From 320 to 1,036 customers learned from, ROC-AUC falls by 0.020"),
        (0.911, "160 customers are enough: beyond, ROC-AUC changes no more than by chance"),
    ],
)
def test_a_title_says_which_way_the_learning_curve_goes(auc: float, said: str) -> None:
    curve = fabricated.learning_curve()  # 0.888–0.912 at 160, 0.895–0.919 at the half, 320
    curve.loc[curve.index[-1], "mean"] = auc

    drawn = as_svg(draw_learning_curve, curve, Words("report", "en"))
    assert f"<title>{said}</title>" in drawn.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("sign", "title"),
    [
        (1, "The smaller “Pages per visit”, “Minutes on site in the previous month”"),
        (-1, "The larger “Pages per visit”, “Minutes on site in the previous month”"),
        (0, "Where each indicator moves the score"),
    ],
)
def test_a_title_says_which_way_the_strongest_features_move_the_score(
    sign: int, title: str
) -> None:
    points = fabricated.explanation_points()
    up_and_down = points["contribution"].abs()
    points["contribution"] = sign * points["contribution"] if sign else up_and_down

    drawn = as_svg(draw_beeswarm, points, fabricated.feature_importance(), Words("report", "en"))

    assert title in unescape(drawn)


def test_the_axis_of_profits_starts_at_nothing_unless_there_are_losses() -> None:
    offers, starts = fabricated.campaign_offers(), []
    with rc_context({"text.parse_math": False}):
        for low in (20_000.0, -20_000.0):
            offers["expected_profit_low"] = low
            starts.append(draw_offers(offers, Words("report", "en")).axes[0].get_xlim()[0])

    assert starts == [0, -20]


@pytest.mark.parametrize(
    ("show", "ticks", "written"),
    [
        (show_numbers, [-0.5, -0.25, 0], ["−0.50", "−0.25", "0.00"]),
        (show_numbers, [-0.5, 0, 0.5], ["−0.5", "0.0", "0.5"]),
        (show_numbers, [0, 1000], ["0", "1,000"]),
        (show_numbers, [0, 900_000], ["0", "900,000"]),
        (show_numbers, [-500_000, 0, 1_000_000], ["−0.5m", "0.0", "1.0m"]),
        (show_shares, [0, 0.2], ["0%", "20%"]),
        (show_shares, [0.1, 0.125], ["10.0%", "12.5%"]),
    ],
)
def test_ticks_have_the_decimals_they_need(
    show: Callable[..., None], ticks: list[float], written: list[str]
) -> None:
    axes = Figure().subplots()
    axes.set_xticks(ticks)

    show(axes.xaxis, Words("report", "en"))

    assert [label.get_text() for label in axes.get_xticklabels()] == written


@pytest.mark.parametrize(
    ("implausible", "title"),
    [(0, "Nobody's profit exceeds revenue"), (3, "Profit exceeds revenue for 3")],
)
def test_a_title_doubts_the_unit_of_profit_only_with_a_reason(implausible: int, title: str) -> None:
    edges = {"revenue_low": [0], "revenue_high": 1, "profit_low": 0, "profit_high": 1}
    cells = pd.DataFrame({**edges, "customers": 9, "implausible": implausible})

    assert title in unescape(as_svg(draw_profit, cells, Words("report", "en")))
