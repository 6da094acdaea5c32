from functools import partial

from oneclick.annotations import DataFrame
from oneclick.exploration.parameters import BEYOND_CHANCE
from oneclick.report.page import Block, Charts, Section, write_rows, write_table
from oneclick.report.parameters import ReportParameters
from oneclick.texts.words import Figure, is_share

_PAIRS_SHOWN = 10
_COLLINEAR = 5.0  # a usual limit for the variance inflation factor
_ANOTHER_GROUP = 0.05  # a larger share is no accident but a group of its own


def write_exploration(
    dependencies: DataFrame,
    collinearity: DataFrame,
    outliers: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the chapter on how indicators differ by class and depend on each other."""
    words = report.words
    between = dependencies[(dependencies[["first", "second"]] != "declined").all(axis="columns")]
    between = between[between["significance"] >= BEYOND_CHANCE]
    pairs = write_rows(
        between.head(_PAIRS_SHOWN),
        (lambda *pair: " × ".join(map(words.column, pair)), ("first", "second")),
        (partial(words.number, digits=2), "phik"),
        (lambda sigma: Figure(f"{words.number(sigma, 1)}σ", sigma), "significance"),
    )
    inflation = write_rows(
        collinearity.head(5), (words.column, "feature"), (partial(words.number, digits=1), "vif")
    )
    found = outliers[outliers["share"] > 0]
    least = found["minimum"].clip(upper=0)  # a fence below it would mean nothing
    found = found.assign(low_fence=found["low_fence"].clip(lower=least))

    def bounds(feature: str, low: float, high: float) -> str:
        return words.share_range(low, high) if is_share(feature) else words.interval(low, high, 2)

    beyond_fences = write_rows(
        found,
        (words.column, "feature"),
        (words.number, "below", "above"),
        (partial(words.share, digits=1), "share"),
        (bounds, ("feature", "low_fence", "high_fence"), ("feature", "minimum", "maximum")),
    )
    collinear = "fine" if len(collinearity) else "unknown"
    if (collinearity["vif"] > _COLLINEAR).any():
        collinear = "beyond"
    extreme = "few" if len(found) else "none"
    if (found["share"] > _ANOTHER_GROUP).any():
        extreme = "group"
    blocks: list[Block] = [
        Charts([charts["histograms"]]),
        Charts([charts["target_dependence"], charts["levels"], charts["months"]]),
        Charts([charts["phik"], charts["pairs"]], words("exploration.dependence")),
        write_table(words, "exploration.pairs", pairs, "none" if not pairs else ""),
        write_table(words, "exploration.vif", inflation, collinear),
        Charts([charts["profit"]], words("exploration.oddities")),
        write_table(words, "exploration.outliers", beyond_fences, extreme),
    ]
    return Section("exploration", words("exploration.title"), words("exploration.lead"), blocks)
