"""What the data looks like before any model."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation

from oneclick.exploration.parameters import BEYOND_CHANCE
from oneclick.report.charts import style
from oneclick.report.charts.style import DECLINED, NORMAL, REFERENCE, STEADY, WIDE
from oneclick.report.findings import revenue_change
from oneclick.texts.words import Words, plain


def draw_histograms(histograms: pd.DataFrame, dependencies: pd.DataFrame, words: Words) -> Figure:
    """Draw the spread of every numeric indicator by class, most telling indicators first."""
    tied = _with_target(dependencies)
    telling = tied.set_index("feature")["phik"]
    features = sorted(histograms["feature"].unique(), key=lambda name: -telling.get(name, 0.0))
    rows = -(-len(features) // 4)
    title = _most_tied(tied[tied["feature"].isin(features)], words)
    figure = style.new_figure(
        words, "histograms", WIDE, 1.75 * rows + 0.5, count=len(features), **title
    )
    for axes, feature in style.add_plots(figure, features, 4):
        _histogram(axes, histograms[histograms["feature"] == feature], words)
        style.show_values(axes.xaxis, feature, words)
        axes.set_title("\n".join(style.wrapped(words.column(feature), 26)), fontsize=8.5)
        axes.set_xlabel(words.unsaid_unit(feature), fontsize=8)
    _legend_above(figure.axes[:4])
    return figure


def _legend_above(row: list[Axes]) -> None:
    """Name the classes above the titles of the first row; lines of a title keep the place free."""
    first, lines = row[0], max(axes.get_title(loc="left").count("\n") for axes in row) + 2
    title = first.get_title(loc="left")
    first.set_title("\n" * (lines - 1 - title.count("\n")) + title, fontsize=8.5)
    inches = (1.2 * 8.5 * lines + 6) / 72
    above = ScaledTranslation(0, inches, first.figure.dpi_scale_trans)
    legend = first.legend(loc="upper left", bbox_to_anchor=(0, 1), borderpad=0, borderaxespad=0,
                          bbox_transform=first.transAxes + above, ncols=3)  # fmt: skip
    legend.set_in_layout(False)


def _histogram(axes: Axes, bars: pd.DataFrame, words: Words) -> None:
    for group, mine in bars.groupby("group", sort=False):
        edges, colour = [*mine["low"], mine["high"].iloc[-1]], style.GROUP_COLOURS[str(group)]
        axes.stairs(mine["share"], edges, fill=True, color=colour, alpha=0.25)
        axes.stairs(mine["share"], edges, color=colour, linewidth=1.3,
                    label=words(f"groups.{group}"))  # fmt: skip
    below_one = bars["high"].max() <= 1
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=not below_one, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(3))
    axes.tick_params(labelsize=7.5)
    style.show_shares(axes.yaxis, words)


def draw_levels(levels: pd.DataFrame, words: Words) -> Figure:
    """Draw the share of declined customers at each level of the categorical indicators."""
    counts = levels["feature"].value_counts(sort=False).sort_values(ascending=False, kind="stable")
    known = levels.dropna(subset="declined_share")
    overall = known["declined"].sum() / max(known["customers"].sum(), 1)
    title = _extremes(known[known["feature"] == counts.index[0]], words)
    figure = style.new_figure(words, "levels", NORMAL, 0.36 * len(levels) + 1.1, **title)
    heights = {"height_ratios": list(counts)}
    plots = style.add_plots(figure, list(counts.index), 1, sharex=True, gridspec_kw=heights)
    for axes, feature in plots:
        mine = levels[levels["feature"] == feature].sort_values("declined_share")
        names = [_level(level, words) for level in mine["level"]]
        axes.axvline(overall, **REFERENCE)
        for position, row in enumerate(mine.to_dict("records")):
            interval = [row[edge] for edge in ("low", "declined_share", "high")]
            share, size = words.share(row["declined_share"]), words.number(row["customers"])
            text = f"{names[position]}: {share} (n = {size})"
            style.mark_interval(axes, position, interval, DECLINED, text)
        style.name_rows(axes, names, 24)
        axes.set_title(words.column(feature))
    style.show_shares(axes.xaxis, words, "levels.axis")
    return figure


def _extremes(known: pd.DataFrame, words: Words) -> dict[str, str]:
    """The levels where the share of declined is greatest and least, and which title names them."""
    if len(known) < 2:
        return {"variant": "unlabelled"}
    ordered, title = known.sort_values("declined_share"), {}
    shares = [words.share(share) for share in ordered["declined_share"]]
    for end, place in (("least", 0), ("most", -1)):
        title[end] = plain(_level(ordered["level"].iloc[place], words), 40)
        title[f"{end}_share"] = shares[place]
    low, high = ordered["low"].to_numpy(), ordered["high"].to_numpy()
    if high[0] >= low[1:].min() or low[-1] <= high[:-1].max():  # another may be the real extreme
        title["variant"] = "tied"
    return title


def _level(level: object, words: Words) -> str:
    return str(words.entry("charts.levels.names").get(str(level), plain(level)))


def draw_months(months: pd.DataFrame, words: Words) -> Figure:
    """Draw mean revenue and mean minutes by month and class."""
    indicators = list(months["indicator"].unique())
    figure = style.new_figure(words, "months", WIDE, 3.1, **_changes(months, words))
    for axes, indicator in style.add_plots(figure, indicators, len(indicators)):
        mine = months[months["indicator"] == indicator]
        for group, line in mine.groupby("group"):
            half, colour = (line["high"] - line["low"]) / 2, style.GROUP_COLOURS[str(group)]
            axes.errorbar(
                line["month"], line["mean"], half, color=colour, marker="o", markersize=5,
                capsize=3, elinewidth=1, label=words(f"groups.{group}"),
            )  # fmt: skip
        ticks = sorted(mine["month"].unique())
        axes.set_xticks(ticks, [words.entry("charts.months.names")[int(-month)] for month in ticks])
        axes.set_xlim(ticks[0] - 0.35, ticks[-1] + 0.35)
        axes.set_title(words(f"charts.months.{indicator}"))
        axes.locator_params(axis="y", nbins=5)
        style.show_numbers(axes.yaxis, words)
    axes.legend(loc="best")  # the minutes of the two classes lie apart
    return figure


def _changes(months: pd.DataFrame, words: Words) -> dict[str, str]:
    """How the declined changed and differ by more than chance, and which title says it."""
    change = revenue_change(months)
    if change is None:
        return {"variant": "unlabelled"}
    current = months[(months["indicator"] == "minutes") & (months["month"] == 0)]
    declined, steady = (
        current[current["group"] == group].iloc[0] for group in ("declined", "steady")
    )
    minutes = declined["mean"] / steady["mean"] - 1 if steady["mean"] > 0 else 0.0
    apart = declined["low"] > steady["high"] or declined["high"] < steady["low"]
    if not apart or not round(100 * minutes):
        return {"variant": "unlabelled"}
    differ = words(f"charts.months.differ.{'down' if minutes < 0 else 'up'}")
    told = {**change.told(words), "differ": differ, "minutes": words.share(abs(minutes))}
    return {**told, "variant": "" if change.clear else "minutes"}


def draw_phik(dependencies: pd.DataFrame, words: Words) -> Figure:
    """Draw the matrix of phik; figures that may be chance are greyed, their cells uncoloured."""
    names = _ordered(dependencies)
    place = {name: position for position, name in enumerate(names)}
    matrix = np.full((len(names), len(names)), np.nan)
    figure = style.new_figure(words, "phik", WIDE, 7.4, **_strongest(dependencies, words))
    axes = figure.subplots()
    for first, second, phik, significance in dependencies.itertuples(index=False):
        row, column = sorted((place[first], place[second]), reverse=True)
        colour = "#727c88"
        if significance >= BEYOND_CHANCE:
            matrix[row, column], colour = phik, style.text_on(style.DEPTH_MAP(phik))
        text = axes.text(column, row, words.number(phik, 2), ha="center", va="center",
                         color=colour, fontsize=7.5)  # fmt: skip
        text.set_in_layout(False)  # it lies inside; measuring it would only take time
        pair = f"{words.column(first)} × {words.column(second)}"
        style.hint(text, _tie(pair, phik, significance, words))
    style.draw_matrix(axes, matrix, cmap=style.DEPTH_MAP, vmin=0, vmax=1, linewidth=1.5)
    labels = [words.column(name) for name in names]
    axes.set_xticks(range(len(names) - 1), labels[:-1], rotation=40, ha="right",
                    rotation_mode="anchor", fontsize=8)  # fmt: skip
    axes.set_yticks(range(1, len(names)), labels[1:], fontsize=8)
    axes.set_xlim(-0.5, len(names) - 1.5)
    axes.set_ylim(len(names) - 0.5, 0.5)
    return figure


def _strongest(dependencies: pd.DataFrame, words: Words) -> dict[str, str]:
    """Which two indicators depend on each other most, if any two certainly do."""
    indicators = (dependencies[["first", "second"]] != "declined").all(axis="columns")
    sure = dependencies[indicators & (dependencies["significance"] >= BEYOND_CHANCE)]
    if sure.empty:
        return {"variant": "none"}
    most = sure.nlargest(1, "phik").iloc[0]
    pair = {side: words.column(most[side]) for side in ("first", "second")}
    return {**pair, "phik": words.number(most["phik"], 2)}


def _tie(pair: str, phik: float, significance: float, words: Words) -> str:
    """The hint that says how strong a dependence is."""
    sigma = words.number(significance, 1)
    return words("charts.phik.hint", pair=pair, phik=words.number(phik, 2), sigma=sigma)


def _ordered(dependencies: pd.DataFrame) -> list[str]:
    """The target first, then columns by their dependence on it."""
    known = list(_with_target(dependencies)["feature"])
    names = sorted({*dependencies["first"], *dependencies["second"]})
    return list(dict.fromkeys(["declined", *known, *names])) if known else names


def _with_target(dependencies: pd.DataFrame) -> pd.DataFrame:
    """The dependence of each ``feature`` on the target, the strongest first."""
    ours = dependencies[(dependencies[["first", "second"]] == "declined").any(axis="columns")]
    feature = ours["first"].where(ours["first"] != "declined", ours["second"])
    return ours.assign(feature=feature)[["feature", "phik", "significance"]]


def _most_tied(tied: pd.DataFrame, words: Words) -> dict[str, str]:
    """Which indicator is tied to the decline most, if any certainly is, and which title says it."""
    if tied.empty:
        return {"variant": "unlabelled"}
    sure = tied[tied["significance"] >= BEYOND_CHANCE].nlargest(1, "phik")
    return {"feature": words.column(sure["feature"].iloc[0])} if len(sure) else {"variant": "none"}


def draw_target_dependence(dependencies: pd.DataFrame, words: Words) -> Figure:
    """Draw how strongly each column is tied to the decline."""
    bars = _with_target(dependencies).sort_values("phik")
    names = [words.column(name) for name in bars["feature"]]
    height = 0.3 * len(bars) + 0.8
    figure = style.new_figure(words, "target", NORMAL, height, **_most_tied(bars, words))
    axes = figure.subplots()
    ties = list(zip(names, bars["phik"], bars["significance"], strict=True))
    colours = np.where(bars["significance"] >= BEYOND_CHANCE, DECLINED, "#c7ccd3")
    style.draw_bars(axes, bars["phik"], [_tie(*tie, words) for tie in ties], color=colours)
    for position, (_, phik, _) in enumerate(ties):
        axes.text(phik + 0.01, position, words.number(phik, 2), va="center", fontsize=8)
    style.name_rows(axes, names, 30, size=8)
    axes.set_xlim(0, 1)
    style.show_numbers(axes.xaxis, words, "target.axis")
    return figure


def draw_pairs(cells: pd.DataFrame, words: Words) -> Figure:
    """Draw where the declined lie in the plane of two indicators."""
    if cells.empty:
        return style.draw_nothing(words, "pairs")
    pairs = list(cells[["first", "second"]].drop_duplicates().itertuples(index=False))
    figure = style.new_figure(words, "pairs", WIDE, 3.3)
    largest = cells["customers"].max()
    for axes, (first, second) in style.add_plots(figure, pairs, len(pairs)):
        mine = cells[(cells["first"] == first) & (cells["second"] == second)]
        x, y = ((mine[f"{side}_low"] + mine[f"{side}_high"]) / 2 for side in ("first", "second"))
        dots = axes.scatter(
            x, y, s=95 * np.sqrt(mine["customers"] / largest), edgecolors="#8f98a3", linewidths=0.3,
            c=mine["declined_share"], cmap=style.RISK_MAP, vmin=0, vmax=1, plotnonfinite=True,
        )  # fmt: skip
        axes.tick_params(labelsize=7)
        axes.locator_params(nbins=4)
        # From an edge, lines stay aligned in a page whose type is narrower.
        axes.set_xlabel(_with_unit(first, words), fontsize=8, loc="left")
        axes.set_ylabel(_with_unit(second, words), fontsize=8, loc="bottom")
        style.show_values(axes.xaxis, first, words)
        style.show_values(axes.yaxis, second, words)
    bar = figure.colorbar(dots, ax=list(figure.axes), shrink=0.9, aspect=25, pad=0.01)
    bar.set_label(words("charts.pairs.colour"), fontsize=8)
    bar.outline.set_visible(False)
    style.show_shares(bar.ax.yaxis, words)
    return figure


def _with_unit(feature: str, words: Words) -> str:
    name = ", ".join(filter(None, (words.column(feature), words.unsaid_unit(feature))))
    return "\n".join(style.wrapped(name, 24, lines=3))


def draw_profit(cells: pd.DataFrame, words: Words) -> Figure:
    """Draw monthly profit against mean monthly revenue, with the line that none should cross."""
    implausible, customers = int(cells["implausible"].sum()), int(cells["customers"].sum())
    count, whole = (words.count(n, "customers_genitive") for n in (implausible, customers))
    figure = style.new_figure(
        words, "profit", WIDE, 3.6, "" if implausible else "none", count=count,
        implausible=words.number(implausible), customers=whole,
        doubt=words("charts.profit.doubt") if implausible else "",
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
    style.show_numbers(axes.xaxis, words, "profit.x")
    style.show_numbers(axes.yaxis, words, "profit.y")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), markerscale=0.8)  # points lie all over
    return figure
