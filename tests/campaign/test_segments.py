import ibis
import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from oneclick.campaign.parameters import SegmentParameters, Threshold
from oneclick.campaign.profiles import match_measures, profile_segments, summarise_segments
from oneclick.campaign.reasons import describe_reasons, usual_ranges
from oneclick.campaign.segments import (
    assign_segments,
    find_thresholds,
)
from oneclick.errors import OneclickError
from oneclick.texts import load_texts
from oneclick.texts.words import Words
from tests.campaign.fabricated import fabricate, tables


@pytest.fixture
def shop(connection):
    return tables(fabricate(600, 1), connection)


@pytest.fixture
def thresholds(shop, segment_parameters, catalogue, value):
    scored = shop["customers"], shop["decline_scores"]
    return find_thresholds(*scored, segment_parameters, catalogue, value)


@pytest.fixture
def segments(shop, thresholds, segment_parameters, connection):
    scored = shop["customers"], shop["decline_scores"]
    found = assign_segments(*scored, thresholds, segment_parameters)
    return connection.create_table("segments", found)


def test_thresholds_follow_from_quantiles_and_costs(shop, thresholds) -> None:
    p = shop["decline_scores"].execute()["p_decline"]
    assert thresholds["p_high"] == pytest.approx(p.quantile(0.65))
    assert 0.05 < thresholds["p_medium"] < 0.3  # the dearest offer pays from here
    assert thresholds["labelled"] and thresholds["offers_pay"]


@pytest.mark.parametrize("profit", [0.0001, 0.0, -4.0])
def test_who_is_at_high_risk_does_not_depend_on_whether_offers_pay(
    connection, segment_parameters, catalogue, value, profit
) -> None:
    # Given a shop whose profit no offer is worth
    frames = fabricate(600, 1)
    frames["customers"]["monthly_profit"] = profit
    shop = tables(frames, connection)
    scored = shop["customers"], shop["decline_scores"]
    # When thresholds are found
    found = find_thresholds(*scored, segment_parameters, catalogue, value)
    # Then the riskiest are at high risk all the same, nobody at medium risk, and it is said why
    p = frames["decline_scores"]["p_decline"]
    assert found["p_high"] == found["p_medium"] == pytest.approx(p.quantile(0.65))
    assert found["offers_pay"] is False
    banded = assign_segments(*scored, found, segment_parameters).execute()
    assert banded["risk_band"].value_counts().to_dict() == {"low": 390, "high": 210}


def test_segments_split_probability_and_profit(shop, segments, thresholds) -> None:
    found = segments.execute().merge(shop["customers"].execute(), on="customer_id")
    poor = found[found["segment"] == "high_risk_low_profit"]
    assert len(poor) > 0
    assert (poor["monthly_profit"] < 5).all()  # thousand RUB
    assert (poor["p_decline"] >= thresholds["p_high"]).all()
    assert sorted(found["customer_id"]) == sorted(shop["customers"].execute()["customer_id"])


def test_early_warning_is_apart_from_already_declined(shop, segments, thresholds) -> None:
    found = segments.execute().merge(shop["customers"].execute(), on="customer_id")
    warned = found[found["risk_group"] == "early_warning"]
    assert len(warned) > 0
    assert not warned["declined"].any()
    assert (warned["p_decline"] >= thresholds["p_high"]).all()
    assert found.loc[found["risk_group"] == "already_declined", "declined"].all()


def test_without_labels_nobody_is_called_declined_or_steady(
    shop, thresholds, segment_parameters
) -> None:
    unlabelled = shop["customers"].mutate(declined=ibis.null("boolean"))
    found = assign_segments(unlabelled, shop["decline_scores"], thresholds, segment_parameters)
    assert set(found.execute()["risk_group"]) == {"unknown_status"}


def test_scores_of_another_snapshot_are_refused(shop, segment_parameters, catalogue, value) -> None:
    strangers = shop["decline_scores"].mutate(
        customer_id=shop["decline_scores"].customer_id + 10**6
    )
    with pytest.raises(OneclickError, match="decline_scores"):
        find_thresholds(shop["customers"], strangers, segment_parameters, catalogue, value)


