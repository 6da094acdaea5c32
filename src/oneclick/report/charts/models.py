"""How well the models tell who declined."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oneclick.report.charts import style
from oneclick.report.charts.style import DECLINED, INK, NORMAL, REFERENCE, STEADY
from oneclick.texts.words import Words

_OTHER = "#9aa5b1"
_FEW_POINTS = 3  # of a curve; fewer have no half to compare with the whole


def draw_comparison(comparison: pd.DataFrame, words: Words) -> Figure:
    """Draw the ROC-AUC of every candidate with its interval, the champion in colour."""
    rows = comparison[comparison["metric"] == "roc_auc"].sort_values("mean")
    names = [words.candidate(name) for name in rows["candidate"]]
    height = 0.34 * len(rows) + 0.9
    figure = style.new_figure(words, "comparison", NORMAL, height, **_best(rows, words))
    axes = figure.subplots()
    for position, row in enumerate(rows.to_dict("records")):
        low, middle, high = interval = [row[edge] for edge in ("ci_low", "mean", "ci_high")]
        mean, colour = words.number(middle, 3), DECLINED if row["champion"] else _OTHER
        text = f"{names[position]}: {mean} ({words.interval(low, high)})"
        style.mark_interval(axes, position, interval, colour, text)
        axes.annotate(mean, (middle, position), (0, 7), textcoords="offset points", ha="center",
                      fontsize=7.5)  # fmt: skip
    style.name_rows(axes, names, 24)
    style.show_numbers(axes.xaxis, words, "comparison.axis")
    return figure


def _best(rows: pd.DataFrame, words: Words) -> dict[str, str]:
    """How far the champion is from the best of the candidates, the last of the rows."""
    best, champion = rows.iloc[-1], rows[rows["champion"]].iloc[0]
    behind = best["mean"] - champion["mean"]
    return {
        "variant": "behind" if behind else "",
        "best": words.candidate(best["candidate"]),
        "champion": words.candidate(champion["candidate"]),
        "auc": words.number(best["mean"], 3),
        "behind": words.number(behind, 3),
    }


def draw_roc(curves: pd.DataFrame, evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw the ROC curves and the point of the champion's threshold."""
    auc = words.share(evaluation["metrics"]["roc_auc"]["value"])
    figure = style.new_figure(words, "roc", NORMAL, 4.2, auc=auc)
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], **REFERENCE)
    counts = _counts(evaluation)
    found, marked_in_vain = counts[:, 0] / counts.sum(axis=1)
    point = {"false_positive_rate": marked_in_vain, "true_positive_rate": found}
    _draw_curves(axes, "roc", curves, point, evaluation, words)
    axes.legend(loc="lower right")
    return figure


