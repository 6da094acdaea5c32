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
    STEADY,
    hint,
    name_rows,
    new_figure,
    show_numbers,
    show_shares,
    styled,
)
from oneclick.report.words import Words, plain

_OTHER = "#9aa5b1"


@styled
def draw_comparison(comparison: pd.DataFrame, names: dict[str, str], words: Words) -> Figure:
    """Draw the ROC-AUC of every candidate with its interval, the champion in colour."""
    rows = comparison[comparison["metric"] == "roc_auc"].sort_values("mean")
    champion = rows.loc[rows["champion"], "candidate"].iloc[0]
    figure = new_figure(
        words("charts.comparison.title", champion=names[champion]),
        words("charts.comparison.description"),
        NORMAL,
        0.34 * len(rows) + 0.9,
    )
    axes = figure.subplots()
    for position, row in enumerate(rows.to_dict("records")):
        colour = DECLINED if row["champion"] else _OTHER
        axes.hlines(position, row["ci_low"], row["ci_high"], color=colour, linewidth=3, alpha=0.5)
        (dot,) = axes.plot(row["mean"], position, "o", color=colour, markersize=7)
        mean, interval = words.number(row["mean"], 3), words.interval(row["ci_low"], row["ci_high"])
        hint(dot, f"{names[row['candidate']]}: {mean} ({interval})")
        axes.annotate(mean, (row["mean"], position), (0, 7), textcoords="offset points",
                      ha="center", fontsize=7.5)  # fmt: skip
    _name_rows(axes, [names[name] for name in rows["candidate"]])
    axes.set_xlabel(words("charts.comparison.axis"))
    show_numbers(axes, words, "x", digits=2)
    return figure


def _name_rows(axes: Axes, names: list[str]) -> None:
    name_rows(axes, names, 24)
    axes.set_ylim(-0.6, len(names) - 0.3)
    axes.grid(visible=False, axis="y")


@styled
def draw_roc(
    curves: pd.DataFrame, evaluation: dict[str, Any], names: dict[str, str], words: Words
) -> Figure:
    """Draw the ROC curves and the point of the champion's threshold."""
    auc = evaluation["metrics"]["roc_auc"]
    title = words("charts.roc.title", auc=words.share(auc["value"]))
    figure, axes = _square(title, words("charts.roc.description"))
    _curves(axes, curves, "false_positive_rate", "true_positive_rate", names)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    confusion = _counts(evaluation)
    steady = confusion["false_positive"] + confusion["true_negative"]
    declined = confusion["true_positive"] + confusion["false_negative"]
    point = confusion["false_positive"] / steady, confusion["true_positive"] / declined
    _mark_threshold(axes, point, evaluation, words)
    axes.set_xlabel(words("charts.roc.x"))
    axes.set_ylabel(words("charts.roc.y"))
    show_shares(axes, words, "x")
    show_shares(axes, words, "y")
    axes.legend(loc="lower right")
    return figure


