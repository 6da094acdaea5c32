from typing import Any

import pandas as pd

from oneclick.report.page import (
    Block,
    Callout,
    Card,
    Cards,
    Cell,
    Charts,
    Prose,
    Row,
    Section,
    Table,
)
from oneclick.report.words import DASH, Words, plain

_COMPARED = ("roc_auc", "pr_auc", "brier", "log_loss", "lift_at_capacity", "expected_profit")
_DIGITS = {"lift_at_capacity": 2, "expected_profit": 1}


def write_models(
    comparison: pd.DataFrame,
    choice: dict[str, Any],
    evaluation: dict[str, Any],
    groups: pd.DataFrame,
    charts: dict[str, str],
    words: Words,
) -> Section:
    """Return the chapter on how the models compare and how good the chosen one is."""
    names = Words("models", words.language).entry("candidates")
    champion = str(names.get(choice["champion"], choice["champion"]))
    alarm: list[Block] = []
    if choice["leak_alarm"]:
        alarm = [Callout(words("models.leak"), choice["leak_message"][words.language])]
    return Section(
        "models",
        words("models.title"),
        str(choice["verdict"][words.language]),
        [
            *alarm,
            _key_figures(evaluation, words),
            Charts([charts["comparison"], charts["learning_curve"]], words("models.compared")),
            _compare(comparison, names, words),
            Prose(_effort(choice, words)),
            Charts(
                [charts["roc"], charts["precision_recall"], charts["confusion"], charts["lift"]],
                words("models.champion", champion=champion),
            ),
            _threshold(evaluation, words),
            Charts([charts["calibration"], charts["groups"]], words("models.trust")),
            Prose([_calibration(evaluation["calibration"], words)]),
            _groups(groups, words),
        ],
    )


def _key_figures(evaluation: dict[str, Any], words: Words) -> Cards:
    cards = []
    for metric, digits in (("roc_auc", 3), ("pr_auc", 3), ("accuracy", 3), ("brier", 3)):
        figure = evaluation["metrics"][metric]
        interval = words.interval(figure["low"], figure["high"], digits)
        cards.append(
            Card(
                words(f"models.metrics.{metric}.name"),
                words.number(figure["value"], digits),
                words(f"models.metrics.{metric}.note", interval=interval),
            )
        )
    return Cards(cards)


def _compare(comparison: pd.DataFrame, names: dict[str, str], words: Words) -> Table:
    metric_names = Words("models", words.language).entry("metrics")
    metrics = [name for name in _COMPARED if name in set(comparison["metric"])]
    by_candidate = comparison.set_index(["candidate", "metric"]).sort_index()
    order = comparison[comparison["metric"] == "roc_auc"].sort_values("mean", ascending=False)
    rows: list[Row] = []
    for candidate, champion in order[["candidate", "champion"]].itertuples(index=False):
        name = plain(names.get(candidate, candidate))
        cells: list[str | Cell] = [f"{name} ★" if champion else name]
        for metric in metrics:
            row = by_candidate.loc[(candidate, metric)]
            text = words.number(row["mean"], _DIGITS.get(metric, 3))
            if metric == "roc_auc":  # an interval at every figure would hide the figures
                text += f" ({words.interval(row['ci_low'], row['ci_high'])})"
            cells.append(Cell(text, row["mean"]))
        p = by_candidate.loc[(candidate, "roc_auc"), "p_value"]
        cells.append(Cell(DASH) if pd.isna(p) else Cell(words.number(p, 3), p))
        rows.append(cells)
    headings = [
        words("models.table.model"),
        *(str(metric_names[metric]) for metric in metrics),
        words("models.table.p_value"),
    ]
    return Table(words("models.table.title"), headings, rows, words("models.table.note"))


def _effort(choice: dict[str, Any], words: Words) -> list[str]:
    effort, without = choice["effort"], choice["without_current_month"]
    texts = [
        words(
            "models.effort",
            folds=effort["folds"],
            repeats=effort["repeats"],
            customers=words.count(choice["customers"], "customers_genitive"),
        )
    ]
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
    shares = ("precision", "recall", "accuracy", "contacted_share")
    rows: list[Row] = [
        [
            words(f"models.threshold.{name}"),
            Cell(words.share(at[name]["value"], 1), at[name]["value"]),
            words.share_range(at[name]["low"], at[name]["high"], 1),
        ]
        for name in shares
    ]
    note = words(
        "models.threshold.note",
        threshold=words.share(terms["value"], 1),
        save_rate=words.share(terms["save_rate"], 1),
        stake=words.money(terms["value_at_stake"]),
        incentive=words.money(terms["incentive"]),
        contact=words.money(terms["contact_cost"]),
    )
    return Table(
        words("models.threshold.title"), words.entry("models.threshold.headings"), rows, note
    )


def _calibration(calibration: dict[str, Any], words: Words) -> str:
    verdict = "good" if calibration["well_calibrated"] else "poor"
    return words(
        f"models.calibration.{verdict}",
        ece=words.number(calibration["ece"], 3),
        chance=words.number(calibration["chance_p95"], 3),
    )


def _groups(groups: pd.DataFrame, words: Words) -> Table:
    rows: list[Row] = [
        [
            _group(row["grouping"], row["group"], words),
            Cell(words.number(row["customers"]), row["customers"]),
            Cell(words.number(row["roc_auc"], 3), _order(row["roc_auc"])),
            words.interval(row["ci_low"], row["ci_high"]),
            Cell(words.share(row["mean_predicted"]), _order(row["mean_predicted"])),
            Cell(words.share(row["observed_share"]), _order(row["observed_share"])),
        ]
        for row in groups.to_dict("records")
    ]
    return Table(words("models.groups.title"), words.entry("models.groups.headings"), rows,
                 words("models.groups.note"))  # fmt: skip


def _group(grouping: str, group: object, words: Words) -> str:
    name = plain(group)
    if grouping == "tenure":
        name = words("charts.groups.days", band=name)
    return f"{words(f'charts.groups.names.{grouping}')}: {name}"


def _order(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
