"""What the champion's score is tied to."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oneclick.report import EXAMPLES
from oneclick.report.charts import style
from oneclick.report.charts.style import DECLINED, MUTED, NARROW, NORMAL, STEADY, WIDE
from oneclick.texts.words import Words, plain

_MOST_FEATURES = 10  # more are not read
_NAMED = 3  # in a title
_CLEAR = 0.7  # rank correlation of value and contribution from which one rises with the other
_DEPENDENCES, _SIDE_BY_SIDE = 6, 3  # how many, and how many of them in a row


def draw_importance(importance: pd.DataFrame, words: Words) -> Figure:
    """Draw the mean absolute contribution of every feature to the score."""
    rows = importance.sort_values("mean_absolute")
    names, sizes = list(map(words.column, rows["feature"])), rows["mean_absolute"]
    height = 0.28 * len(rows) + 0.8
    figure = style.new_figure(words, "importance", NORMAL, height, feature=names[-1])
    axes = figure.subplots()
    hints = [f"{name}: {words.number(size, 2)}" for name, size in zip(names, sizes, strict=True)]
    style.draw_bars(axes, sizes, hints, color=STEADY)
    style.name_rows(axes, names, 30, size=8)
    style.show_numbers(axes.xaxis, words, "importance.axis")
    return figure


def _points_of(feature: str, points: pd.DataFrame) -> pd.DataFrame:
    """The points of a feature in an order of their own.

    In the order of customers, the features of each could be put together again from the chart.
    """
    mine = points[points["feature"] == feature]
    return mine.sort_values(["contribution", "value", "level"])


def draw_beeswarm(points: pd.DataFrame, importance: pd.DataFrame, words: Words) -> Figure:
    """Draw a point per customer and feature: its contribution, coloured by the feature's value."""
    features = list(importance.nlargest(_MOST_FEATURES, "mean_absolute")["feature"])[::-1]
    title = _clear_direction(points, features[::-1], words)
    figure = style.new_figure(words, "beeswarm", NORMAL, 0.36 * len(features) + 1.5, **title)
    axes = figure.subplots()
    axes.axvline(0, color=MUTED, linewidth=0.8)
    for position, feature in enumerate(features):
        mine = _points_of(feature, points)
        contribution = mine["contribution"].to_numpy()
        rank = mine["value"].rank(pct=True)
        colours = style.VALUE_MAP(rank.fillna(0.5)) if rank.notna().any() else "#9aa5b1"
        axes.scatter(contribution, position + _swarm(contribution), s=7, c=colours, lw=0)
    style.name_rows(axes, [words.column(feature) for feature in features], 30, size=8)
    style.show_numbers(axes.xaxis, words, "beeswarm.axis")
    style.show_key(axes, words, "beeswarm", loc="lower left", bbox_to_anchor=(0, 1))
    return figure


def _clear_direction(points: pd.DataFrame, strongest: list[str], words: Words) -> dict[str, str]:
    """Which of the strongest features move the score as the very strongest does, if one way."""
    directions = {}
    for feature in strongest[:_NAMED]:
        mine = points[points["feature"] == feature]
        tie = mine["value"].rank().corr(mine["contribution"].rank())
        directions[feature] = "less" if tie <= -_CLEAR else "more" if tie >= _CLEAR else ""
    direction = directions[strongest[0]]
    if not direction:
        return {}
    alike = [words.quoted(name) for name, its in directions.items() if its == direction]
    return {"variant": direction, "features": ", ".join(alike)}


def _swarm(values: np.ndarray) -> np.ndarray:
    """Heights that keep points of about equal value apart, alternating around the row."""
    bins = np.round(40 * (values - values.min()) / (np.ptp(values) or 1.0)).astype(int)
    steps = pd.Series(bins).groupby(bins).cumcount().to_numpy()
    heights = np.where(steps % 2, 1, -1) * ((steps + 1) // 2)
    return 0.4 * heights / max(np.abs(heights).max(), 1)


def draw_dependence(points: pd.DataFrame, importance: pd.DataFrame, words: Words) -> Figure:
    """Draw how the contribution of the strongest features changes with their value."""
    features = list(importance.nlargest(_DEPENDENCES, "mean_absolute")["feature"])
    rows = -(-len(features) // _SIDE_BY_SIDE)
    figure = style.new_figure(words, "dependence", WIDE, 2.3 * rows + 0.5)
    for axes, feature in style.add_plots(figure, features, _SIDE_BY_SIDE, sharey=True):
        mine = _points_of(feature, points)
        axes.axhline(0, color=MUTED, linewidth=0.8)
        if mine["value"].notna().any():
            colours = np.where(mine["contribution"] > 0, DECLINED, STEADY)
            axes.scatter(mine["value"], mine["contribution"], s=9, c=colours, lw=0, alpha=0.6)
            style.show_values(axes.xaxis, feature, words)
            axes.set_xlabel(words.unsaid_unit(feature), fontsize=8.5)
        else:
            _draw_levels(axes, mine)
        axes.set_title("\n".join(style.wrapped(words.column(feature), 34)), fontsize=9)
        style.show_numbers(axes.yaxis, words)
    for axes in figure.axes[::_SIDE_BY_SIDE]:
        axes.set_ylabel(words("charts.dependence.axis"))
    return figure


def _draw_levels(axes: Axes, points: pd.DataFrame) -> None:
    means = points.groupby("level")["contribution"].mean().sort_values().head(12)
    colours = np.where(means > 0, DECLINED, STEADY)
    axes.bar(range(len(means)), means, color=colours, width=0.6)
    names = [plain(level, 24) for level in means.index]
    axes.set_xticks(range(len(means)), names, rotation=35, ha="right", rotation_mode="anchor",
                    fontsize=7.5)  # fmt: skip


def _draw_example(example: str, examples: pd.DataFrame, words: Words) -> Figure:
    """Draw which features raise and which lower the score of one customer, if there is such."""
    rows = examples[examples["example"] == example]
    if rows.empty:
        return style.draw_nothing(words, "example")
    shown = rows.reindex(rows["contribution"].abs().sort_values().index).tail(7)
    p = words.share(rows["p_decline"].iloc[0])
    figure = style.new_figure(words, "example", NARROW, 0.4 * len(shown) + 0.8, example, p=p)
    axes = figure.subplots()
    axes.axvline(0, color=MUTED, linewidth=0.8)
    hints, names = [], []
    for row in shown.to_dict("records"):
        name = words.column(row["feature"])
        hints.append(f"{name}: {words.number(row['contribution'], 2, sign=True)}")
        names.append(f"{name}: {words.value(row['feature'], row['value'], row['level'])}")
    colours = np.where(shown["contribution"] > 0, DECLINED, STEADY)
    style.draw_bars(axes, shown["contribution"], hints, color=colours, height=0.6)
    style.name_rows(axes, names, 28, size=8)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    style.show_numbers(axes.xaxis, words, "example.axis")
    return figure


draw_early_warning, draw_already_declined, draw_safe = (
    partial(_draw_example, example) for example in EXAMPLES
)
