from functools import partial
from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report.page import Charts, Prose, Section, Table, write_rows, write_table
from oneclick.report.parameters import ReportParameters
from oneclick.texts.words import Words, plain


def write_campaign(
    campaign_summary: dict[str, Any],
    campaign_segments: DataFrame,
    campaign_groups: DataFrame,
    campaign_offers: DataFrame,
    campaign_exclusions: DataFrame,
    campaign_offer_catalogue: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the chapter on the campaign: offers, costs, who is left out, what will be visible."""
    words, summary = report.words, campaign_summary
    hindrance = campaign_exclusions.nlargest(1, "customers").iloc[0]
    lead = words(
        f"campaign.{_leading(summary)}",
        reason=plain(hindrance["label"], 120),
        count=words.count(int(hindrance["customers"]), "customers"),
        contacted=words.count(summary["contacted"], "customers_dative"),
        control=words.number(summary["control"]),
        low=words.round_money(summary["expected_profit"]["low"]),
        high=words.round_money(summary["expected_profit"]["high"]),
    )
    expected = summary["expected_saves"]
    saved = words(
        "campaign.saves",
        median=words.count(round(expected["median"]), "customers_genitive"),
        low=words.number(expected["low"]),
        high=words.number(expected["high"]),
        months=words.number(summary["horizon_months"]),
    )
    saves, budget = [saved] if summary["contacted"] else [], []
    if summary["budget"] is not None:
        covers = words(f"campaign.covers.{summary['budget_covers']}")
        figures = {name: words.money(summary[name]) for name in ("budget", "budget_used")}
        share = words.share(summary["budget_used"] / max(summary["budget"], 1))
        budget = [words("campaign.budget", **figures, share=share, covers=covers)]
    declined = _already_declined(campaign_groups, words)
    label = partial(plain, width=120)
    exclusions = write_rows(
        campaign_exclusions, (label, "label"), (words.number, "customers"), (words.share, "share")
    )
    terms = write_rows(
        campaign_offer_catalogue,
        (label, "offer_name"),
        (partial(plain, width=300), "conditions"),
        (words.money, "contact_cost", "incentive_cost"),
        (partial(words.share, digits=1), "save_rate_median"),
        (partial(words.share_range, digits=1), ("save_rate_low", "save_rate_high")),
        (partial(words.share, digits=1), "break_even_p"),
    )
    blocks = (
        Prose([*saves, *budget, summary["shadow_price_text"], *declined]),
        Charts([charts["offers"]]),
        _planned(campaign_segments, "segment_name", "campaign.by_segment", words),
        _planned(campaign_offers, "offer_name", "campaign.by_offer", words),
        write_table(words, "campaign.exclusions", exclusions),
        write_table(words, "campaign.catalogue", terms),
    )
    return Section("campaign", words("campaign.title"), lead, blocks)


def _leading(summary: dict[str, Any]) -> str:
    """Which sentence the chapter begins with."""
    if not summary["contacted"]:
        return "lead_nobody"
    return "lead" if summary["control_share"] else "lead_no_control"


def _already_declined(groups: DataFrame, words: Words) -> list[str]:
    """What customers of known decline bring, and what that rests on, if any is written to."""
    profit = groups.set_index("risk_group")["expected_profit_median"]
    found = groups[(groups["risk_group"] == "already_declined") & (groups["contacted"] > 0)]
    return [
        words(
            "campaign.declined",
            share=words.share(row["expected_profit_median"] / profit.sum()),
            p=words.share(row["expected_declines"] / row["contacted"]),
        )
        for row in found.to_dict("records")
    ]


def _planned(table: DataFrame, name: str, key: str, words: Words) -> Table:
    """What is planned for the customers of each name."""
    rows = write_rows(
        table,
        (partial(plain, width=200), name),
        (words.number, "contacted", "control", "expected_declines"),
        (words.money, "expected_cost", "worst_case_cost", "expected_profit_median"),
        (words.money_range, ("expected_profit_low", "expected_profit_high")),
    )
    headings = [words(f"{key}.name"), *words.entry("campaign.headings")]
    return Table(words(f"{key}.title"), headings, rows, words(f"{key}.note"))
