from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report.page import Charts, Panel, Panels, Section, Table, write_table
from oneclick.report.parameters import ReportParameters
from oneclick.report.words import Words, plain

_DIVIDING = "monthly_profit"  # what segments are divided by tells nothing new of them
_TRAITS = 4
_LEVELS = 2


def write_segments(
    segment_summary: DataFrame,
    segment_thresholds: dict[str, Any],
    segment_profiles: DataFrame,
    segment_measures: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the chapter on the segments: who is in them, how they differ, what to do."""
    words = report.words
    lead = words(
        "segments.lead",
        medium=words.share(segment_thresholds["p_medium"]),
        high=words.share(segment_thresholds["p_high"]),
        profit=words.money(segment_thresholds["profit_threshold_rub"]),
    )
    filled = segment_summary[segment_summary["customers"] > 0]
    portraits = [
        _portrait(row, segment_profiles, segment_measures, words)
        for row in filled.to_dict("records")
    ]
    return Section(
        "segments",
        words("segments.title"),
        lead,
        [
            Charts([charts["segments"]]),
            _table(segment_summary, words),
            Panels(portraits, words("segments.portraits")),
            Charts([charts["profiles"]]),
        ],
    )


def _table(summary: DataFrame, words: Words) -> Table:
    rows = [
        [
            plain(row["segment_name"], 200),
            words.number(row["customers"]),
            words.share(row["share"]),
            words.share(row["mean_p_decline"]),
            words.number(row["early_warning"]),
            words.number(row["consented"]),
            words.money(row["mean_profit"]),
            words.round_money(row["profit_at_stake"]),
        ]
        for row in summary.to_dict("records")
    ]
    return write_table("segments.table", words, rows)


def _portrait(row: dict[Any, Any], profiles: DataFrame, measures: DataFrame, words: Words) -> Panel:
    mine = profiles[(profiles["segment"] == row["segment"]) & profiles["distinct"]]
    mine = mine[mine["feature"] != _DIVIDING]
    strongest = mine.reindex(mine["effect"].abs().sort_values(ascending=False).index)
    numeric = strongest[strongest["kind"] == "numeric"].head(_TRAITS)
    levels = strongest[strongest["kind"] == "level"].head(_LEVELS)
    facts = [
        words(
            "segments.trait",
            feature=words.column(trait["feature"]),
            segment=words.value(trait["feature"], trait["value_segment"]),
            rest=words.value(trait["feature"], trait["value_rest"]),
        )
        for trait in numeric.to_dict("records")
    ]
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
