"""Segments, and what a campaign costs and may bring."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oneclick.report import DIVIDING
from oneclick.report.charts import style
from oneclick.report.charts.style import DECLINED, NORMAL, STEADY, WIDE
from oneclick.texts.words import Words, plain

_MOST_FEATURES = 12
_DEEPEST = 1.6  # standard deviations; beyond, colours grow no darker
_NEARLY_ALL = 0.9  # of the expected profit
_PROFITS = [f"expected_profit_{case}" for case in ("low", "median", "high")]


def draw_segments(summary: pd.DataFrame, words: Words) -> Figure:
    """Draw the profit at stake in every segment, with its customers and their risk."""
    rows = summary[summary["customers"] > 0].sort_values("profit_at_stake")
    stakes = [words.round_money(stake) for stake in rows["profit_at_stake"]]
    figure = style.new_figure(
        words, "segments", NORMAL, 0.5 * len(rows) + 0.9,
        "" if rows["profit_at_stake"].iloc[-1] > 0 else "none",
        segment=plain(rows["segment_name"].iloc[-1], 60), stake=stakes[-1],
    )  # fmt: skip
    axes = figure.subplots()
    labels = []
    for stake, row in zip(stakes, rows.to_dict("records"), strict=True):
        customers, risk = words.count(row["customers"], "customers"), row["mean_p_decline"]
        labels.append(words("charts.segments.label", stake=stake, customers=customers,
                            p=words.share(risk)))  # fmt: skip
    style.draw_bars(axes, rows["profit_at_stake"], labels, color=DECLINED, height=0.3)
    for position, label in enumerate(labels):
        axes.text(0, position + 0.2, label, va="bottom", fontsize=8)
    style.name_rows(axes, list(rows["segment_name"]), 26)
    axes.set_xticks([])
    style.hide_frame(axes)
    return figure


def draw_profiles(profiles: pd.DataFrame, words: Words) -> Figure:
    """Draw by how much the segments differ from all others, indicator by indicator."""
    numeric = profiles[(profiles["feature"] != DIVIDING) & (profiles["kind"] == "numeric")]
    names = numeric.drop_duplicates("position").sort_values("position")["segment_name"]
    effects = numeric.pivot_table(
        index="feature", columns="position", values="effect", dropna=False
    )
    effects = effects.dropna(how="all")  # of a column without values, or where all are one segment
    if effects.empty:
        return style.draw_nothing(words, "profiles")
    effects = effects.reindex(effects.abs().max(axis="columns").sort_values().index)
    effects = effects.tail(_MOST_FEATURES)
    features = [words.column(feature) for feature in effects.index]
    sure = effects.index[effects.index.isin(numeric.loc[numeric["distinct"], "feature"])]
    title = {"feature": words.column(sure[-1])} if len(sure) else {"variant": "alike"}
    figure = style.new_figure(words, "profiles", WIDE, 0.34 * len(features) + 1.3, **title)
    axes = figure.subplots()
    values = effects.to_numpy()
    style.draw_matrix(
        axes, values, cmap=style.VALUE_MAP, vmin=-_DEEPEST, vmax=_DEEPEST, linewidth=2
    )
    for row, column in np.argwhere(~np.isnan(values)):
        effect = values[row, column]
        colour = style.text_on(style.VALUE_MAP((effect + _DEEPEST) / (2 * _DEEPEST)))
        axes.text(column, row, words.number(effect, 1, sign=True), ha="center", va="center",
                  color=colour, fontsize=8)  # fmt: skip
    style.name_rows(axes, features, 42)
    style.name_columns(axes, list(names))
    axes.set_ylim(-0.5, len(features) - 0.5)
    style.show_key(axes, words, "profiles", loc="upper left", bbox_to_anchor=(0, 0))
    return figure


def draw_funnel(summary: dict[str, Any], words: Words) -> Figure:
    """Draw how many remain after consent, contact limit, profit, budget and control group."""
    steps = {step: summary[step] for step in ("customers", "consented", "contactable", "worth_it")}
    if summary["budget"] is not None:
        steps["in_budget"] = summary["contacted"] and summary["planned"]
    steps["contacted"] = summary["contacted"]
    counts = list(steps.values())
    whole = max(counts[0], 1)
    figure = style.new_figure(
        words, "funnel", NORMAL, 0.5 * len(steps) + 0.4, "" if counts[-1] else "none",
        customers=words.number(counts[0]), contacted=words.count(counts[-1], "customers_dative"),
    )  # fmt: skip
    axes = figure.subplots()
    names = [words(f"charts.funnel.steps.{step}") for step in steps]
    shares = [words.share(count / whole) for count in counts]
    hints = [f"{name}: {share}" for name, share in zip(names, shares, strict=True)]
    colours = [STEADY] * (len(counts) - 1) + [DECLINED]
    style.draw_bars(axes, counts, hints, color=colours, alpha=0.9)
    for row, (count, share) in enumerate(zip(counts, shares, strict=True)):
        label = f"{words.number(count)} · {share}"
        axes.text(count + counts[0] * 0.01, row, label, va="center", fontsize=8)
    style.name_rows(axes, names, 24)
    axes.invert_yaxis()
    axes.set_xlim(0, whole * 1.25)
    axes.set_xticks([])
    style.hide_frame(axes)
    return figure


def draw_capacities(capacities: pd.DataFrame, summary: dict[str, Any], words: Words) -> Figure:
    """Draw the expected profit of a campaign by the number of customers contacted."""
    best = capacities.nlargest(1, "expected_profit_median").iloc[0]
    if not best["customers"]:
        return style.draw_nothing(words, "capacities")
    title = _nearly_all(capacities, summary, words) or {
        "customers": words.count(int(best["customers"]), "customers_dative"),
        "profit": words.round_money(best["expected_profit_median"]),
    }
    figure = style.new_figure(words, "capacities", NORMAL, 3.7, **title)
    axes = figure.subplots()
    # Where few get a letter the capacities are all but one, and lines need a second point.
    capacities = capacities.reindex([-1, *capacities.index], fill_value=0)
    x = capacities["customers"]
    low, middle, high = (capacities[profit] / 1000 for profit in _PROFITS)
    style.draw_band(axes, x, low, high, STEADY, label=words("charts.capacities.range"))
    axes.plot(x, middle, "o-", color=STEADY, label=words("charts.capacities.median"))
    cost, dashed = capacities["worst_case_cost"] / 1000, style.REFERENCE["linestyle"]
    axes.plot(x, cost, color=DECLINED, linestyle=dashed, linewidth=1.2,
              label=words("charts.capacities.cost"))  # fmt: skip
    axes.set_xlim(0, None)
    axes.set_ylim(min(0, low.min()), None)
    axes.xaxis.set_major_locator(MaxNLocator(7, integer=True, steps=[1, 2, 5, 10]))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1))  # within, it would hide the band
    style.show_numbers(axes.xaxis, words, "capacities.x")
    style.show_numbers(axes.yaxis, words, "capacities.y")
    return figure


def _nearly_all(capacities: pd.DataFrame, summary: dict[str, Any], words: Words) -> dict[str, str]:
    """The title's figures if a part of the letters brings nearly all of the profit."""
    whole = summary["expected_profit"]["median"]
    part = capacities[capacities["customers"] < summary["contacted"]]
    enough = part[part["expected_profit_median"] >= _NEARLY_ALL * whole]
    if whole <= 0 or enough.empty:
        return {}
    first = enough.sort_values("customers").iloc[0]
    return {
        "variant": "nearly_all",
        "letters": words.count(int(first["customers"]), "letters_genitive"),
        "share": words.share(first["expected_profit_median"] / whole),
    }


