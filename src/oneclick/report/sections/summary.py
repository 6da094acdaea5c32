from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report.findings import revenue_change
from oneclick.report.page import (
    Block,
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
from oneclick.report.sections.models import warn_of
from oneclick.report.sections.quality import warn_of_profit
from oneclick.texts.words import Words

_MOST = 0.5  # of the customers; from there on it is no oddity but another unit


def write_summary(
    data_quality: dict[str, Any],
    evaluation: dict[str, Any],
    segment_summary: DataFrame,
    campaign_groups: DataFrame,
    campaign_summary: dict[str, Any],
    campaign_cube: DataFrame,
    calibration: DataFrame,
    monthly_means: DataFrame,
    champion_choice: dict[str, Any],
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the first page: what happens, whom to write to, what it costs, what is uncertain."""
    words, campaign = report.words, campaign_summary
    early = int(segment_summary["early_warning"].sum())
    declined = data_quality["customers"]["declined"]
    if campaign["labelled"]:
        lead = words(
            f"summary.{_leading(early, campaign, champion_choice)}",
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
        (words.number, "customers", "contacted"),
        (words.money, "expected_cost", "expected_profit_median"),
    )
    total = [
        words("summary.groups.total"),
        *(words.number(campaign[name]) for name in ("customers", "contacted")),
        words.money(campaign["expected_cost"]),
        words.money(campaign["expected_profit"]["median"]),
    ]
    early_told = _early_warning(campaign_cube, words)
    whom = write_table(words, "summary.groups", groups, early=early_told)._replace(total=total)
    panels = [
        Panel(
            words("summary.uncertain.money_title"),
            _money(data_quality, campaign, campaign_groups, monthly_means, words),
        ),
        Panel(words("summary.uncertain.effect_title"), [campaign["sample_text"]]),
        Panel(
            words("summary.uncertain.model_title"),
            [
                *_recognised(segment_summary, words),
                *_biased(evaluation, calibration, words),
                words("summary.uncertain.label"),
            ],
        ),
    ]
    blocks: list[Block] = [
        *warn_of(champion_choice, words),
        *warn_of_profit(data_quality, _MOST, words),
        _key_figures(words.number(declined), words.number(early), campaign, words),
        whom,
        Charts([charts["funnel"], charts["capacities"]]),
        Panels(panels, words("summary.uncertain.title")),
        Callout(words("summary.files_title"), words("summary.files"), "cool"),
    ]
    return Section("summary", words("summary.title"), lead, blocks)


def _leading(early: int, campaign: dict[str, Any], choice: dict[str, Any]) -> str:
    """Which sentence the report begins with; it advises to write early only with a reason."""
    if choice.get("no_signal"):
        return "lead_no_signal"
    if not early:
        return "lead_no_early"
    return "lead" if campaign["contacted"] else "lead_nobody"


def _key_figures(declined: str, early: str, campaign: dict[str, Any], words: Words) -> Cards:
    profit = {case: words.round_money(rub) for case, rub in campaign["expected_profit"].items()}
    notes = {
        "total": words.number(campaign["customers"]),
        "control": words.number(campaign["control"]),
        "cost": words.round_money(campaign["worst_case_cost"]),
        **profit,
    }
    control = "control" if campaign["control_share"] else "no_control"
    cards = (
        ("declined", declined, "of", "warm"),
        ("early", early, "early_note", "warm"),
        ("contacted", words.number(campaign["contacted"]), control, "cool"),
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


def _early_warning(cube: DataFrame, words: Words) -> str:
    """How many of the early warning are written to, and why the others are not."""
    mine = cube[cube["risk_group"] == "early_warning"]
    left_out = mine.groupby("no_contact_reason")["customers"].sum()
    customers = int(mine["customers"].sum())
    if not customers:
        return ""
    contacted = customers - int(left_out.sum())
    told = {
        "customers": words.count(customers, "customers_genitive"),
        "contacted": words.number(contacted),
    }
    reasons = Words("campaign", words.language).entry("no_contact_reasons")
    counts = [
        words("summary.groups.reason", reason=reason, count=words.number(left_out[key]))
        for key, reason in reasons.items()
        if left_out.get(key, 0)
    ]
    if not counts:
        return words("summary.groups.early_all", **told)
    key = "summary.groups.early" if contacted else "summary.groups.early_none"
    return words(key, **told, reasons="; ".join(counts))


def _money(
    quality: dict[str, Any],
    campaign: dict[str, Any],
    groups: DataFrame,
    months: DataFrame,
    words: Words,
) -> list[str]:
    """What the sums of money rest on."""
    key, told = "summary.uncertain", []
    if change := revenue_change(months):
        seen = "seen" if change.declined < change.steady else "unseen"
        seen = seen if change.clear else "unclear"
        lost = words.share(campaign["share_lost"])
        told.append(words(f"{key}.loss_{seen}", **change.told(words), share_lost=lost))
    names = ("assumption", "pays", "first_letters", "profit_unit")
    sentences = (campaign.get(f"{name}_text") for name in names)
    told += [sentence for sentence in sentences if sentence]
    if odd := quality["profit_exceeds_revenue"]:
        told.append(words(f"{key}.profit", count=words.count(odd, "customers_genitive")))
    by_group = groups.set_index("risk_group")["expected_profit_median"]
    if returns := by_group.get("already_declined", 0.0):
        told.append(words(f"{key}.returns", profit=words.round_money(returns)))
    return told


def _recognised(segments: DataFrame, words: Words) -> list[str]:
    """Whose decline the model recognises, among customers whose status is known."""
    high = segments[segments["risk_band"] == "high"]
    declined = int(high["already_declined"].sum())
    marked = declined + int(high["early_warning"].sum())
    if not marked:
        return []
    missed = int(segments["already_declined"].sum()) - declined
    return [
        words(
            "summary.uncertain.model",
            marked=words.count(marked, "customers_genitive"),
            declined=words.number(declined),
            share=words.share(declined / marked),
            missed=words.count(missed, "customers_genitive"),
        )
    ]


def _biased(evaluation: dict[str, Any], calibration: DataFrame, words: Words) -> list[str]:
    """How far the probabilities are off where they are most, if they are by more than chance."""
    if not evaluation["calibration"]["bias_shows"]:
        return []
    observed = calibration["observed_share"]
    by_chance = observed.between(calibration["chance_low"], calibration["chance_high"])
    off = (observed - calibration["mean_predicted"]).abs().mask(by_chance)
    worst = calibration[off == off.max()].head(1)  # none if each of them may be chance
    examples = [
        words(
            "summary.uncertain.biased_example",
            predicted=words.share(group["mean_predicted"]),
            observed=words.share(group["observed_share"]),
        )
        for group in worst.to_dict("records")
    ]
    return [words("summary.uncertain.biased", example="".join(examples))]
