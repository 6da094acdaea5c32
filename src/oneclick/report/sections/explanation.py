import pandas as pd

from oneclick.report.page import Block, Cell, Charts, Panel, Panels, Row, Section, Table
from oneclick.report.values import value_of
from oneclick.report.words import Words

_FACTS = 4
_EXAMPLES = ("early_warning", "already_declined", "safe")


def write_explanation(
    importance: pd.DataFrame,
    permutation: pd.DataFrame,
    examples: pd.DataFrame,
    charts: dict[str, str],
    words: Words,
) -> Section:
    """Return the chapter on what the score is tied to, with worked customers."""
    strongest = [f"«{words.column(name)}»" for name in importance["feature"].head(3)]
    blocks: list[Block] = [
        Charts([charts["importance"], charts["beeswarm"], charts["dependence"]]),
        _permutation(permutation, words),
    ]
    if len(examples):
        shown = [name for name in _EXAMPLES if (examples["example"] == name).any()]
        panels = [_example(examples[examples["example"] == name], words) for name in shown]
        blocks.append(Panels(panels, words("examples.title")))
        blocks.append(Charts([charts[name] for name in shown], narrow=True))
    lead = words("explanation.lead", features=", ".join(strongest))
    return Section("explanation", words("explanation.title"), lead, blocks)


def _permutation(permutation: pd.DataFrame, words: Words) -> Table:
    rows: list[Row] = [
        [
            words.column(row["feature"]),
            Cell(words.number(row["mean"], 3), row["mean"]),
            words.interval(row["ci_low"], row["ci_high"]),
        ]
        for row in permutation.to_dict("records")
    ]
    return Table(words("explanation.permutation.title"),
                 words.entry("explanation.permutation.headings"), rows,
                 words("explanation.permutation.note"))  # fmt: skip


def _example(rows: pd.DataFrame, words: Words) -> Panel:
    """One customer in words; a feature and not the customer is what can be recognised."""
    first = rows.iloc[0]
    strongest = rows.reindex(rows["contribution"].abs().sort_values(ascending=False).index)
    facts = []
    for row in strongest.head(_FACTS).to_dict("records"):
        side = "raises" if row["contribution"] > 0 else "lowers"
        usual = ""
        if not pd.isna(row["typical"]):
            usual = words("examples.usual", usual=value_of(row, words, "typical"))
        facts.append(
            words(f"examples.{side}", feature=words.column(row["feature"]),
                  value=value_of(row, words), usual=usual)
        )  # fmt: skip
    return Panel(
        words(f"examples.{first['example']}.name"),
        facts,
        words(f"examples.{first['example']}.advice"),
        words("examples.figures", p=words.share(first["p_decline"]),
              profit=words.number(first["monthly_profit"], 1), unit=words.unit("monthly_profit")),
    )  # fmt: skip