def draw_offers(offers: pd.DataFrame, words: Words) -> Figure:
    """Draw expected profit per offer between the low and the high assumed save rate."""
    rows = offers[offers["contacted"] > 0].sort_values("expected_profit_median")
    if rows.empty:
        return style.draw_nothing(words, "offers")
    offer = plain(rows["offer_name"].iloc[-1], 50)
    profit = words.round_money(rows["expected_profit_median"].iloc[-1])
    height = 0.42 * len(rows) + 1.0
    figure = style.new_figure(words, "offers", WIDE, height, offer=offer, profit=profit)
    axes = figure.subplots()
    for position, row in enumerate(rows.to_dict("records")):
        interval = [row[profit] / 1000 for profit in _PROFITS]
        count = words.count(int(row["contacted"]), "customers")
        text = f"{plain(row['offer_name'])}: {count}"
        style.mark_interval(axes, position, interval, STEADY, text)
        axes.annotate(count, (interval[-1], position), (6, 0), textcoords="offset points",
                      va="center", fontsize=7.5, color=style.MUTED)  # fmt: skip
    style.name_rows(axes, list(rows["offer_name"]), 40)
    axes.margins(x=0.12)
    axes.set_xlim(min(0, rows["expected_profit_low"].min() / 1000), None)
    style.show_numbers(axes.xaxis, words, "offers.axis")
    return figure
