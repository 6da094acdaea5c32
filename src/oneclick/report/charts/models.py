"""How well the models tell who declined."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oneclick.report.charts.style import (
    DECLINED,
    DEPTH_MAP,
    GROUP_COLOURS,
    INK,
    MUTED,
    NORMAL,
    REFERENCE,
    STEADY,
    hint,
    mark_interval,
    name_rows,
    new_figure,
    show_numbers,
    show_shares,
)
from oneclick.report.words import Words, plain

_OTHER = "#9aa5b1"


def draw_comparison(comparison: pd.DataFrame, words: Words) -> Figure:
    """Draw the ROC-AUC of every candidate with its interval, the champion in colour."""
    rows = comparison[comparison["metric"] == "roc_auc"].sort_values("mean")
    champion = rows.loc[rows["champion"], "candidate"].iloc[0]
    figure = new_figure(words, "comparison", NORMAL, 0.34 * len(rows) + 0.9,
                        champion=words.candidate(champion))  # fmt: skip
    axes = figure.subplots()
    for position, row in enumerate(rows.to_dict("records")):
        colour = DECLINED if row["champion"] else _OTHER
        mean, (low, high) = words.number(row["mean"], 3), (row["ci_low"], row["ci_high"])
        text = f"{words.candidate(row['candidate'])}: {mean} ({words.interval(low, high)})"
        mark_interval(axes, position, low, row["mean"], high, colour, text)
        axes.annotate(mean, (row["mean"], position), (0, 7), textcoords="offset points",
                      ha="center", fontsize=7.5)  # fmt: skip
    name_rows(axes, [words.candidate(name) for name in rows["candidate"]], 24)
    show_numbers(axes.xaxis, words, "comparison.axis", digits=2)
    return figure


def draw_roc(curves: pd.DataFrame, evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw the ROC curves and the point of the champion's threshold."""
    auc = words.share(evaluation["metrics"]["roc_auc"]["value"])
    figure = new_figure(words, "roc", NORMAL, 4.2, auc=auc)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], **REFERENCE)
    (found, missed), (in_vain, right) = _counts(evaluation)
    point = in_vain / (in_vain + right), found / (found + missed)
    _draw_curves(axes, "roc", curves, ("false_positive_rate", "true_positive_rate"), words)
    _mark_threshold(axes, point, evaluation, words)
    axes.legend(loc="lower right")
    return figure


