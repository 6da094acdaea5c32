"""What the report says of shops whose figures show nothing, or cannot be true."""

import math
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import rc_context

from oneclick.report.charts import style
from oneclick.report.charts.campaign import (
    draw_capacities,
    draw_funnel,
    draw_profiles,
    draw_segments,
)
from oneclick.report.charts.exploration import (
    draw_histograms,
    draw_months,
    draw_pairs,
    draw_target_dependence,
)
from oneclick.report.charts.models import draw_learning_curve
from oneclick.report.charts.style import as_svg
from oneclick.report.findings import revenue_change
from oneclick.report.page import Table
from oneclick.report.sections.exploration import write_exploration
from oneclick.texts import Language
from oneclick.texts.words import Words
from tests.pipelines.test_exploration import fabricated_customers, report_in
from tests.pipelines.test_reporting import Page, tables, write_report
from tests.report import fabricated


def write(made: dict[str, Any], language: Language = "en") -> dict[str, str]:
    """Return the words of each chapter of the report, by its anchor; figures have plain spaces."""
    page = write_report(made, language, "2026-10")
    chapters = re.findall(r'<section[^>]* id="(\w+)"(.*?)</section>', page, flags=re.DOTALL)
    words = {key: Page(f"<section {html}").words for key, html in chapters}
    return {key: re.sub(r"\s+", " ", text) for key, text in words.items()}


def title_of(draw: Callable[..., Any], *figures: Any) -> str:
    """Return the title of a chart in English."""
    svg = as_svg(draw, *figures, Words("report", "en"))
    return unescape(svg[svg.index("<title>") + 7 : svg.index("</title>")]).replace("\u00a0", " ")


@pytest.fixture
def made() -> dict[str, Any]:
    return tables(fabricated_customers(), "en")


def test_a_model_without_a_signal_is_told_before_anything_else(made: dict[str, Any]) -> None:
    doubt = {"en": "Nothing shows that the model tells them apart."}
    made["champion_choice"] |= {"no_signal": True, "no_signal_message": doubt}

    told = write(made)

    assert "(38%). Who of the others is at high risk, the model cannot tell." in told["summary"]
    assert "worth writing" not in told["summary"]
    alarm = f"It looks like guessing. {doubt['en']}"
    assert 0 < told["summary"].index(alarm) < told["summary"].index("Expected profit")
    assert 0 < told["models"].index(alarm) < told["models"].index("PR-AUC")
    assert doubt["en"] in told["card"]
    assert "No sign of a leak" not in told["card"]


def test_a_leak_is_told_on_the_first_page(made: dict[str, Any]) -> None:
    message = {"en": "Take it for a leak until shown otherwise."}
    made["champion_choice"] |= {"leak_alarm": True, "leak_message": message}

    told = write(made)["summary"]

    alarm = f"Suspiciously good. {message['en']}"
    assert 0 < told.index(alarm) < told.index("Expected profit")


@pytest.mark.parametrize(("odd", "warned"), [(648, False), (649, True)])
def test_profit_above_revenue_for_most_is_a_warning_on_the_first_page(
    made: dict[str, Any], odd: int, warned: bool
) -> None:
    made["data_quality"]["profit_exceeds_revenue"] = odd  # of 1,296 kept

    told = write(made)

    warning = "That cannot be. The unit or the period of profit is probably another."
    assert (warning in told["summary"]) == warned
    assert warning in told["quality"]


def test_fewer_than_three_examples_are_not_called_three(made: dict[str, Any]) -> None:
    examples = made["worked_examples"]
    made["worked_examples"] = examples[examples["example"] == "safe"]

    told = write(made)["explanation"]

    assert "Three examples" not in told
    assert re.search(r"Examples Safe", told)
    made["worked_examples"] = examples.head(0)
    assert "Examples" not in write(made)["explanation"]


def test_an_empty_column_does_not_tell_the_segments_apart() -> None:
    profiles = fabricated.segment_profiles()
    strongest = profiles["feature"] == "pages_per_visit"
    assert title_of(draw_profiles, profiles) == "“Pages per visit” tells the segments apart most"
    profiles.loc[strongest, "effect"] = np.nan

    assert title_of(draw_profiles, profiles) == (
        "“Minutes on site in the previous month” tells the segments apart most"
    )


def test_what_does_not_tell_segments_apart_by_more_than_chance_is_no_title() -> None:
    profiles = fabricated.segment_profiles()
    profiles["distinct"] = profiles["feature"] == "promo_share"  # not the largest difference
    told = title_of(draw_profiles, profiles)
    assert told == "“Share of promo purchases” tells the segments apart most"
    alike = title_of(draw_profiles, profiles.assign(distinct=False))
    assert alike == "The segments differ by no more than chance"


