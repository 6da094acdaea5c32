from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report.page import (
    Callout,
    Card,
    Cards,
    Charts,
    Panel,
    Panels,
    Section,
    Table,
    write_table,
)
from oneclick.report.parameters import ReportParameters
from oneclick.report.words import Words


def write_summary(
    data_quality: dict[str, Any],
    evaluation: dict[str, Any],
    segment_summary: DataFrame,
    campaign_groups: DataFrame,
    campaign_summary: dict[str, Any],
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the first page: what happens, whom to write to, what it costs, what is uncertain."""
    words, campaign = report.words, campaign_summary
    early = words.number(segment_summary["early_warning"].sum())
    lead = words(
        "summary.lead_unlabelled", customers=words.count(campaign["customers"], "customers")
    )
    declined = data_quality["customers"]["declined"]
    if campaign["labelled"]:
        lead = words(
            "summary.lead",
            declined=words.number(declined),
            share=words.share(declined / max(campaign["customers"], 1)),
            customers=words.count(campaign["customers"], "customers_genitive"),
            early=early,
        )
    return Section(
        "summary",
        words("summary.title"),
        lead,
        [
            _key_figures(words.number(declined), early, campaign, words),
            _whom_to_write(campaign_groups, words),
            Charts([charts["funnel"], charts["capacities"]]),
            _uncertain(data_quality, evaluation, campaign, words),
            Callout(words("summary.files_title"), words("summary.files"), "cool"),
        ],
    )


def _key_figures(declined: str, early: str, campaign: dict[str, Any], words: Words) -> Cards:
    def card(name: str, value: str, note: str, tone: str = "", **values: object) -> Card:
        note = words(f"summary.cards.{note}", **values)
        return Card(words(f"summary.cards.{name}"), value, note, tone)

    cost, worst_cost = (
        words.round_money(campaign[f"{case}_cost"]) for case in ("expected", "worst_case")
    )
    profit = {case: words.round_money(rub) for case, rub in campaign["expected_profit"].items()}
    contacted, control = (words.number(campaign[key]) for key in ("contacted", "control"))
    return Cards(
        [
            card("declined", declined, "of", "warm", total=words.number(campaign["customers"])),
            card("early", early, "early_note", "warm"),
            card("contacted", contacted, "control", "cool", control=control),
            card("cost", cost, "worst", cost=worst_cost),
            card("profit", profit["median"], "profit_range", "cool", **profit),
        ]
    )


def _whom_to_write(groups: DataFrame, words: Words) -> Table:
    rows = [
        [
            row["risk_group_name"],
            words.number(row["contacted"]),
            words.number(row["customers"]),
            words.share(row["mean_p_decline"]),
            words.money(row["expected_cost"]),
            words.money(row["expected_profit_median"]),
        ]
        for row in groups[groups["customers"] > 0].to_dict("records")
    ]
    return write_table("summary.groups", words, rows)


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