def test_customers_that_came_after_the_scores_are_refused(
    shop, segment_parameters, catalogue, value
) -> None:
    first = shop["decline_scores"].customer_id.min()
    known = shop["decline_scores"].filter(shop["decline_scores"].customer_id > first)
    with pytest.raises(OneclickError, match=r"1 of \d+ customers have no probability"):
        find_thresholds(shop["customers"], known, segment_parameters, catalogue, value)


def test_every_cell_of_the_grid_needs_a_segment(shipped) -> None:
    every = shipped["segmentation"]["segments"]
    short = shipped["segmentation"] | {"segments": [one for one in every if one["risk"] != "low"]}
    with pytest.raises(ValidationError, match="needs one segment"):
        SegmentParameters(**short)


def test_a_threshold_has_one_origin() -> None:
    with pytest.raises(ValidationError, match="either"):
        Threshold(quantile=0.5, offers_pay="dearest")


def test_summary_counts_every_customer_once(
    shop, segments, thresholds, segment_parameters, value
) -> None:
    found = summarise_segments(
        shop["customers"], segments, thresholds, segment_parameters, value, "ru"
    )
    customers = shop["customers"].execute()
    assert found["customers"].sum() == 600
    assert found["share"].sum() == pytest.approx(1)
    assert found["declined"].sum() == customers["declined"].sum()
    assert found["consented"].sum() == customers["allows_contact"].sum()
    names = found.set_index("segment")["segment_name"]
    assert names["high_risk_low_profit"] == "Высокий риск, небольшая прибыль"


def test_profiles_equal_those_of_pandas(shop, segments, segment_parameters) -> None:
    found = profile_segments(shop["customers"], segments, segment_parameters, "ru")
    frame = segments.execute().merge(shop["customers"].execute(), on="customer_id")
    key = found["segment"].iloc[0]
    inside, rest = frame[frame["segment"] == key], frame[frame["segment"] != key]
    row = found[(found["segment"] == key) & (found["feature"] == "pages_per_visit")].iloc[0]
    n1, n2 = len(inside), len(rest)
    v1, v2 = inside["pages_per_visit"].var(), rest["pages_per_visit"].var()
    pooled = (((n1 - 1) * v1 + (n2 - 1) * v2) / (n1 + n2 - 2)) ** 0.5
    difference = inside["pages_per_visit"].mean() - rest["pages_per_visit"].mean()
    assert row["effect"] == pytest.approx(difference / pooled, abs=1e-5)
    premium = found[(found["segment"] == key) & (found["level"] == "премиум")].iloc[0]
    assert premium["value_segment"] == pytest.approx(
        (inside["service_tier"] == "премиум").mean(), abs=1e-5
    )


def test_a_segment_that_differs_is_found_to_differ(connection, segment_parameters) -> None:
    # Given low-activity customers who see few pages
    frames = fabricate(600, 2)
    risky = frames["decline_scores"]["p_decline"] > 0.5
    pages = frames["customers"]["pages_per_visit"]
    frames["customers"]["pages_per_visit"] = pages.where(~risky, pages / 3)
    shop = tables(frames, connection)
    keys = ["high_risk_low_profit" if r else "low_risk_low_profit" for r in risky]
    ids = frames["customers"]["customer_id"]
    segments = connection.create_table("s", pd.DataFrame({"customer_id": ids, "segment": keys}))
    # When the segments are profiled
    found = profile_segments(shop["customers"], segments, segment_parameters, "ru")
    # Then that comes first, as a clear and negative difference
    first = found.iloc[0]
    assert (first["feature"], first["distinct"]) == ("pages_per_visit", True)
    assert first["effect_high"] < 0


def test_measures_are_recommended_where_their_conditions_meet(
    connection, segment_parameters, catalogue
) -> None:
    frames = fabricate(600, 3)
    risky = frames["decline_scores"]["p_decline"] > 0.5
    frames["customers"].loc[risky, "unpaid_items_quarter"] = 9.0
    shop = tables(frames, connection)
    keys = ["high_risk_low_profit" if r else "low_risk_low_profit" for r in risky]
    ids = frames["customers"]["customer_id"]
    segments = connection.create_table("s", pd.DataFrame({"customer_id": ids, "segment": keys}))
    found = match_measures(shop["customers"], segments, segment_parameters, catalogue, "en")
    best = found[found["rank"] == 1].set_index("segment")["offer_id"]
    assert best["high_risk_low_profit"] == "basket_reminder"
    assert found.loc[found["recommended"], "difference_low"].gt(0).all()