def draw_precision_recall(curves: pd.DataFrame, evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw the precision–recall curves and the point of the champion's threshold."""
    point = {rate: evaluation["at_threshold"][rate]["value"] for rate in ("recall", "precision")}
    found, right = map(words.share, point.values())
    figure = style.new_figure(words, "precision_recall", NORMAL, 4.2, found=found, right=right)
    axes = figure.subplots()
    axes.axhline(evaluation["prevalence"], **REFERENCE)
    _draw_curves(axes, "precision_recall", curves, point, evaluation, words)
    axes.set_ylim(0, 1.03)
    axes.legend(loc="lower left")
    return figure


def _draw_curves(
    axes: Axes, chart: str, curves: pd.DataFrame, point: dict[str, float],
    evaluation: dict[str, Any], words: Words,
) -> None:  # fmt: skip
    """Draw the candidates' curves in the plane of two rates, and the point of the threshold."""
    for (champion, candidate), line in curves.groupby(["champion", "candidate"]):
        colour, width, order = (DECLINED, 2.2, 3) if champion else (_OTHER, 0.9, 2)
        name = words.candidate(str(candidate))
        (drawn,) = axes.plot(*(line[rate] for rate in point), color=colour, linewidth=width,
                             zorder=order, label=name if champion else None)  # fmt: skip
        style.hint(drawn, name)
    label = words("charts.threshold", threshold=words.share(evaluation["threshold"]["value"]))
    axes.plot(*point.values(), "o", color="white", markeredgecolor=INK, markersize=8, zorder=5,
              label=label)  # fmt: skip
    style.show_shares(axes.xaxis, words, f"{chart}.x")
    style.show_shares(axes.yaxis, words, f"{chart}.y")


def _counts(evaluation: dict[str, Any]) -> np.ndarray:
    """The declined in the first row, the steady in the second; those marked stand first.

    Counts are means over repeats; rounded, they still add up to the customers of a class.
    """
    cells = (("true_positive", "false_negative"), ("false_positive", "true_negative"))
    confusion = evaluation["confusion"]
    table = np.array([[confusion[cell]["value"] for cell in row] for row in cells])
    marked = table[:, 0].round()
    return np.column_stack([marked, table.sum(axis=1).round() - marked]).astype(int)


def draw_confusion(evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw the four counts of right and wrong answers at the threshold of costs."""
    table = _counts(evaluation)
    figure = style.new_figure(
        words, "confusion", NORMAL, 3.4, found=words.number(table[0, 0]),
        declined=words.number(table[0].sum()),
        in_vain=words.count(int(table[1, 0]), "active_genitive"),
    )  # fmt: skip
    axes = figure.subplots()
    shares = table / table.sum(axis=1, keepdims=True)
    style.draw_matrix(axes, shares, cmap=style.DEPTH_MAP, vmin=0, vmax=1, linewidth=4)
    for (row, column), count in np.ndenumerate(table):
        share = shares[row, column]
        place: Any = {
            "ha": "center",
            "va": "center",
            "color": style.text_on(style.DEPTH_MAP(share)),
        }
        axes.text(column, row - 0.08, words.number(count), fontsize=17, **place)
        of_row = words("charts.confusion.of_row", share=words.share(share))
        axes.text(column, row + 0.18, of_row, fontsize=8, **place)
    axes.set_xticks([0, 1], words.entry("charts.confusion.answers"))
    axes.set_yticks([0, 1], words.entry("charts.confusion.classes"), rotation=90, va="center")
    axes.xaxis.tick_top()
    axes.invert_yaxis()
    return figure


def draw_calibration(
    calibration: pd.DataFrame,
    distribution: pd.DataFrame,
    evaluation: dict[str, Any],
    words: Words,
) -> Figure:
    """Draw predicted against observed shares with the band of chance, and the spread of scores."""
    judged = evaluation["calibration"]
    verdict = "poor" if judged["bias_shows"] else "good"
    chance = words.number(judged["chance_p95"], 3)
    figure = style.new_figure(words, "calibration", NORMAL, 4.6, verdict, chance=chance)
    axes, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    x, low, high = (calibration[key] for key in ("mean_predicted", "chance_low", "chance_high"))
    style.draw_band(axes, x, low, high, STEADY, words("charts.calibration.chance"))
    axes.plot([0, 1], [0, 1], **REFERENCE)
    axes.plot(x, calibration["observed_share"], "o-", color=DECLINED, markersize=5, linewidth=1.2,
              label=words("charts.calibration.observed"))  # fmt: skip
    axes.legend(loc="upper left")
    for declined, bars in distribution.groupby("declined"):
        group = "declined" if declined else "steady"
        edges, colour = [*bars["p_low"], bars["p_high"].iloc[-1]], style.GROUP_COLOURS[group]
        below.stairs(bars["customers"], edges, fill=True, alpha=0.55, color=colour,
                     label=words(f"groups.{group}"))  # fmt: skip
    below.set_ylim(0, 1.5 * distribution["customers"].max())  # the legend lies above the bars
    below.legend(loc="upper center", ncols=2)
    style.show_shares(axes.yaxis, words, "calibration.y")
    style.show_shares(below.xaxis, words, "calibration.x")
    style.show_numbers(below.yaxis, words, "calibration.customers")
    return figure


def draw_lift(lift: pd.DataFrame, evaluation: dict[str, Any], words: Words) -> Figure:
    """Draw how many times more declined are among the first of the list than among all."""
    at = evaluation["lift"]
    share, lift_there = words.share(at["share"]), words.number(at["value"], 1)
    figure = style.new_figure(words, "lift", NORMAL, 3.4, share=share, lift=lift_there)
    axes = figure.subplots()
    x, ceiling = lift["share"], lift["lift_ceiling"]
    axes.plot(x, ceiling, **REFERENCE | {"linewidth": 1}, label=words("charts.lift.ceiling"))
    style.draw_band(axes, x, lift["low"], lift["high"], DECLINED)
    axes.plot(x, lift["lift"], color=DECLINED, label=words("charts.lift.model"))
    axes.axhline(1, color=style.MUTED, linewidth=0.8)
    axes.set_ylim(0.9, ceiling.max() * 1.04)
    axes.legend(loc="upper right")
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    style.show_shares(axes.xaxis, words, "lift.x")
    style.show_numbers(axes.yaxis, words, "lift.y")
    return figure


def draw_learning_curve(curve: pd.DataFrame, words: Words) -> Figure:
    """Draw how the ROC-AUC grows with the number of customers learned from."""
    figure = style.new_figure(words, "learning_curve", NORMAL, 3.4, **_learned(curve, words))
    axes = figure.subplots()
    style.draw_band(axes, curve["customers"], curve["ci_low"], curve["ci_high"], DECLINED)
    axes.plot(curve["customers"], curve["mean"], "o-", color=DECLINED, markersize=5)
    style.show_numbers(axes.xaxis, words, "learning_curve.x")
    style.show_numbers(axes.yaxis, words, "learning_curve.y")
    return figure


def _learned(curve: pd.DataFrame, words: Words) -> dict[str, str]:
    """From how many customers on more hardly help, or what the second half of them adds.

    Neither is told of too short a curve, nor of a model that may be guessing.
    """
    half, whole = curve.iloc[(len(curve) - 1) // 2], curve.iloc[-1]
    if len(curve) < _FEW_POINTS or whole["ci_low"] <= 0.5:
        return {"variant": "unclear"}
    apart = (curve["ci_high"] < whole["mean"]) | (curve["ci_low"] > whole["mean"])
    apart.iloc[-1] = False
    from_here_on = ~apart[::-1].cummax()[::-1]
    enough = int(curve.loc[from_here_on, "customers"].min())
    gain = round(whole["mean"] - half["mean"], 3)
    if not gain and enough == whole["customers"]:
        return {"variant": "unclear"}
    if enough <= half["customers"] or not gain:
        return {"variant": "same", "enough": words.count(enough, "customers_genitive")}
    return {
        "variant": "up" if gain > 0 else "down",
        "gain": words.number(abs(gain), 3),
        "low": words.number(half["customers"]),
        "high": words.number(whole["customers"]),
    }
