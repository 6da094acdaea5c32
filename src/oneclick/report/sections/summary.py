from typing import Any

import pandas as pd

from oneclick.report.page import (
    Callout,
    Card,
    Cards,
    Cell,
    Charts,
    Panel,
    Panels,
    Row,
    Section,
    Table,
)
from oneclick.report.words import Words


def write_summary(
    quality: dict[str, Any],
    evaluation: dict[str, Any],
    segments: pd.DataFrame,
    groups: pd.DataFrame,
    campaign: dict[str, Any],
    charts: list[str],
    words: Words,
) -> Section:
    """Return the first page: what happens, whom to write to, what it costs, what is uncertain."""
    early = int(segments["early_warning"].sum())
    lead = words(
        "summary.lead_unlabelled", customers=words.count(campaign["customers"], "customers")
    )
    if campaign["labelled"]:
        declined = quality["customers"]["declined"]
        lead = words(
            "summary.lead",
            declined=words.number(declined),
            share=words.share(declined / max(campaign["customers"], 1)),
            customers=words.count(campaign["customers"], "customers_genitive"),
            early=words.number(early),
        )
    return Section(
        "summary",
        words("summary.title"),
        lead,
        [
            _key_figures(quality, early, campaign, words),
            _whom_to_write(groups, words),
            Charts(charts),
            _uncertain(quality, evaluation, campaign, words),
            Callout(words("summary.files_title"), words("summary.files"), "cool"),
        ],
    )


def _key_figures(
    quality: dict[str, Any], early: int, campaign: dict[str, Any], words: Words
) -> Cards:
    declined = quality["customers"]["declined"]
    profit = campaign["expected_profit"]
    return Cards(
        [
            Card(
                words("summary.cards.declined"),
                words.number(declined),
                words("summary.cards.of", total=words.number(campaign["customers"])),
                "warm",
            ),
            Card(
                words("summary.cards.early"),
                words.number(early),
                words("summary.cards.early_note"),
                "warm",
            ),
            Card(
                words("summary.cards.contacted"),
                words.number(campaign["contacted"]),
                words("summary.cards.control", control=words.number(campaign["control"])),
                "cool",
            ),
            Card(
                words("summary.cards.cost"),
                words.round_money(campaign["expected_cost"]),
                words("summary.cards.worst", cost=words.round_money(campaign["worst_case_cost"])),
            ),
            Card(
                words("summary.cards.profit"),
                words.round_money(profit["median"]),
                words(
                    "summary.cards.profit_range",
                    low=words.round_money(profit["low"]),
                    high=words.round_money(profit["high"]),
                ),
                "cool",
            ),
        ]
    )


def _whom_to_write(groups: pd.DataFrame, words: Words) -> Table:
    rows: list[Row] = [
        [
            row["risk_group_name"],
            Cell(words.number(row["contacted"]), row["contacted"]),
            Cell(words.number(row["customers"]), row["customers"]),
            Cell(words.share(row["mean_p_decline"]), row["mean_p_decline"]),
            Cell(words.money(row["expected_cost"]), row["expected_cost"]),
            Cell(words.money(row["expected_profit_median"]), row["expected_profit_median"]),
        ]
        for row in groups[groups["customers"] > 0].to_dict("records")
    ]
    headings = words.entry("summary.groups.headings")
    return Table(words("summary.groups.title"), headings, rows, words("summary.groups.note"))


def _uncertain(
    quality: dict[str, Any], evaluation: dict[str, Any], campaign: dict[str, Any], words: Words
) -> Panels:
    at = evaluation["at_threshold"]
    auc = evaluation["metrics"]["roc_auc"]
    model = words(
        "summary.uncertain.model",
        recall=words.share(at["recall"]["value"]),
        precision=words.share(at["precision"]["value"]),
        auc=words.number(auc["value"], 3),
        interval=words.interval(auc["low"], auc["high"]),
    )
    odd = {note["key"]: note["count"] for note in quality["notes"]}.get("profit_exceeds_revenue", 0)
    money = [campaign["assumption_text"], campaign["profit_unit_text"]]
    if odd:
        money.append(
            words("summary.uncertain.profit", count=words.count(odd, "customers_genitive"))
        )
    panels = [
        Panel(words("summary.uncertain.money_title"), money),
        Panel(words("summary.uncertain.effect_title"), [campaign["sample_text"]]),
        Panel(words("summary.uncertain.model_title"), [model, words("summary.uncertain.label")]),
    ]
    return Panels(panels, words("summary.uncertain.title"))