def test_segments_drawn_by_lot_seldom_have_traits_or_measures_of_their_own(
    connection, segment_parameters, catalogue
) -> None:
    # Given twelve shops whose customers are put into segments by lot
    names, told = list(segment_parameters.names("en")), []
    for seed in range(12):
        shop = tables(fabricate(600, seed), connection)
        lot = np.random.default_rng(seed).choice(names, 600)
        drawn = pd.DataFrame({"customer_id": 215_000 + np.arange(600), "segment": lot})
        segments = connection.create_table("s", drawn, overwrite=True)
        profiles = profile_segments(shop["customers"], segments, segment_parameters, "en")
        of = segments, segment_parameters, catalogue
        measures = match_measures(shop["customers"], *of, "en")
        told.append((profiles["distinct"].any(), measures["recommended"].any()))
    # Then few reports tell of any
    assert (np.array(told).sum(axis=0) <= 2).all()


def test_reasons_are_phrases_with_the_usual_range(connection) -> None:
    # Given steady customers who see 8 to 11 pages, and one at risk who sees 4
    frames = fabricate(200, 4)
    customers, reasons = frames["customers"], frames["decline_reasons"]
    customers["declined"] = False
    customers["pages_per_visit"] = [8.0, 11.0] * 100
    customers.loc[0, "pages_per_visit"] = 4.0
    customers.loc[0, "declined"] = True
    reasons.loc[0, ["reason_1", "reason_2", "reason_3"]] = [
        "pages_per_visit",
        "favourite_category",
        None,
    ]
    shop = tables(frames, connection)
    # When reasons are put into words
    ranges = usual_ranges(shop["customers"], shop["decline_scores"])
    found = describe_reasons(shop["customers"], shop["decline_reasons"], ranges, "ru").execute()
    # Then the phrase holds the customer's own value and the range of the steady ones
    first = found.iloc[0]
    assert first["reason_1_text"] == "мало страниц за визит: 4, обычно 8–11"
    category = customers["favourite_category"].iloc[0]
    assert first["reason_2_text"] == f"популярная категория: {category}"
    assert pd.isna(first["reason_3_text"])


def test_a_value_that_reads_like_the_bound_is_not_called_low(connection) -> None:
    frames = fabricate(100, 4)
    frames["customers"]["revenue_current"] = 4682.6
    frames["decline_reasons"]["reason_1"] = "revenue_current"
    shop = tables(frames, connection)
    ranges = {"revenue_current": [4683.4, 5172.0]}
    found = describe_reasons(shop["customers"], shop["decline_reasons"], ranges, "ru").execute()
    usual = "обычно 4\u202f683–5\u202f172\u00a0₽"
    assert set(found["reason_1_text"]) == {f"выручка в этом месяце: 4\u202f683\u00a0₽, {usual}"}


@pytest.mark.parametrize("usual", [[4508.0, 5350.0], [300.0, 900.0]])
def test_roubles_are_written_as_in_the_report(connection, usual) -> None:
    # Given revenues of every length, among them thousands that are round
    thousands = [999.6, 1000.0, 5008.0, 54_070.0, 999_999.0]
    revenues = [0.0, 7.0, 999.4, *thousands, 1_000_000.0, 12_034_005.0]
    frames = fabricate(len(revenues), 4)
    frames["customers"]["revenue_current"] = revenues
    frames["decline_reasons"]["reason_1"] = "revenue_current"
    shop = tables(frames, connection)
    ranges = {"revenue_current": usual}
    # When they are put into words
    found = describe_reasons(shop["customers"], shop["decline_reasons"], ranges, "en").execute()
    # Then engine and report write them alike
    written = [text.split(": ")[1] for text in found["reason_1_text"]]
    money = Words("report", "en").money
    span = f"₽{usual[0]:,.0f}–{usual[1]:,.0f}"
    assert written == [f"{money(revenue)}, usually {span}" for revenue in revenues]