def test_a_shop_without_profit_has_none_at_stake() -> None:
    title = title_of(draw_segments, fabricated.segment_summary().assign(profit_at_stake=0.0))
    assert title == "No profit is at stake in any segment"


def test_a_single_segment_differs_from_nobody(made: dict[str, Any]) -> None:
    made["segment_summary"].loc[1:, "customers"] = 0
    made["segment_profiles"] = made["segment_profiles"].query("position == 0").assign(effect=np.nan)

    told = write(made)["segments"]

    assert "How the segments differ" not in told
    assert "There is no difference of segments to show" in told


def test_a_learning_curve_says_nothing_that_it_does_not_show() -> None:
    curve, unclear = fabricated.learning_curve(), "This curve does not say whether more customers"
    guessing = curve.assign(ci_low=0.4)
    # Given one whose last two points differ by more than chance, but round to the same figure
    late = curve.assign(mean=0.912, ci_low=0.9121, ci_high=0.913)
    late.loc[late.index[-1], "ci_low"] = 0.911

    for told in (curve.tail(2), curve.tail(1), guessing, late):
        assert title_of(draw_learning_curve, told).startswith(unclear)
    # and one of which the first half is as good as the whole
    assert title_of(draw_learning_curve, curve).startswith("160 customers are enough")
    four = curve.tail(4).assign(mean=[0.8, 0.85, 0.9, 0.91], ci_high=0.905)
    assert title_of(draw_learning_curve, four).startswith("From 320 to 1,036 customers")


def test_what_may_be_chance_is_not_called_the_strongest(made: dict[str, Any]) -> None:
    ties = made["dependencies"].set_index(["first", "second"])
    ties[["phik", "significance"]] = [0.2, 6.0]
    # Given a strong tie to the decline that may be chance, and a weaker one that is not
    to_decline = [pair for pair in ties.index if "declined" in pair]
    ties.loc[to_decline, "significance"] = 4.9
    ties.loc[[pair for pair in to_decline if "promo_share" in pair], "phik"] = 0.9
    sure = [pair for pair in to_decline if "pages_per_visit" in pair]
    ties.loc[sure, "significance"] = 5.0
    drawn = made["histograms"]

    told = ties.reset_index()
    assert title_of(draw_target_dependence, told).startswith("“Pages per visit” is tied")
    assert title_of(draw_histograms, drawn, told).endswith("in the indicator “Pages per visit”")

    ties.loc[sure, "significance"] = 4.9
    told = ties.reset_index()
    chance = "The tie of every indicator to the decline may be chance"
    assert title_of(draw_target_dependence, told) == chance
    assert title_of(draw_histograms, drawn, told).endswith("from the others may be chance")


def test_pairs_that_may_be_chance_are_neither_listed_nor_pictured(made: dict[str, Any]) -> None:
    made["dependencies"]["significance"] = 4.9
    given = [made[name] for name in ("dependencies", "collinearity", "outliers")]
    charts = ("histograms", "target_dependence", "levels", "months", "phik", "pairs", "profit")

    told = write_exploration(*given, report_in("en"), **dict.fromkeys(charts, ""))

    tables = {block.title: block for block in told.blocks if isinstance(block, Table)}
    pairs = tables["The strongest dependences between indicators"]
    assert pairs.rows == []
    assert "any two indicators may be chance" in pairs.note
    nothing = "No two indicators depend on each other by more than chance"
    assert title_of(draw_pairs, made["pair_pictures"].head(0)) == nothing


@pytest.mark.parametrize(
    ("depth", "colour"), [(0.0, style.INK), (0.5, style.INK), (0.75, "white"), (1.0, "white")]
)
def test_figures_can_be_read_on_light_and_on_dark(depth: float, colour: str) -> None:
    assert style.text_on(style.DEPTH_MAP(depth)) == colour


def test_a_campaign_without_letters_advises_none(made: dict[str, Any]) -> None:
    made["campaign_summary"] |= {"contacted": 0, "control": 145}
    made["campaign_exclusions"].loc[0, "customers"] = 959
    made["campaign_exclusions"]["label"] = ["no consent", "contact limit", "control", "costs"]
    cube = made["campaign_cube"]
    made["campaign_cube"] = cube.assign(no_contact_reason=cube["no_contact_reason"].fillna("x"))

    told = write(made)

    assert told["summary"].startswith(
        " In brief Activity declined for 494 of 1,296 customers (38%). The status of another 129 "
        "customers is unchanged, but their risk is high. Nobody is written to in this campaign."
    )
    assert "Early warning: we write to none of 61 customers: no consent 18" in told["summary"]
    assert "Nobody is written to. The main reason: no consent (959 customers)." in told["campaign"]
    assert "Write to 0" not in " ".join(told.values())
    none = "None of 1,296 customers is written to"
    assert title_of(draw_funnel, made["campaign_summary"]) == none