@styled
def draw_precision_recall(
    curves: pd.DataFrame, evaluation: dict[str, Any], names: dict[str, str], words: Words
) -> Figure:
    """Draw the precision–recall curves and the point of the champion's threshold."""
    at = evaluation["at_threshold"]
    found, right = words.share(at["recall"]["value"]), words.share(at["precision"]["value"])
    title = words("charts.precision_recall.title", found=found, right=right)
    figure, axes = _square(title, words("charts.precision_recall.description"))
    _curves(axes, curves, "recall", "precision", names)
    axes.axhline(evaluation["prevalence"], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    point = at["recall"]["value"], at["precision"]["value"]
    _mark_threshold(axes, point, evaluation, words)
    axes.set_xlabel(words("charts.precision_recall.x"))
    axes.set_ylabel(words("charts.precision_recall.y"))
    axes.set_ylim(0, 1.03)
    show_shares(axes, words, "x")
    show_shares(axes, words, "y")
    axes.legend(loc="lower left")
    return figure


def _square(title: str, description: str) -> tuple[Figure, Axes]:
    figure = new_figure(title, description, NORMAL, 4.2)
    return figure, figure.subplots()


def _curves(axes: Axes, curves: pd.DataFrame, x: str, y: str, names: dict[str, str]) -> None:
    for (champion, candidate), line in curves.groupby(["champion", "candidate"]):
        colour, width, order = (DECLINED, 2.2, 3) if champion else (_OTHER, 0.9, 2)
        label = names[str(candidate)] if champion else None
        (drawn,) = axes.plot(line[x], line[y], color=colour, linewidth=width, zorder=order,
                             label=label)  # fmt: skip
        hint(drawn, names[str(candidate)])


def _mark_threshold(
    axes: Axes, point: tuple[float, float], evaluation: dict[str, Any], words: Words
) -> None:
    value = words.share(evaluation["threshold"]["value"])
    label = words("charts.threshold", threshold=value)
    axes.plot(*point, "o", color="white", markeredgecolor=INK, markersize=8, zorder=5, label=label)


def _counts(evaluation: dict[str, Any]) -> dict[str, int]:
    return {cell: int(count["value"]) for cell, count in evaluation["confusion"].items()}


@styled
def draw_confusion(evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw the four counts of right and wrong answers at the threshold of costs."""
    counts = _counts(evaluation)
    table = np.array(
        [
            [counts["true_positive"], counts["false_negative"]],
            [counts["false_positive"], counts["true_negative"]],
        ]
    )
    found = words.number(counts["true_positive"])
    title = words("charts.confusion.title", found=found, declined=words.number(table[0].sum()))
    figure = new_figure(title, words("charts.confusion.description"), NORMAL, 3.4)
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


@styled
def draw_calibration(
    calibration: pd.DataFrame,
    distribution: pd.DataFrame,
    evaluation: dict[str, Any],
    words: Words,
) -> Figure:
    """Draw predicted against observed shares with the band of chance, and the spread of scores."""
    verdict = "good" if evaluation["calibration"]["well_calibrated"] else "poor"
    figure = new_figure(
        words(f"charts.calibration.title_{verdict}"),
        words("charts.calibration.description"),
        NORMAL,
        4.6,
    )
    axes, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    x = calibration["mean_predicted"]
    low, high = calibration["chance_low"], calibration["chance_high"]
    axes.fill_between(x, low, high, color=STEADY, alpha=0.18, linewidth=0,
                      label=words("charts.calibration.chance"))  # fmt: skip
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.plot(x, calibration["observed_share"], "o-", color=DECLINED, markersize=5, linewidth=1.2,
              label=words("charts.calibration.observed"))  # fmt: skip
    axes.set_ylabel(words("charts.calibration.y"))
    axes.legend(loc="upper left")
    show_shares(axes, words, "y")
    for declined, bars in distribution.groupby("declined"):
        group = "declined" if declined else "steady"
        edges = [*bars["p_low"], bars["p_high"].iloc[-1]]
        below.stairs(bars["customers"], edges, fill=True, alpha=0.55, color=GROUP_COLOURS[group],
                     label=words(f"groups.{group}"))  # fmt: skip
    below.set_ylabel(words("charts.calibration.customers"))
    below.set_xlabel(words("charts.calibration.x"))
    below.legend(loc="upper center", ncols=2)
    show_shares(below, words, "x")
    show_numbers(below, words, "y")
    return figure


@styled
def draw_lift(lift: pd.DataFrame, evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw how many times more declined are among the first of the list than among all."""
    at = evaluation["lift"]
    title = words(
        "charts.lift.title", share=words.share(at["share"]), lift=words.number(at["value"], 1)
    )
    figure = new_figure(title, words("charts.lift.description"), NORMAL, 3.4)
    axes = figure.subplots()
    x = lift["share"]
    axes.plot(x, lift["lift_ceiling"], color=MUTED, linewidth=1, linestyle=(0, (4, 3)),
              label=words("charts.lift.ceiling"))  # fmt: skip
    axes.fill_between(x, lift["low"], lift["high"], color=DECLINED, alpha=0.18, linewidth=0)
    axes.plot(x, lift["lift"], color=DECLINED, label=words("charts.lift.model"))
    axes.axhline(1, color=MUTED, linewidth=0.8)
    axes.set_ylim(0.9, max(lift["lift_ceiling"].max(), lift["high"].max()) * 1.04)
    axes.set_xlabel(words("charts.lift.x"))
    axes.set_ylabel(words("charts.lift.y"))
    axes.legend(loc="upper right")
    show_shares(axes, words, "x")
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    show_numbers(axes, words, "y", digits=1)
    return figure


@styled
def draw_learning_curve(curve: pd.DataFrame, words: Words) -> Figure:
    """Draw how the ROC-AUC grows with the number of customers learned from."""
    gain = curve["mean"].iloc[-1] - curve["mean"].iloc[len(curve) // 2]
    title = words(
        "charts.learning.title",
        gain=words.number(gain, 3, sign=True),
        low=words.number(curve["customers"].iloc[len(curve) // 2]),
        high=words.number(curve["customers"].iloc[-1]),
    )
    figure = new_figure(title, words("charts.learning.description"), NORMAL, 3.4)
    axes = figure.subplots()
    x = curve["customers"]
    axes.fill_between(x, curve["ci_low"], curve["ci_high"], color=DECLINED, alpha=0.18, linewidth=0)
    axes.plot(x, curve["mean"], "o-", color=DECLINED, markersize=5)
    axes.set_xlabel(words("charts.learning.x"))
    axes.set_ylabel(words("charts.learning.y"))
    show_numbers(axes, words, "x")
    show_numbers(axes, words, "y", digits=2)
    return figure


@styled
def draw_groups(groups: pd.DataFrame, evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw the champion's ROC-AUC in groups of customers."""
    overall = evaluation["metrics"]["roc_auc"]["value"]
    shown = groups[groups["roc_auc"].notna()]
    if shown.empty:
        title = words("charts.groups.none")
        figure = new_figure(title, words("charts.groups.description"), NORMAL, 0.8)
        figure.subplots().set_axis_off()
        return figure
    worst = shown.nsmallest(1, "roc_auc").iloc[0]
    title = words(
        "charts.groups.title", group=_group(worst["group"], worst["grouping"], words),
        auc=words.number(worst["roc_auc"], 2),
    )  # fmt: skip
    groupings = list(shown["grouping"].unique())
    counts = [(shown["grouping"] == grouping).sum() for grouping in groupings]
    height = 0.33 * sum(counts) + 0.3 * len(counts) + 0.8
    figure = new_figure(title, words("charts.groups.description"), NORMAL, height)
    every = figure.subplots(
        len(groupings), 1, squeeze=False, sharex=True, gridspec_kw={"height_ratios": counts}
    )[:, 0]
    for axes, grouping in zip(every, groupings, strict=True):
        rows = shown[shown["grouping"] == grouping].iloc[::-1]
        axes.axvline(overall, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        for position, row in enumerate(rows.to_dict("records")):
            few = row["note"] == "too_few"
            colour = _OTHER if few else STEADY
            axes.hlines(position, row["ci_low"], row["ci_high"], color=colour, lw=3, alpha=0.45)
            (dot,) = axes.plot(row["roc_auc"], position, "o", color=colour, markersize=6)
            size = words.number(row["customers"])
            hint(dot, f"{plain(row['group'])}: {words.number(row['roc_auc'], 3)} (n = {size})")
        _name_rows(axes, [_group(name, grouping, words) for name in rows["group"]])
        axes.set_title(words(f"charts.groups.names.{grouping}"))
    every[-1].set_xlabel(words("charts.groups.axis"))
    show_numbers(every[-1], words, "x", digits=2)
    return figure


def _group(name: object, grouping: object, words: Words) -> str:
    text = plain(name)
    return words("charts.groups.days", band=text) if grouping == "tenure" else text
