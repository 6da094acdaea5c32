from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report.page import (
    Block,
    Callout,
    Card,
    Cards,
    Charts,
    Prose,
    Section,
    Table,
    write_table,
)
from oneclick.report.parameters import ReportParameters
from oneclick.report.words import Figure, Words, plain

_COMPARED = ("roc_auc", "pr_auc", "brier", "log_loss", "lift_at_capacity", "expected_profit")
_DIGITS = {"lift_at_capacity": 2, "expected_profit": 1}


def write_models(
    model_comparison: DataFrame,
    champion_choice: dict[str, Any],
    evaluation: dict[str, Any],
    group_metrics: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the chapter on how the models compare and how good the chosen one is."""
    words, choice = report.words, champion_choice
    alarm: list[Block] = []
    if choice["leak_alarm"]:
        alarm = [Callout(words("models.leak"), choice["leak_message"][words.language])]
    return Section(
        "models",
        words("models.title"),
        choice["verdict"][words.language],
        [
            *alarm,
            _key_figures(evaluation, words),
            Charts([charts["comparison"], charts["learning_curve"]], words("models.compared")),
            _compare(model_comparison, words),
            Prose(_effort(choice, words)),
            Charts(
                [charts["roc"], charts["precision_recall"], charts["confusion"], charts["lift"]],
                words("models.champion", champion=words.candidate(choice["champion"])),
            ),
            _threshold(evaluation, words),
            Charts([charts["calibration"], charts["groups"]], words("models.trust")),
            Prose([_calibration(evaluation["calibration"], words)]),
            write_groups(group_metrics, words),
        ],
    )


def _key_figures(evaluation: dict[str, Any], words: Words) -> Cards:
    cards = []
    for metric in ("roc_auc", "pr_auc", "accuracy", "brier"):
        figure, key = evaluation["metrics"][metric], f"models.metrics.{metric}"
        note = words(f"{key}.note", interval=words.interval(figure["low"], figure["high"]))
        cards.append(Card(words(f"{key}.name"), words.number(figure["value"], 3), note))
    return Cards(cards)


def _compare(comparison: DataFrame, words: Words) -> Table:
    metric_names = Words("models", words.language).entry("metrics")
    metrics = [name for name in _COMPARED if name in set(comparison["metric"])]
    by_candidate = comparison.set_index(["candidate", "metric"]).sort_index()
    order = comparison[comparison["metric"] == "roc_auc"].sort_values("mean", ascending=False)
    rows = []
    for candidate, champion in order[["candidate", "champion"]].itertuples(index=False):
        name = plain(words.candidate(candidate))
        cells = [f"{name} ★" if champion else name]
        for metric in metrics:
            row = by_candidate.loc[(candidate, metric)]
            text: str = words.number(row["mean"], _DIGITS.get(metric, 3))
            if metric == "roc_auc":  # an interval at every figure would hide the figures
                text += f" ({words.interval(row['ci_low'], row['ci_high'])})"
            cells.append(Figure(text, row["mean"]))
        cells.append(words.number(by_candidate.loc[(candidate, "roc_auc"), "p_value"], 3))
        rows.append(cells)
    headings = [
        words("models.table.model"),
        *(metric_names[metric] for metric in metrics),
        words("models.table.p_value"),
    ]
    return Table(words("models.table.title"), headings, rows, words("models.table.note"))


def _effort(choice: dict[str, Any], words: Words) -> list[str]:
    effort, without = choice["effort"], choice["without_current_month"]
    customers = words.count(choice["customers"], "customers_genitive")
    texts = [words("models.effort", **effort, customers=customers)]
    if without:
        texts.append(
            words(
                "models.without_current",
                left_out=", ".join(f"«{words.column(name)}»" for name in without["left_out"]),
                auc=words.number(without["roc_auc"], 3),
                interval=words.interval(without["ci_low"], without["ci_high"]),
                difference=words.number(without["difference"], 3, sign=True),
            )
        )
    return texts


def _threshold(evaluation: dict[str, Any], words: Words) -> Table:
    terms, at = evaluation["threshold"], evaluation["at_threshold"]
    rows = [
        [
            words(f"models.threshold.{name}"),
            words.share(at[name]["value"], 1),
            words.share_range(at[name]["low"], at[name]["high"], 1),
        ]
        for name in ("precision", "recall", "accuracy", "contacted_share")
    ]
    return write_table(
        "models.threshold",
        words,
        rows,
        threshold=words.share(terms["value"], 1),
        save_rate=words.share(terms["save_rate"], 1),
        stake=words.money(terms["value_at_stake"]),
        incentive=words.money(terms["incentive"]),
        contact=words.money(terms["contact_cost"]),
    )


def _calibration(calibration: dict[str, Any], words: Words) -> str:
    verdict = "good" if calibration["well_calibrated"] else "poor"
    return words(
        f"models.calibration.{verdict}",
        ece=words.number(calibration["ece"], 3),
        chance=words.number(calibration["chance_p95"], 3),
    )


def write_groups(groups: DataFrame, words: Words) -> Table:
    """Return the table of the champion's quality in groups of customers."""
    names = words.entry("charts.groups.names")
    rows = [
        [
            f"{names[row['grouping']]}: {words.group(row['grouping'], row['group'])}",
            words.number(row["customers"]),
            words.number(row["roc_auc"], 3),
            words.interval(row["ci_low"], row["ci_high"]),
            words.share(row["mean_predicted"]),
            words.share(row["observed_share"]),
        ]
        for row in groups.to_dict("records")
    ]
    return write_table("models.groups", words, rows)
