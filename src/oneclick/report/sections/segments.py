from functools import partial
from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report import DIVIDING
from oneclick.report.page import Block, Charts, Panel, Panels, Section, write_rows, write_table
from oneclick.report.parameters import ReportParameters
from oneclick.texts.words import Words, plain

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
    if segment_thresholds["p_medium"] == segment_thresholds["p_high"]:
        lead += " " + words("segments.no_medium")
    if not segment_thresholds.get("offers_pay", True):  # unknown of an earlier version's
        lead += " " + words("segments.nothing_pays")
    filled = segment_summary[segment_summary["customers"] > 0]
    declined = filled["declined"].astype("float64")  # missing where nobody's is known
    rows = write_rows(
        filled.assign(declined=declined),
        (partial(plain, width=200), "segment_name"),
        (words.number, "customers"),
        (words.share, "share", "mean_p_decline"),
        (words.number, "declined", "early_warning", "consented"),
        (words.money, "mean_profit", "profit_at_stake"),
    )
    telling = segment_profiles["distinct"] & (segment_profiles["feature"] != DIVIDING)
    portraits = [
        _portrait(
            segment,
            segment_profiles[telling & (segment_profiles["segment"] == segment["segment"])],
            segment_measures[segment_measures["segment"] == segment["segment"]],
            words,
        )
        for segment in filled.to_dict("records")
    ]
    portrayed = [Panels(portraits, words("segments.portraits"))] if len(filled) > 1 else []
    blocks: list[Block] = [
        Charts([charts["segments"]]),
        write_table(words, "segments.table", rows),
        *portrayed,
        Charts([charts["profiles"]]),
    ]
    return Section("segments", words("segments.title"), lead, blocks)


def _portrait(
    segment: dict[Any, Any], traits: DataFrame, measures: DataFrame, words: Words
) -> Panel:
    """What tells a segment from all others, and which measures suit it."""
    strongest = traits.reindex(traits["effect"].abs().sort_values(ascending=False).index)
    numeric = strongest[strongest["kind"] == "numeric"].head(_TRAITS)
    levels = strongest[strongest["kind"] == "level"].head(_LEVELS)
    facts = [_trait(trait, words) for trait in numeric.to_dict("records")] + [
        words(
            f"segments.level_{'more' if trait['effect'] > 0 else 'less'}",
            level=plain(trait["level"], 60),
            segment=words.share(trait["value_segment"]),
            rest=words.share(trait["value_rest"]),
        )
        for trait in levels.to_dict("records")
    ]
    advised = measures[measures["recommended"]].sort_values("rank")["offer_name"]
    names = "; ".join(plain(name, 80) for name in advised)
    note = words("segments.measures", measures=names) if names else ""
    size = words.count(segment["customers"], "customers")
    figures = words("segments.figures", customers=size, p=words.share(segment["mean_p_decline"]))
    facts = facts or [words("segments.no_traits")]
    return Panel(plain(segment["segment_name"], 120), facts, note, figures)


def _trait(trait: dict[Any, Any], words: Words) -> str:
    """The mean of a feature in a segment beside that of all others."""
    means = [trait["value_segment"], trait["value_rest"]]
    segment, rest = words.values(trait["feature"], means, means=True)
    return words(
        "segments.trait", feature=words.column(trait["feature"]), segment=segment, rest=rest
    )
