"""Segments, and what a campaign costs and may bring."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oneclick.report.charts.style import (
    DECLINED,
    INK,
    MUTED,
    NORMAL,
    RISK_MAP,
    STEADY,
    WIDE,
    hint,
    mark_interval,
    name_columns,
    name_rows,
    new_figure,
    show_numbers,
    show_shares,
    wrapped,
)
from oneclick.report.words import Words, plain

_MOST_FEATURES = 12
_DIVIDING = "monthly_profit"  # what segments are divided by tells nothing new of them


def draw_segments(summary: pd.DataFrame, words: Words) -> Figure:
    """Draw the segments by probability of decline and profit; area is the number of customers."""
    filled = summary[summary["customers"] > 0]
    most = filled.nlargest(1, "profit_at_stake").iloc[0]
    figure = new_figure(words, "segments", WIDE, 4.8, segment=plain(most["segment_name"], 60),
                        stake=words.round_money(most["profit_at_stake"]))  # fmt: skip
    axes = figure.subplots()
    for row in filled.to_dict("records"):
        size = 3200 * row["customers"] / filled["customers"].max()
        place = (row["mean_p_decline"], row["mean_profit"])
        colour = RISK_MAP(row["mean_p_decline"])
        dot = axes.scatter(*place, s=size, color=colour,
                           alpha=0.85, edgecolors="white", linewidths=1)  # fmt: skip
        count = words.count(row["customers"], "customers")
        hint(dot, f"{plain(row['segment_name'])}: {count}")
        label = "\n".join([*wrapped(row["segment_name"], 16, lines=3), count])
        axes.annotate(label, place, (0, np.sqrt(size) / 2 + 3), textcoords="offset points",
                      ha="center", va="bottom", fontsize=8)  # fmt: skip
    low, high = filled["mean_profit"].min(), filled["mean_profit"].max()
    room = max(high - low, 0.1 * abs(high), 1.0)
    axes.set_ylim(low - 0.5 * room, high + 1.1 * room)
    axes.set_xlim(-0.12, 1.12)
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    show_shares(axes.xaxis, words, "segments.x")
    show_numbers(axes.yaxis, words, "segments.y")
    return figure


def draw_profiles(profiles: pd.DataFrame, words: Words) -> Figure:
    """Draw by how much the segments differ from all others, indicator by indicator."""
    described = profiles[profiles["feature"] != _DIVIDING]
    numeric = described[described["kind"] == "numeric"]
    names = numeric.drop_duplicates("position").sort_values("position")["segment_name"]
    effects = numeric.pivot_table(index="feature", columns="position", values="effect")
    effects = effects.reindex(effects.abs().max(axis="columns").sort_values().index)
    effects = effects.tail(_MOST_FEATURES)
    figure = new_figure(words, "profiles", WIDE, 0.34 * len(effects) + 1.0,
                        feature=words.column(effects.index[-1]))  # fmt: skip
    axes = figure.subplots()
    rows, columns = (np.arange(size + 1) - 0.5 for size in effects.shape)
    axes.pcolormesh(columns, rows, effects.to_numpy(), cmap=RISK_MAP.reversed(), vmin=-1.6,
                    vmax=1.6, edgecolors="white", linewidth=2)  # fmt: skip
    for (row, column), effect in np.ndenumerate(effects.to_numpy()):
        if not np.isnan(effect):
            colour = "white" if abs(effect) > 1.1 else INK
            text = words.number(effect, 1, sign=True)
            axes.text(column, row, text, ha="center", va="center", color=colour,
                      fontsize=8)  # fmt: skip
    name_rows(axes, [words.column(feature) for feature in effects.index], 42)
    name_columns(axes, list(names))
    axes.set_ylim(rows[0], rows[-1])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure


def draw_funnel(summary: dict[str, Any], words: Words) -> Figure:
    """Draw how many customers remain after consent, contact limit, profit and control group."""
    steps = ("customers", "consented", "contactable", "worth_it", "contacted")
    counts = [summary[step] for step in steps]
    figure = new_figure(words, "funnel", NORMAL, 2.9, customers=words.number(counts[0]),
                        contacted=words.count(counts[-1], "customers_dative"))  # fmt: skip
    axes = figure.subplots()
    names = [words(f"charts.funnel.steps.{step}") for step in steps]
    for position, (step, count) in enumerate(zip(steps, counts, strict=True)):
        colour = DECLINED if step == "contacted" else STEADY
        (bar,) = axes.barh(position, count, color=colour, alpha=0.9, height=0.62)
        share = words.share(count / max(counts[0], 1))
        hint(bar, f"{names[position]}: {share}")
        axes.text(count + counts[0] * 0.01, position, f"{words.number(count)} · {share}",
                  va="center", fontsize=8)  # fmt: skip
    name_rows(axes, names, 24)
    axes.invert_yaxis()
    axes.set_xlim(0, max(counts[0], 1) * 1.25)
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return figure


def draw_capacities(capacities: pd.DataFrame, words: Words) -> Figure:
    """Draw the expected profit of a campaign by the number of customers contacted."""
    best = capacities.nlargest(1, "expected_profit_median").iloc[0]
    customers = words.count(int(best["customers"]), "customers_dative")
    figure = new_figure(words, "capacities", NORMAL, 3.2, customers=customers,
                        profit=words.round_money(best["expected_profit_median"]))  # fmt: skip
    axes = figure.subplots()
    x, thousand = capacities["customers"], 1000
    low, high = capacities["expected_profit_low"], capacities["expected_profit_high"]
    axes.fill_between(x, low / thousand, high / thousand, color=STEADY, alpha=0.18, linewidth=0,
                      label=words("charts.capacities.range"))  # fmt: skip
    axes.plot(x, capacities["expected_profit_median"] / thousand, "o-", color=STEADY,
              label=words("charts.capacities.median"))  # fmt: skip
    axes.plot(x, capacities["worst_case_cost"] / thousand, color=DECLINED, linestyle=(0, (4, 3)),
              linewidth=1.2, label=words("charts.capacities.cost"))  # fmt: skip
    axes.set_ylim(min(0, low.min() / thousand), None)
    axes.legend(loc="upper left")
    show_numbers(axes.xaxis, words, "capacities.x")
    show_numbers(axes.yaxis, words, "capacities.y")
    return figure


def draw_offers(offers: pd.DataFrame, words: Words) -> Figure:
    """Draw expected profit per offer between the low and the high assumed save rate."""
    rows = offers[offers["contacted"] > 0].sort_values("expected_profit_median")
    size = (NORMAL, 0.42 * len(rows) + 1.0)
    if rows.empty:
        figure = new_figure(words, "offers", *size, "none")
    else:
        best = rows.iloc[-1]
        figure = new_figure(words, "offers", *size, offer=plain(best["offer_name"], 50),
                            profit=words.round_money(best["expected_profit_median"]))  # fmt: skip
    axes = figure.subplots()
    for position, row in enumerate(rows.to_dict("records")):
        low, middle, high = (
            row[f"expected_profit_{case}"] / 1000 for case in ("low", "median", "high")
        )
        count = words.count(int(row["contacted"]), "customers")
        text = f"{plain(row['offer_name'])}: {count}"
        mark_interval(axes, position, low, middle, high, STEADY, text)
        axes.annotate(count, (high, position), (6, 0), textcoords="offset points", va="center",
                      fontsize=7.5, color=MUTED)  # fmt: skip
    name_rows(axes, list(rows["offer_name"]), 24)
    axes.margins(x=0.22)
    show_numbers(axes.xaxis, words, "offers.axis")
    return figure
