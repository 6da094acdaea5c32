from oneclick.annotations import DataFrame
from oneclick.report.page import Block, Callout, Charts, Section, Table, write_table
from oneclick.report.parameters import ReportParameters
from oneclick.report.words import Figure, Words

_PAIRS_SHOWN = 10
_COLLINEAR = 5.0  # a usual limit for the variance inflation factor
_ANOTHER_GROUP = 0.05  # a larger share is no accident but a group of its own


def write_exploration(
    dependencies: DataFrame,
    collinearity: DataFrame,
    outliers: DataFrame,
    profit_against_revenue: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the chapter on how indicators differ by class and depend on each other."""
    words = report.words
    blocks: list[Block] = [
        Charts([charts["histograms"]]),
        Charts([charts["target_dependence"], charts["levels"], charts["months"]]),
        Charts([charts["phik"], charts["pairs"]], words("exploration.dependence")),
        _pairs(dependencies, words),
        _collinearity(collinearity, words),
        Charts([charts["profit"]], words("exploration.oddities")),
    ]
    implausible = int(profit_against_revenue["implausible"].sum())
    if implausible:
        count = words.count(implausible, "customers_genitive")
        note = "quality.notes.profit_exceeds_revenue"
        share = words.share(implausible / profit_against_revenue["customers"].sum())
        text = words(f"{note}.text", count=count, share=share)
        blocks.append(Callout(words(f"{note}.title"), text))
    blocks.append(_outliers(outliers, words))
    return Section("exploration", words("exploration.title"), words("exploration.lead"), blocks)


def _pairs(dependencies: DataFrame, words: Words) -> Table:
    between = dependencies[(dependencies[["first", "second"]] != "declined").all(axis="columns")]
    rows = [
        [
            f"{words.column(row['first'])} × {words.column(row['second'])}",
            words.number(row["phik"], 2),
            Figure(f"{words.number(row['significance'], 1)}σ", row["significance"]),
        ]
        for row in between.head(_PAIRS_SHOWN).to_dict("records")
    ]
    return write_table("exploration.pairs", words, rows)


def _collinearity(collinearity: DataFrame, words: Words) -> Table:
    rows = [
        [words.column(row["feature"]), words.number(row["vif"], 1)]
        for row in collinearity.head(5).to_dict("records")
    ]
    note = "beyond" if (collinearity["vif"] > _COLLINEAR).any() else "fine"
    return write_table("exploration.vif", words, rows, note)


def _outliers(outliers: DataFrame, words: Words) -> Table:
    found = outliers[outliers["share"] > 0]
    rows = [
        [
            words.column(row["feature"]),
            words.number(row["below"]),
            words.number(row["above"]),
            words.share(row["share"], 1),
            words.interval(row["low_fence"], row["high_fence"], 2),
            words.interval(row["minimum"], row["maximum"], 2),
        ]
        for row in found.to_dict("records")
    ]
    note = "none"
    if rows:
        note = "group" if (found["share"] > _ANOTHER_GROUP).any() else "few"
    return write_table("exploration.outliers", words, rows, note)
