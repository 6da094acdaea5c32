import math
from functools import partial
from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report import EXAMPLES
from oneclick.report.page import (
    Block,
    Charts,
    Panel,
    Panels,
    Prose,
    Section,
    write_rows,
    write_table,
)
from oneclick.report.parameters import ReportParameters
from oneclick.texts.words import Words

_FACTS = 4
_NEGLIGIBLE = 0.01  # share of customers


def write_explanation(
    feature_importance: DataFrame,
    permutation_importance: DataFrame,
    worked_examples: DataFrame,
    explanation_info: dict[str, Any],
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Return the chapter on what the score is tied to, with worked customers."""
    words = report.words
    strongest = ", ".join(map(words.quoted, feature_importance["feature"].head(3)))
    losses = write_rows(
        permutation_importance,
        (words.column, "feature"),
        (partial(words.number, digits=3), "mean"),
        (words.interval, ("ci_low", "ci_high")),
    )
    blocks: list[Block] = [
        Charts([charts["importance"], charts["beeswarm"], charts["dependence"]]),
        write_table(words, "explanation.permutation", losses),
    ]
    by_example = dict(tuple(worked_examples.groupby("example")))
    shown = [name for name in EXAMPLES if name in by_example]
    if shown:
        title = "examples.title" if len(shown) == len(EXAMPLES) else "examples.title_fewer"
        panels = [_example(by_example[name], words) for name in shown]
        blocks.append(Panels(panels, words(title)))
        blocks.append(Charts([charts[name] for name in shown], narrow=True))
        notes, far = [words("examples.model")], explanation_info["far_from_published"]
        if far >= _NEGLIGIBLE:
            notes.append(words("examples.far", share=words.share(far)))
        blocks.append(Prose(notes))
    lead = words("explanation.lead", features=strongest)
    return Section("explanation", words("explanation.title"), lead, blocks)


def _example(rows: DataFrame, words: Words) -> Panel:
    """One customer in words; a feature and not the customer is what can be recognised."""
    facts = []
    strongest = rows.reindex(rows["contribution"].abs().sort_values(ascending=False).index)
    for row in strongest.head(_FACTS).to_dict("records"):
        feature, usual = row["feature"], ""
        value = words.value(feature, row["value"], row["level"])
        if not math.isnan(row["typical"]):
            value, median = words.values(feature, [row["value"], row["typical"]])
            usual = words("examples.usual", usual=median)
        side = "raises" if row["contribution"] > 0 else "lowers"
        facts.append(
            words(f"examples.{side}", feature=words.column(feature), value=value, usual=usual)
        )
    first = rows.iloc[0]
    key = f"examples.{first['example']}"
    profit = words.number(first["monthly_profit"], 1)
    figures = words("examples.figures", p=words.share(first["p_decline"]), profit=profit,
                    unit=words.unit("monthly_profit"))  # fmt: skip
    return Panel(words(f"{key}.name"), facts, words(f"{key}.advice"), figures)
