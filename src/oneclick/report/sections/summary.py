from typing import Any

from oneclick.annotations import DataFrame
from oneclick.errors import OneclickError
from oneclick.report.page import (
    Callout,
    Card,
    Cards,
    Charts,
    Panel,
    Panels,
    Section,
    write_rows,
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
    """Return the first page: what happens, whom to write to, what it costs, what is uncertain.

    Raises:
        OneclickError: The campaign's names and sentences are in another language.
    """
    words, campaign = report.words, campaign_summary
    if campaign["language"] != words.language:
        raise OneclickError(
            f"The campaign was written with language={campaign['language']}, so a report with "
            f"language={words.language} would mix the two. Write it anew: kedro run --pipelines "
            f"exploration,segmentation,reporting --params language={words.language}"
        )
    early = int(segment_summary["early_warning"].sum())
    declined = data_quality["customers"]["declined"]
    if campaign["labelled"]:
        lead = words(
            "summary.lead",
            declined=words.number(declined),
            share=words.share(declined / max(campaign["customers"], 1)),
            customers=words.count(campaign["customers"], "customers_genitive"),
            early=words.count(early, "customers_genitive"),
        )
    else:
        customers = words.count(campaign["customers"], "customers")
        lead = words("summary.lead_unlabelled", customers=customers)
    groups = write_rows(
        campaign_groups[campaign_groups["customers"] > 0],
        (str, "risk_group_name"),
        (words.number, "contacted", "customers"),
        (words.share, "mean_p_decline"),
        (words.money, "expected_cost", "expected_profit_median"),
    )
    blocks = (
        _key_figures(words.number(declined), words.number(early), campaign, words),
        write_table(words, "summary.groups", groups),
        Charts([charts["funnel"], charts["capacities"]]),
        _uncertain(data_quality, evaluation, campaign, campaign_groups, words),
        Callout(words("summary.files_title"), words("summary.files"), "cool"),
    )
    return Section("summary", words("summary.title"), lead, blocks)


def _key_figures(declined: str, early: str, campaign: dict[str, Any], words: Words) -> Cards:
    profit = {case: words.round_money(rub) for case, rub in campaign["expected_profit"].items()}
    notes = {
        "total": words.number(campaign["customers"]),
        "control": words.number(campaign["control"]),
        "cost": words.round_money(campaign["worst_case_cost"]),
        **profit,
    }
    cards = (
        ("declined", declined, "of", "warm"),
        ("early", early, "early_note", "warm"),
        ("contacted", words.number(campaign["contacted"]), "control", "cool"),
        ("cost", words.round_money(campaign["expected_cost"]), "worst", ""),
        ("profit", profit["median"], "profit_range", "cool"),
    )
    key = "summary.cards"
    return Cards(
        [
            Card(words(f"{key}.{name}"), value, words(f"{key}.{note}", **notes), tone)
            for name, value, note, tone in cards
        ]
    )


def _uncertain(
    quality: dict[str, Any],
    evaluation: dict[str, Any],
    campaign: dict[str, Any],
    groups: DataFrame,
    words: Words,
) -> Panels:
    at, auc = evaluation["at_threshold"], evaluation["metrics"]["roc_auc"]
    key = "summary.uncertain"
    model = words(
        f"{key}.model",
        recall=words.share(at["recall"]["value"]),
        precision=words.share(at["precision"]["value"]),
        auc=words.number(auc["value"], 3),
        interval=words.interval(auc["low"], auc["high"]),
    )
    money = [campaign["assumption_text"], campaign["profit_unit_text"]]
    odd = {note["key"]: note["count"] for note in quality["notes"]}.get("profit_exceeds_revenue", 0)
    if odd:
        money.append(words(f"{key}.profit", count=words.count(odd, "customers_genitive")))
    by_group = groups.set_index("risk_group")["expected_profit_median"]
    if returns := by_group.get("already_declined", 0.0):
        money.append(words(f"{key}.returns", profit=words.round_money(returns)))
    trust = [words(f"{key}.biased")] if evaluation["calibration"]["bias_shows"] else []
    panels = [
        Panel(words(f"{key}.money_title"), money),
        Panel(words(f"{key}.effect_title"), [campaign["sample_text"]]),
        Panel(words(f"{key}.model_title"), [model, *trust, words(f"{key}.label")]),
    ]
    return Panels(panels, words(f"{key}.title"))