def test_a_shop_without_early_warning_is_told_so(made: dict[str, Any]) -> None:
    made["segment_summary"]["early_warning"] = 0

    told = write(made, "en")["summary"]

    assert "(38%). None of the others is at high risk." in told
    assert "another 0 customers" not in told


def test_a_campaign_without_controls_promises_none(made: dict[str, Any]) -> None:
    made["campaign_summary"] |= {"control": 0, "control_share": 0.0}

    told = write(made)

    assert "there is no control group" in told["summary"]
    assert "Write to 380 customers. There is no control group. Expected" in told["campaign"]
    assert "the effect of the campaign cannot be measured" in told["method"]
    assert "in each segment; it gets no letters" not in told["method"]


def test_the_chart_of_a_tiny_campaign_begins_with_no_letters() -> None:
    capacities = fabricated.campaign_capacities().assign(customers=1)
    with rc_context({"text.parse_math": False}):
        axes = draw_capacities(
            capacities, fabricated.campaign_summary() | {"contacted": 1}, Words("report", "en")
        ).axes[0]

    assert axes.get_xlim()[0] == 0
    assert [tick for tick in axes.get_xticks() if tick != round(tick)] == []
    for line in axes.lines:
        assert (line.get_xdata()[0], line.get_ydata()[0]) == (0, 0)


def months(revenue: float, minutes: float, half: float = 1.0) -> pd.DataFrame:
    """Means of both classes; of the steady 100 in every month, of the declined in the current."""
    rows = [
        (indicator, group, month, now if (group, month) == ("declined", 0) else 100.0)
        for indicator, now in (("revenue", revenue), ("minutes", minutes))
        for group in ("declined", "steady")
        for month in (-2, -1, 0)
    ]
    table = pd.DataFrame(rows, columns=["indicator", "group", "month", "mean"])
    return table.assign(low=table["mean"] - half, high=table["mean"] + half)


@pytest.mark.parametrize(
    ("revenue", "minutes", "title"),
    [
        (104, 97, "the declined spent 3% less time on the site than others; their revenue rose by "
         "4% since the month before last, that of the others hardly changed"),
        # Intervals of the changes are ±1.4 % around 2 % and 0 %
        (102, 97, "In the current month the declined spent 3% less time on the site than others"),
        (104, 99, "Revenue and time on the site by month"),
        (104, 98, "Revenue and time on the site by month"),
    ],
)  # fmt: skip
def test_differences_within_chance_are_no_title(revenue: float, minutes: float, title: str) -> None:
    assert title_of(draw_months, months(revenue, minutes)).endswith(title)


def test_the_interval_of_a_change_is_that_of_a_ratio() -> None:
    # Given ±1 % in each month: the ratio of two independent means has ±1.41 %
    assert not revenue_change(months(102.8, 97)).clear
    assert revenue_change(months(102.9, 97)).clear
    assert not revenue_change(months(150, 97, half=math.nan)).clear


def test_without_revenue_or_minutes_before_nothing_has_changed() -> None:
    nothing = months(102.9, 97)
    nothing.loc[nothing["group"] == "steady", "mean"] = 0.0

    assert revenue_change(nothing) is None
    assert title_of(draw_months, nothing) == "Revenue and time on the site by month"


def test_revenue_that_changed_alike_shows_no_loss(made: dict[str, Any]) -> None:
    made["monthly_means"] = months(99, 97)

    told = write(made)["summary"]

    assert "it has changed alike for the declined and the others, but for chance" in told
    assert "revenue of the declined" not in told


@pytest.mark.parametrize(("scale", "most"), [(1.0, 6), (5_000.0, 4), (5e6, 4)])
def test_long_numbers_of_a_narrow_plot_are_few(
    made: dict[str, Any], scale: float, most: int
) -> None:
    bars = made["histograms"].query("feature == 'revenue_current'")
    bars = bars.assign(low=bars["low"] * scale, high=bars["high"] * scale)

    with rc_context({"text.parse_math": False}):
        axes = draw_histograms(bars, made["dependencies"], Words("report", "ru")).axes[0]
        low, high = axes.get_xlim()
        shown = [tick for tick in axes.get_xticks() if low <= tick <= high]

    assert 2 <= len(shown) <= most
    written = [label.get_text() for label in axes.get_xticklabels()]
    assert any("млн" in text for text in written) == (scale > 1e5)
