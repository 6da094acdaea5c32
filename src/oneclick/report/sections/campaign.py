from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report.page import Callout, Charts, Prose, Section, Table, write_table
from oneclick.report.parameters import ReportParameters
from oneclick.report.words import Words, plain


def write_campaign(
    campaign_summary: dict[str, Any],
    campaign_segments: DataFrame,
    campaign_offers: DataFrame,
    campaign_exclusions: DataFrame,
    campaign_offer_catalogue: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the chapter on the campaign: offers, costs, who is left out, what will be visible."""
    words, summary = report.words, campaign_summary
    lead = words(
        "campaign.lead",
        contacted=words.count(summary["contacted"], "customers_dative"),
        control=words.number(summary["control"]),
        low=words.round_money(summary["expected_profit"]["low"]),
        high=words.round_money(summary["expected_profit"]["high"]),
    )
    saves = {case: words.number(number) for case, number in summary["expected_saves"].items()}
    months = words.number(summary["horizon_months"])
    text = [
        words("campaign.saves", **saves, months=months),
        summary["shadow_price_text"],
        summary["sample_text"],
    ]
    return Section(
        "campaign",
        words("campaign.title"),
        lead,
        [
            Callout(words("campaign.assumption"), summary["assumption_text"]),
            Prose(text),
            Charts([charts["offers"]]),
            _planned(campaign_segments, "segment_name", "by_segment", words),
            _planned(campaign_offers, "offer_name", "by_offer", words),
            _exclusions(campaign_exclusions, words),
            _catalogue(campaign_offer_catalogue, words),
        ],
    )


def _planned(table: DataFrame, name: str, key: str, words: Words) -> Table:
    rows = [
        [
            plain(row[name], 200),
            words.number(row["contacted"]),
            words.number(row["control"]),
            words.number(row["expected_declines"]),
            words.money(row["expected_cost"]),
            words.money(row["worst_case_cost"]),
            words.money(row["expected_profit_median"]),
            words.money_range(row["expected_profit_low"], row["expected_profit_high"]),
        ]
        for row in table.to_dict("records")
    ]
    headings = [words(f"campaign.{key}.name"), *words.entry("campaign.headings")]
    return Table(words(f"campaign.{key}.title"), headings, rows, words("campaign.note"))


def _exclusions(exclusions: DataFrame, words: Words) -> Table:
    rows = [
        [plain(row["label"], 120), words.number(row["customers"]), words.share(row["share"])]
        for row in exclusions.to_dict("records")
    ]
    return write_table("campaign.exclusions", words, rows)


def _catalogue(catalogue: DataFrame, words: Words) -> Table:
    rows = [
        [
            plain(row["offer_name"], 120),
            plain(row["conditions"], 300),
            words.money(row["contact_cost"]),
            words.money(row["incentive_cost"]),
            words.share(row["save_rate_median"]),
            words.share_range(row["save_rate_low"], row["save_rate_high"]),
            words.share(row["break_even_p"], 1),
        ]
        for row in catalogue.to_dict("records")
    ]
    return write_table("campaign.catalogue", words, rows)
