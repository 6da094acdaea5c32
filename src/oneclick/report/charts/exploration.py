"""What the data looks like before any model."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oneclick.report.charts.style import (
    DECLINED,
    DEPTH_MAP,
    FAINT,
    GROUP_COLOURS,
    INK,
    NORMAL,
    REFERENCE,
    RISK_MAP,
    STEADY,
    WIDE,
    hint,
    mark_interval,
    name_rows,
    new_figure,
    show_numbers,
    show_shares,
    wrapped,
)
from oneclick.report.words import Words, plain

_CHANCE = 5.0  # standard deviations; what lies below may be chance


def draw_histograms(histograms: pd.DataFrame, dependencies: pd.DataFrame, words: Words) -> Figure:
    """Draw the spread of every numeric indicator by class, most telling indicators first."""
    telling = _with_target(dependencies).set_index("feature")["phik"]
    drawn = list(histograms["feature"].unique())
    features = sorted(drawn, key=lambda name: -telling.get(name, 0.0))
    rows = -(-len(features) // 4)
    figure = new_figure(
        words, "histograms", WIDE, 1.75 * rows + 0.5, "" if len(telling) else "unlabelled",
        feature=words.column(features[0]), count=len(features),
    )  # fmt: skip
    every = figure.subplots(rows, 4, squeeze=False).ravel()
    for axes, feature in zip(every, features, strict=False):
        _histogram(axes, histograms[histograms["feature"] == feature], words)
        axes.set_title("\n".join(wrapped(words.column(feature), 26)), fontsize=8.5)
        axes.set_xlabel(words.unit(feature), fontsize=8)
    for axes in every[len(features) :]:
        axes.set_axis_off()
    handles, labels = every[0].get_legend_handles_labels()
    place = every[-1] if len(features) < len(every) else every[0]
    place.legend(handles, labels, loc="best")
    return figure


def _histogram(axes: Axes, bars: pd.DataFrame, words: Words) -> None:
    for group, mine in bars.groupby("group", sort=False):
        edges = [*mine["low"], mine["high"].iloc[-1]]
        colour = GROUP_COLOURS[str(group)]
        axes.stairs(mine["share"], edges, fill=True, color=colour, alpha=0.25)
        label = words(f"groups.{group}")
        axes.stairs(mine["share"], edges, color=colour, linewidth=1.3, label=label)
    below_one = bars["high"].max() <= 1
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=not below_one, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.tick_params(labelsize=7.5)
    show_shares(axes.yaxis, words)
    show_numbers(axes.xaxis, words, digits=int(below_one))


def draw_levels(levels: pd.DataFrame, words: Words) -> Figure:
    """Draw the share of declined customers at each level of the categorical indicators."""
    features = sorted(
        levels["feature"].unique(), key=lambda name: -(levels["feature"] == name).sum()
    )
    counts = [(levels["feature"] == feature).sum() for feature in features]
    known = levels.dropna(subset="declined_share")
    overall = known["declined"].sum() / max(known["customers"].sum(), 1)
    height = 0.36 * sum(counts) + 1.1
    told = _extremes(levels[levels["feature"] == features[0]], words)
    figure = new_figure(words, "levels", NORMAL, height, "" if told else "unlabelled", **told)
    every = figure.subplots(
        len(features), 1, squeeze=False, sharex=True, gridspec_kw={"height_ratios": counts}
    )
    for axes, feature in zip(every[:, 0], features, strict=True):
        mine = levels[levels["feature"] == feature].sort_values("declined_share")
        axes.axvline(overall, **REFERENCE)
        for position, row in enumerate(mine.to_dict("records")):
            share, size = words.share(row["declined_share"]), words.number(row["customers"])
            text = f"{_level(row['level'], words)}: {share} (n = {size})"
            low, high = row["low"], row["high"]
            mark_interval(axes, position, low, row["declined_share"], high, DECLINED, text)
        name_rows(axes, [_level(name, words) for name in mine["level"]], 24)
        axes.set_title(words.column(feature))
    show_shares(axes.xaxis, words, "levels.axis")
    return figure


def _extremes(levels: pd.DataFrame, words: Words) -> dict[str, str]:
    """The levels where the share of declined is greatest and least, if the shares are known."""
    known = levels.dropna(subset="declined_share").sort_values("declined_share")
    if len(known) < 2:
        return {}
    least, most = known.iloc[0], known.iloc[-1]
    return {
        "most": plain(_level(most["level"], words), 40),
        "most_share": words.share(most["declined_share"]),
        "least": plain(_level(least["level"], words), 40),
        "least_share": words.share(least["declined_share"]),
    }


def _level(level: object, words: Words) -> str:
    return str(words.entry("charts.levels.names").get(str(level), plain(level)))


def draw_months(months: pd.DataFrame, words: Words) -> Figure:
    """Draw mean revenue and mean minutes by month and class."""
    indicators = list(months["indicator"].unique())
    figure = new_figure(words, "months", NORMAL, 3.1, **_changes(months, words))
    every = figure.subplots(1, len(indicators), squeeze=False)[0]
    for axes, indicator in zip(every, indicators, strict=True):
        mine = months[months["indicator"] == indicator]
        for group, line in mine.groupby("group"):
            half = (line["high"] - line["low"]) / 2
            colour = GROUP_COLOURS[str(group)]
            axes.errorbar(
                line["month"], line["mean"], half, color=colour, marker="o", markersize=5,
                capsize=3, elinewidth=1, label=words(f"groups.{group}"),
            )  # fmt: skip
        ticks = sorted(mine["month"].unique())
        axes.set_xticks(ticks, [words.entry("charts.months.names")[int(-month)] for month in ticks])
        axes.set_xlim(ticks[0] - 0.35, ticks[-1] + 0.35)
        axes.set_title(words(f"charts.months.{indicator}"))
        axes.locator_params(axis="y", nbins=5)
        show_numbers(axes.yaxis, words)
    every[-1].legend(loc="best")  # the minutes of the two classes lie apart
    return figure


def _changes(months: pd.DataFrame, words: Words) -> dict[str, str]:
    """How the declined changed and differ, and which title says it."""
    means = months.set_index(["indicator", "group", "month"])["mean"].sort_index()
    try:
        revenue = means["revenue", "declined"]
        minutes = means["minutes", "declined", 0] / means["minutes", "steady", 0] - 1
    except KeyError:
        return {"variant": "unlabelled"}
    return {
        "variant": "less" if minutes < 0 else "more",
        "revenue": words.share(revenue.iloc[-1] / revenue.iloc[0] - 1, sign=True),
        "minutes": words.share(abs(minutes)),
    }


def draw_phik(dependencies: pd.DataFrame, words: Words) -> Figure:
    """Draw the matrix of phik; figures that may be chance are greyed."""
    names = _ordered(dependencies)
    place = {name: position for position, name in enumerate(names)}
    matrix = np.full((len(names), len(names)), np.nan)
    figure = new_figure(words, "phik", WIDE, 7.4)
    axes = figure.subplots()
    for first, second, phik, significance in dependencies.itertuples(index=False):
        row, column = sorted((place[first], place[second]), reverse=True)
        matrix[row, column] = phik
        dark = phik > 0.65
        colour = "white" if dark else (INK if significance >= _CHANCE else "#727c88")
        number = words.number(phik, 2)
        text = axes.text(column, row, number, ha="center", va="center", color=colour, fontsize=7.5)
        text.set_in_layout(False)  # it lies inside; measuring it would only take time
        pair = f"{words.column(first)} × {words.column(second)}"
        sigma = words.number(significance, 1)
        hint(text, words("charts.phik.hint", pair=pair, phik=number, sigma=sigma))
    corners = np.arange(len(names) + 1) - 0.5
    axes.pcolormesh(corners, corners, matrix, cmap=DEPTH_MAP, vmin=0, vmax=1, edgecolors="white",
                    linewidth=1.5)  # fmt: skip
    short = [plain(words.column(name), 36) for name in names]
    axes.set_xticks(range(len(names) - 1), short[:-1], rotation=40, ha="right",
                    rotation_mode="anchor", fontsize=8)  # fmt: skip
    axes.set_yticks(range(1, len(names)), short[1:], fontsize=8)
    axes.set_xlim(-0.5, len(names) - 1.5)
    axes.set_ylim(len(names) - 0.5, 0.5)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure


def _ordered(dependencies: pd.DataFrame) -> list[str]:
    """The target first, then columns by their dependence on it."""
    with_target = _with_target(dependencies)
    names = sorted(set(dependencies["first"]) | set(dependencies["second"]))
    if with_target.empty:
        return names
    known = list(with_target["feature"])
    return ["declined", *known, *(name for name in names if name not in {"declined", *known})]


def _with_target(dependencies: pd.DataFrame) -> pd.DataFrame:
    ours = dependencies[(dependencies[["first", "second"]] == "declined").any(axis="columns")]
    feature = ours["first"].where(ours["first"] != "declined", ours["second"])
    return ours.assign(feature=feature)[["feature", "phik", "significance"]]


def draw_target_dependence(dependencies: pd.DataFrame, words: Words) -> Figure:
    """Draw how strongly each column is tied to the decline."""
    bars = _with_target(dependencies).sort_values("phik")
    strongest = words.column(bars["feature"].iloc[-1]) if len(bars) else ""
    figure = new_figure(words, "target", NORMAL, 0.3 * len(bars) + 0.8,
                        "" if strongest else "unlabelled", feature=strongest)  # fmt: skip
    axes = figure.subplots()
    for position, row in enumerate(bars.to_dict("records")):
        colour = DECLINED if row["significance"] >= _CHANCE else "#c7ccd3"
        (bar,) = axes.barh(position, row["phik"], color=colour, height=0.62)
        phik, sigma = words.number(row["phik"], 2), words.number(row["significance"], 1)
        pair = words.column(row["feature"])
        hint(bar, words("charts.phik.hint", pair=pair, phik=phik, sigma=sigma))
        axes.text(row["phik"] + 0.01, position, phik, va="center", fontsize=8)
    name_rows(axes, [words.column(name) for name in bars["feature"]], 30, size=8)
    axes.set_xlim(0, 1)
    show_numbers(axes.xaxis, words, "target.axis", digits=1)
    return figure


def draw_pairs(cells: pd.DataFrame, words: Words) -> Figure:
    """Draw where the declined lie in the plane of two indicators."""
    pairs = list(cells[["first", "second"]].drop_duplicates().itertuples(index=False))
    first, second = (words.column(name) for name in pairs[0])
    figure = new_figure(words, "pairs", WIDE, 3.3, first=first, second=second)
    every = figure.subplots(1, len(pairs), squeeze=False)[0]
    largest = cells["customers"].max()
    for axes, (first, second) in zip(every, pairs, strict=False):
        mine = cells[(cells["first"] == first) & (cells["second"] == second)]
        x, y = ((mine[f"{side}_low"] + mine[f"{side}_high"]) / 2 for side in ("first", "second"))
        sizes = 95 * np.sqrt(mine["customers"] / largest)
        dots = axes.scatter(x, y, s=sizes, c=mine["declined_share"], cmap=RISK_MAP, vmin=0, vmax=1,
                            plotnonfinite=True,
                            edgecolors="#8f98a3", linewidths=0.3)  # fmt: skip
        axes.set_xlabel(plain(_with_unit(first, words), 34), fontsize=8)
        axes.set_ylabel(plain(_with_unit(second, words), 38), fontsize=8)
        axes.tick_params(labelsize=7)
        axes.locator_params(nbins=4)
        show_numbers(axes.xaxis, words)
        show_numbers(axes.yaxis, words)
    bar = figure.colorbar(dots, ax=list(every), shrink=0.9, aspect=25, pad=0.01)
    bar.set_label(words("charts.pairs.colour"), fontsize=8)
    bar.outline.set_visible(False)
    show_shares(bar.ax.yaxis, words)
    return figure


def _with_unit(feature: str, words: Words) -> str:
    unit = words.unit(feature)
    return f"{words.column(feature)}, {unit}" if unit else words.column(feature)


def draw_profit(cells: pd.DataFrame, words: Words) -> Figure:
    """Draw monthly profit against mean monthly revenue, with the line that none should cross."""
    implausible, customers = int(cells["implausible"].sum()), int(cells["customers"].sum())
    figure = new_figure(
        words, "profit", NORMAL, 3.6, count=words.count(implausible, "customers_genitive"),
        implausible=implausible, customers=customers,
    )  # fmt: skip
    axes = figure.subplots()
    x = (cells["revenue_low"] + cells["revenue_high"]) / 2
    y = (cells["profit_low"] + cells["profit_high"]) / 2
    odd = cells["implausible"] > 0
    sizes = 10 + 60 * cells["customers"] / max(cells["customers"].max(), 1)
    for mask, colour, label in ((~odd, STEADY, "usual"), (odd, DECLINED, "odd")):
        axes.scatter(x[mask], y[mask], s=sizes[mask], color=colour, alpha=0.6, linewidths=0,
                     label=words(f"charts.profit.{label}"))  # fmt: skip
    line = [min(x.min(), y.min()), max(x.max(), y.max())]
    axes.plot(line, line, **REFERENCE)
    axes.set_xlim(cells["revenue_low"].min(), cells["revenue_high"].max())
    axes.set_ylim(min(0, cells["profit_low"].min()), cells["profit_high"].max())
    show_numbers(axes.xaxis, words, "profit.x")
    show_numbers(axes.yaxis, words, "profit.y")
    axes.legend(loc="lower right", markerscale=0.8, facecolor="white", framealpha=0.9, frameon=True,
                edgecolor=FAINT)  # fmt: skip
    return figure
