from typing import Any

import pandas as pd

from oneclick.report.page import Callout, Cell, Charts, Prose, Row, Section, Table
from oneclick.report.words import Words, plain


def write_campaign(
    summary: dict[str, Any],
    segments: pd.DataFrame,
    offers: pd.DataFrame,
    exclusions: pd.DataFrame,
    catalogue: pd.DataFrame,
    charts: dict[str, str],
    words: Words,
) -> Section:
    """Return the chapter on the campaign: offers, costs, who is left out, what will be visible."""
    lead = words(
        "campaign.lead",
        contacted=words.count(summary["contacted"], "customers_dative"),
        control=words.number(summary["control"]),
        low=words.round_money(summary["expected_profit"]["low"]),
        high=words.round_money(summary["expected_profit"]["high"]),
    )
    saves = summary["expected_saves"]
    text = [
        words(
            "campaign.saves",
            median=words.number(saves["median"]),
            low=words.number(saves["low"]),
            high=words.number(saves["high"]),
            months=words.number(summary["horizon_months"]),
        ),
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
            _planned(segments, "segment_name", "by_segment", words),
            _planned(offers, "offer_name", "by_offer", words),
            _exclusions(exclusions, words),
            _catalogue(catalogue, words),
        ],
    )


def _planned(table: pd.DataFrame, name: str, key: str, words: Words) -> Table:
    rows: list[Row] = [
        [
            plain(row[name], 200),
            Cell(words.number(row["contacted"]), row["contacted"]),
            Cell(words.number(row["control"]), row["control"]),
            Cell(words.number(row["expected_declines"]), row["expected_declines"]),
            Cell(words.money(row["expected_cost"]), row["expected_cost"]),
            Cell(words.money(row["worst_case_cost"]), row["worst_case_cost"]),
            Cell(words.money(row["expected_profit_median"]), row["expected_profit_median"]),
            Cell(
                words.money_range(row["expected_profit_low"], row["expected_profit_high"]),
                row["expected_profit_low"],
            ),
        ]
        for row in table.to_dict("records")
    ]
    headings = [words(f"campaign.{key}.name"), *words.entry("campaign.headings")]
    return Table(words(f"campaign.{key}.title"), headings, rows, words("campaign.note"))


def _exclusions(exclusions: pd.DataFrame, words: Words) -> Table:
    rows: list[Row] = [
        [
            plain(row["label"], 120),
            Cell(words.number(row["customers"]), row["customers"]),
            Cell(words.share(row["share"]), row["share"]),
        ]
        for row in exclusions.to_dict("records")
    ]
    headings = words.entry("campaign.exclusions.headings")
    return Table(words("campaign.exclusions.title"), headings, rows)


def _catalogue(catalogue: pd.DataFrame, words: Words) -> Table:
    rows: list[Row] = [
        [
            plain(row["offer_name"], 120),
            plain(row["conditions"], 300),
            Cell(words.money(row["contact_cost"]), row["contact_cost"]),
            Cell(words.money(row["incentive_cost"]), row["incentive_cost"]),
            Cell(words.share(row["save_rate_median"]), row["save_rate_median"]),
            Cell(
                words.share_range(row["save_rate_low"], row["save_rate_high"]),
                row["save_rate_low"],
            ),
            Cell(words.share(row["break_even_p"], 1), row["break_even_p"]),
        ]
        for row in catalogue.to_dict("records")
    ]
    headings = words.entry("campaign.catalogue.headings")
    return Table(
        words("campaign.catalogue.title"), headings, rows, words("campaign.catalogue.note")
    )
