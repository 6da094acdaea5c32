from typing import Any

import pandas as pd

from oneclick.report.page import Cell, Charts, Panel, Panels, Row, Section, Table
from oneclick.report.values import value_of
from oneclick.report.words import Words, plain

_DIVIDING = "monthly_profit"  # what segments are divided by tells nothing new of them
_TRAITS = 4
_LEVELS = 2


def write_segments(
    summary: pd.DataFrame,
    thresholds: dict[str, Any],
    profiles: pd.DataFrame,
    measures: pd.DataFrame,
    charts: dict[str, str],
    words: Words,
) -> Section:
    """Return the chapter on the segments: who is in them, how they differ, what to do."""
    lead = words(
        "segments.lead",
        medium=words.share(thresholds["p_medium"]),
        high=words.share(thresholds["p_high"]),
        profit=words.money(thresholds["profit_threshold_rub"]),
    )
    filled = summary[summary["customers"] > 0]
    portraits = [_portrait(row, profiles, measures, words) for row in filled.to_dict("records")]
    return Section(
        "segments",
        words("segments.title"),
        lead,
        [
            Charts([charts["segments"]]),
            _table(summary, words),
            Panels(portraits, words("segments.portraits")),
            Charts([charts["profiles"]]),
        ],
    )


def _table(summary: pd.DataFrame, words: Words) -> Table:
    rows: list[Row] = [
        [
            plain(row["segment_name"], 200),
            Cell(words.number(row["customers"]), row["customers"]),
            Cell(words.share(row["share"]), row["share"]),
            Cell(words.share(row["mean_p_decline"]), _order(row["mean_p_decline"])),
            Cell(words.number(row["early_warning"]), _order(row["early_warning"])),
            Cell(words.number(row["consented"]), row["consented"]),
            Cell(words.money(row["mean_profit"]), _order(row["mean_profit"])),
            Cell(words.round_money(row["profit_at_stake"]), row["profit_at_stake"]),
        ]
        for row in summary.to_dict("records")
    ]
    headings = words.entry("segments.table.headings")
    return Table(words("segments.table.title"), headings, rows, words("segments.table.note"))


def _order(value: float | None) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def _portrait(
    row: dict[Any, Any], profiles: pd.DataFrame, measures: pd.DataFrame, words: Words
) -> Panel:
    mine = profiles[(profiles["segment"] == row["segment"]) & profiles["distinct"]]
    mine = mine[mine["feature"] != _DIVIDING]
    strongest = mine.reindex(mine["effect"].abs().sort_values(ascending=False).index)
    numeric = strongest[strongest["kind"] == "numeric"].head(_TRAITS)
    levels = strongest[strongest["kind"] == "level"].head(_LEVELS)
    facts = [
        words("segments.trait", feature=words.column(trait["feature"]), segment=value_of(
            {**trait, "level": None}, words, "value_segment"), rest=value_of(
            {**trait, "level": None}, words, "value_rest"))
        for trait in numeric.to_dict("records")
    ]  # fmt: skip
    facts += [
        words(
            f"segments.level_{'more' if trait['effect'] > 0 else 'less'}",
            level=plain(trait["level"], 60),
            segment=words.share(trait["value_segment"]),
            rest=words.share(trait["value_rest"]),
        )
        for trait in levels.to_dict("records")
    ]
    advised = measures[(measures["segment"] == row["segment"]) & measures["recommended"]]
    names = [plain(name, 80) for name in advised.sort_values("rank")["offer_name"]]
    note = words("segments.measures", measures="; ".join(names)) if names else ""
    figures = words("segments.figures", customers=words.count(row["customers"], "customers"),
                    p=words.share(row["mean_p_decline"]))  # fmt: skip
    return Panel(plain(row["segment_name"], 120), facts, note, figures)