def test_a_column_without_phrases_is_called_by_its_name(connection, monkeypatch) -> None:
    monkeypatch.delitem(load_texts("campaign", "ru")["reasons"], "pages_per_visit")
    frames = fabricate(100, 4)
    frames["customers"]["pages_per_visit"] = 4.0
    frames["decline_reasons"]["reason_1"] = "pages_per_visit"
    shop = tables(frames, connection)
    ranges = usual_ranges(shop["customers"], shop["decline_scores"])
    found = describe_reasons(shop["customers"], shop["decline_reasons"], ranges, "ru").execute()
    assert set(found["reason_1_text"]) == {"Страниц за визит: 4, обычно 4"}


def test_a_column_that_is_new_and_a_value_that_is_missing_are_reasons_too(connection) -> None:
    frames = fabricate(3, 4)
    returned, reasons = pd.Series([1.0, 5.0, None]), frames["decline_reasons"]
    customers = frames["customers"].assign(declined=False, returned_items=returned)
    customers.loc[1, "service_tier"] = None
    reasons[["reason_1", "reason_2"]] = "returned_items", "service_tier"
    shop = tables({**frames, "customers": customers}, connection)
    ranges = usual_ranges(shop["customers"], shop["decline_scores"])
    found = describe_reasons(shop["customers"], shop["decline_reasons"], ranges, "ru").execute()
    assert found["reason_1_text"].tolist() == [
        f"returned_items: {value}, обычно 2–4" for value in (1, 5, "неизвестно")
    ]
    assert found["reason_2_text"][1] == "тип сервиса: неизвестно"
    assert found.filter(like="_text").notna().all(axis=None)


@pytest.mark.parametrize(("language", "phrase"), [("ru", "4,5, обычно"), ("en", "4.5, usually")])
def test_decimals_follow_the_language(connection, language: str, phrase: str) -> None:
    frames = fabricate(100, 4)
    frames["customers"]["marketing_contacts_6m"] = 4.5
    frames["decline_reasons"]["reason_1"] = "marketing_contacts_6m"
    shop = tables(frames, connection)
    ranges = usual_ranges(shop["customers"], shop["decline_scores"])
    found = describe_reasons(shop["customers"], shop["decline_reasons"], ranges, language)
    assert found.execute()["reason_1_text"].str.contains(phrase, regex=False).all()


def test_unlabelled_ranges_come_from_the_less_likely_half(connection) -> None:
    frames = fabricate(400, 5)
    risky = frames["decline_scores"]["p_decline"] > frames["decline_scores"]["p_decline"].median()
    frames["customers"]["pages_per_visit"] = risky.map({True: 1.0, False: 10.0})
    shop = tables(frames, connection)
    unlabelled = shop["customers"].mutate(declined=ibis.null("boolean"))
    assert usual_ranges(unlabelled, shop["decline_scores"])["pages_per_visit"] == [10.0, 10.0]


def test_a_part_of_a_cell_is_a_segment_of_its_own(shop, thresholds, segment_parameters) -> None:
    part = {
        **{"key": "hunters", "risk": "high", "profit": "low", "name": {"ru": "Х", "en": "H"}},
        "only": [{"column": "promo_share", "at_least": 0.8}],
    }
    shipped = segment_parameters.model_dump()
    divided = SegmentParameters(**{**shipped, "segments": [part, *shipped["segments"]]})

    found = assign_segments(shop["customers"], shop["decline_scores"], thresholds, divided)

    known = found.execute().merge(shop["customers"].execute(), on="customer_id")
    cell = known[(known.risk_band == "high") & (known.profit_band == "low")]
    often = cell.promo_share >= 0.8
    assert 0 < often.sum() < len(cell)
    assert (cell.segment[often] == "hunters").all()
    assert (cell.segment[~often] == "high_risk_low_profit").all()


def test_a_cell_without_a_segment_for_everybody_is_refused(segment_parameters) -> None:
    shipped = segment_parameters.model_dump()
    for one in shipped["segments"]:
        one["only"] = [{"column": "promo_share", "at_least": 0.8}]
    with pytest.raises(ValidationError, match="risk × low profit needs one segment for every"):
        SegmentParameters(**shipped)
