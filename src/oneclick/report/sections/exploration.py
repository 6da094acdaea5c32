import pandas as pd

from oneclick.report.page import Block, Callout, Cell, Charts, Row, Section, Table
from oneclick.report.words import Words

_PAIRS_SHOWN = 10
_COLLINEAR = 5.0  # a usual limit for the variance inflation factor
_ANOTHER_GROUP = 0.05  # a larger share is no accident but a group of its own


def write_exploration(
    dependencies: pd.DataFrame,
    collinearity: pd.DataFrame,
    outliers: pd.DataFrame,
    profit_against_revenue: pd.DataFrame,
    charts: dict[str, str],
    words: Words,
) -> Section:
    """Return the chapter on how indicators differ by class and depend on each other."""
    implausible = int(profit_against_revenue["implausible"].sum())
    blocks: list[Block] = [
        Charts([charts["histograms"]]),
        Charts([charts["target_dependence"], charts["levels"], charts["months"]]),
        Charts([charts["phik"], charts["pairs"]], words("exploration.dependence")),
        _pairs(dependencies, words),
        _collinearity(collinearity, words),
        Charts([charts["profit"]], words("exploration.oddities")),
        _outliers(outliers, words),
    ]
    if implausible:
        count = words.count(implausible, "customers_genitive")
        note = "quality.notes.profit_exceeds_revenue"
        share = words.share(implausible / profit_against_revenue["customers"].sum())
        text = words(f"{note}.text", count=count, share=share)
        blocks.insert(6, Callout(words(f"{note}.title"), text))
    return Section("exploration", words("exploration.title"), words("exploration.lead"), blocks)


def _pairs(dependencies: pd.DataFrame, words: Words) -> Table:
    between = dependencies[(dependencies[["first", "second"]] != "declined").all(axis="columns")]
    rows: list[Row] = [
        [
            f"{words.column(row['first'])} × {words.column(row['second'])}",
            Cell(words.number(row["phik"], 2), row["phik"]),
            Cell(f"{words.number(row['significance'], 1)}σ", row["significance"]),
        ]
        for row in between.head(_PAIRS_SHOWN).to_dict("records")
    ]
    return Table(words("exploration.pairs.title"), words.entry("exploration.pairs.headings"), rows)


def _collinearity(collinearity: pd.DataFrame, words: Words) -> Table:
    rows: list[Row] = [
        [words.column(row["feature"]), Cell(words.number(row["vif"], 1), row["vif"])]
        for row in collinearity.head(5).to_dict("records")
    ]
    beyond = int((collinearity["vif"] > _COLLINEAR).sum())
    note = words("exploration.vif.beyond" if beyond else "exploration.vif.fine")
    return Table(
        words("exploration.vif.title"), words.entry("exploration.vif.headings"), rows, note
    )


def _outliers(outliers: pd.DataFrame, words: Words) -> Table:
    found = outliers[outliers["share"] > 0]
    rows: list[Row] = [
        [
            words.column(row["feature"]),
            Cell(words.number(row["below"]), row["below"]),
            Cell(words.number(row["above"]), row["above"]),
            Cell(words.share(row["share"], 1), row["share"]),
            words.interval(row["low_fence"], row["high_fence"], 2),
            words.interval(row["minimum"], row["maximum"], 2),
        ]
        for row in found.to_dict("records")
    ]
    note = "exploration.outliers.none"
    if len(found):
        a_group = (found["share"] > _ANOTHER_GROUP).any()
        note = f"exploration.outliers.{'group' if a_group else 'few'}"
    headings = words.entry("exploration.outliers.headings")
    return Table(words("exploration.outliers.title"), headings, rows, words(note))