def draw_precision_recall(curves: pd.DataFrame, evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw the precision–recall curves and the point of the champion's threshold."""
    recall, precision = (
        evaluation["at_threshold"][name]["value"] for name in ("recall", "precision")
    )
    figure = new_figure(words, "precision_recall", NORMAL, 4.2, found=words.share(recall),
                        right=words.share(precision))  # fmt: skip
    axes = figure.subplots()
    axes.axhline(evaluation["prevalence"], **REFERENCE)
    _draw_curves(axes, "precision_recall", curves, ("recall", "precision"), words)
    _mark_threshold(axes, (recall, precision), evaluation, words)
    axes.set_ylim(0, 1.03)
    axes.legend(loc="lower left")
    return figure


def _draw_curves(
    axes: Axes, chart: str, curves: pd.DataFrame, rates: tuple[str, str], words: Words
) -> None:
    for (champion, candidate), line in curves.groupby(["champion", "candidate"]):
        colour, width, order = (DECLINED, 2.2, 3) if champion else (_OTHER, 0.9, 2)
        name = words.candidate(str(candidate))
        (drawn,) = axes.plot(*(line[rate] for rate in rates), color=colour, linewidth=width,
                             zorder=order, label=name if champion else None)  # fmt: skip
        hint(drawn, name)
    show_shares(axes.xaxis, words, f"{chart}.x")
    show_shares(axes.yaxis, words, f"{chart}.y")


def _mark_threshold(
    axes: Axes, point: tuple[float, float], evaluation: dict[str, Any], words: Words
) -> None:
    value = words.share(evaluation["threshold"]["value"])
    label = words("charts.threshold", threshold=value)
    axes.plot(*point, "o", color="white", markeredgecolor=INK, markersize=8, zorder=5, label=label)


def _counts(evaluation: dict[str, Any]) -> np.ndarray:
    """The declined in the first row, the steady in the second; those marked stand first."""
    cells = (("true_positive", "false_negative"), ("false_positive", "true_negative"))
    confusion = evaluation["confusion"]
    return np.array([[int(confusion[cell]["value"]) for cell in row] for row in cells])


def draw_confusion(evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw the four counts of right and wrong answers at the threshold of costs."""
    table = _counts(evaluation)
    figure = new_figure(words, "confusion", NORMAL, 3.4, found=words.number(table[0, 0]),
                        declined=words.number(table[0].sum()))  # fmt: skip
    axes = figure.subplots()
    shares = table / table.sum(axis=1, keepdims=True)
    axes.pcolormesh(shares, cmap=DEPTH_MAP, vmin=0, vmax=1, edgecolors="white", linewidth=4)
    for (row, column), count in np.ndenumerate(table):
        colour = "white" if shares[row, column] > 0.6 else INK
        place: Any = {"ha": "center", "va": "center", "color": colour}
        axes.text(column + 0.5, row + 0.42, words.number(count), fontsize=17, **place)
        share = words("charts.confusion.of_row", share=words.share(shares[row, column]))
        axes.text(column + 0.5, row + 0.68, share, fontsize=8, **place)
    axes.set_xticks([0.5, 1.5], words.entry("charts.confusion.answers"))
    axes.set_yticks([0.5, 1.5], words.entry("charts.confusion.classes"), rotation=90, va="center")
    axes.xaxis.tick_top()
    axes.invert_yaxis()
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure


def draw_calibration(
    calibration: pd.DataFrame,
    distribution: pd.DataFrame,
    evaluation: dict[str, Any],
    words: Words,
) -> Figure:
    """Draw predicted against observed shares with the band of chance, and the spread of scores."""
    verdict = "good" if evaluation["calibration"]["well_calibrated"] else "poor"
    figure = new_figure(words, "calibration", NORMAL, 4.6, verdict)
    axes, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    x = calibration["mean_predicted"]
    low, high = calibration["chance_low"], calibration["chance_high"]
    axes.fill_between(x, low, high, color=STEADY, alpha=0.18, linewidth=0,
                      label=words("charts.calibration.chance"))  # fmt: skip
    axes.plot([0, 1], [0, 1], **REFERENCE)
    axes.plot(x, calibration["observed_share"], "o-", color=DECLINED, markersize=5, linewidth=1.2,
              label=words("charts.calibration.observed"))  # fmt: skip
    axes.legend(loc="upper left")
    show_shares(axes.yaxis, words, "calibration.y")
    for declined, bars in distribution.groupby("declined"):
        group = "declined" if declined else "steady"
        edges = [*bars["p_low"], bars["p_high"].iloc[-1]]
        below.stairs(bars["customers"], edges, fill=True, alpha=0.55, color=GROUP_COLOURS[group],
                     label=words(f"groups.{group}"))  # fmt: skip
    below.legend(loc="upper center", ncols=2)
    show_shares(below.xaxis, words, "calibration.x")
    show_numbers(below.yaxis, words, "calibration.customers")
    return figure


def draw_lift(lift: pd.DataFrame, evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw how many times more declined are among the first of the list than among all."""
    at = evaluation["lift"]
    share, lift_there = words.share(at["share"]), words.number(at["value"], 1)
    figure = new_figure(words, "lift", NORMAL, 3.4, share=share, lift=lift_there)
    axes = figure.subplots()
    x = lift["share"]
    axes.plot(x, lift["lift_ceiling"], color=MUTED, linewidth=1, linestyle=(0, (4, 3)),
              label=words("charts.lift.ceiling"))  # fmt: skip
    axes.fill_between(x, lift["low"], lift["high"], color=DECLINED, alpha=0.18, linewidth=0)
    axes.plot(x, lift["lift"], color=DECLINED, label=words("charts.lift.model"))
    axes.axhline(1, color=MUTED, linewidth=0.8)
    axes.set_ylim(0.9, max(lift["lift_ceiling"].max(), lift["high"].max()) * 1.04)
    axes.legend(loc="upper right")
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    show_shares(axes.xaxis, words, "lift.x")
    show_numbers(axes.yaxis, words, "lift.y", digits=1)
    return figure


def draw_learning_curve(curve: pd.DataFrame, words: Words) -> Figure:
    """Draw how the ROC-AUC grows with the number of customers learned from."""
    half, whole = curve.iloc[len(curve) // 2], curve.iloc[-1]
    figure = new_figure(
        words, "learning_curve", NORMAL, 3.4,
        gain=words.number(whole["mean"] - half["mean"], 3, sign=True),
        low=words.number(half["customers"]), high=words.number(whole["customers"]),
    )  # fmt: skip
    axes = figure.subplots()
    x = curve["customers"]
    axes.fill_between(x, curve["ci_low"], curve["ci_high"], color=DECLINED, alpha=0.18, linewidth=0)
    axes.plot(x, curve["mean"], "o-", color=DECLINED, markersize=5)
    show_numbers(axes.xaxis, words, "learning_curve.x")
    show_numbers(axes.yaxis, words, "learning_curve.y", digits=2)
    return figure


def draw_groups(groups: pd.DataFrame, evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw the champion's ROC-AUC in groups of customers."""
    overall = evaluation["metrics"]["roc_auc"]["value"]
    shown = groups[groups["roc_auc"].notna()]
    if shown.empty:
        figure = new_figure(words, "groups", NORMAL, 0.8, "none")
        figure.subplots().set_axis_off()
        return figure
    worst = shown.nsmallest(1, "roc_auc").iloc[0]
    groupings = list(shown["grouping"].unique())
    counts = [(shown["grouping"] == grouping).sum() for grouping in groupings]
    height = 0.33 * sum(counts) + 0.3 * len(counts) + 0.8
    figure = new_figure(words, "groups", NORMAL, height, auc=words.number(worst["roc_auc"], 2),
                        group=words.group(worst["grouping"], worst["group"]))  # fmt: skip
    every = figure.subplots(
        len(groupings), 1, squeeze=False, sharex=True, gridspec_kw={"height_ratios": counts}
    )[:, 0]
    for axes, grouping in zip(every, groupings, strict=True):
        rows = shown[shown["grouping"] == grouping].iloc[::-1]
        axes.axvline(overall, **REFERENCE)
        for position, row in enumerate(rows.to_dict("records")):
            colour = _OTHER if row["note"] == "too_few" else STEADY
            auc, size = words.number(row["roc_auc"], 3), words.number(row["customers"])
            mark_interval(axes, position, row["ci_low"], row["roc_auc"], row["ci_high"], colour,
                          f"{plain(row['group'])}: {auc} (n = {size})")  # fmt: skip
        name_rows(axes, [words.group(grouping, name) for name in rows["group"]], 24)
        axes.set_title(words(f"charts.groups.names.{grouping}"))
    show_numbers(every[-1].xaxis, words, "groups.axis", digits=2)
    return figure
