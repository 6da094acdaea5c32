"""The model card: what the model is for, how good it is and for whom, what it cannot do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from oneclick.modelling.verdict import format_number
from oneclick.texts import Language, load_texts


@dataclass(frozen=True)
class Figures:
    """A table of the card, all of it text."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class ModelCard:
    """What everybody who uses the scores should know; written as a file and as a page.

    Attributes:
        about: Titles and texts: the model, its purpose, what it predicts and sees.
        worth: What precedes the figures of merit.
        figures: The figures of merit with their intervals.
        caution: How to read them.
        groups: ROC-AUC by group of customers.
        limits: What the model cannot do.
    """

    title: str
    lead: str
    about: Sequence[tuple[str, str]]
    worth_title: str
    worth: Sequence[str]
    figures: Figures
    caution: Sequence[str]
    groups: Figures
    limits_title: str
    limits: Sequence[str]


def describe_model(
    info: dict[str, Any],
    choice: dict[str, Any],
    evaluation: dict[str, Any],
    groups: pd.DataFrame,
    explanation: dict[str, Any],
    language: Language,
) -> ModelCard:
    """Return the model card, every figure taken from the run's own tables.

    Args:
        info: ``model_info``.
        choice: ``champion_choice``.
        evaluation: ``evaluation``.
        groups: ``group_metrics``.
        explanation: ``explanation_info``.
        language: ``ru`` or ``en``.
    """
    texts = load_texts("models", language)
    card, columns = texts["card"], load_texts("columns", language)
    calibration, at_threshold = evaluation["calibration"], evaluation["at_threshold"]
    reduced = choice["without_current_month"]
    facts = {
        "model": texts["candidates"].get(info["champion"], info["champion"]),
        "snapshot": info["snapshot"],
        "customers": info["customers"],
        "declined": info["declined"],
        "settings": ", ".join(f"{key} = {value}" for key, value in info["settings"].items()),
        "effort": choice["effort"]["name"],
        "folds": choice["effort"]["folds"],
        "repeats": choice["effort"]["repeats"],
        "threshold": format_number(evaluation["threshold"]["value"], language),
        "precision": _spell(at_threshold["precision"], language),
        "recall": _spell(at_threshold["recall"], language),
        "calibrated": card["calibrated" if calibration["well_calibrated"] else "not_calibrated"],
        "ece": format_number(calibration["ece"], language),
        "chance": format_number(calibration["chance_p95"], language),
        "reduced": format_number(reduced["roc_auc"], language) if reduced else "",
        "method": card["exact" if explanation["method"].startswith("exact") else "sampled"],
        "features": ", ".join(
            columns[name]["label"] if name in columns else name
            for name in (*info["features"]["numeric"], *info["features"]["categorical"])
        ),
    }

    def said(*keys: str) -> list[str]:
        return [card[key].format(**facts) for key in keys]

    leak = choice["leak_message"][language] if choice["leak_alarm"] else card["no_leak"]
    merits = [
        (texts["metrics"][name], *_interval(figure, language))
        for name, figure in evaluation["metrics"].items()
    ]
    return ModelCard(
        title=card["title"],
        lead=said("lead")[0],
        about=[(part["title"], part["text"].format(**facts)) for part in card["about"]],
        worth_title=card["worth"],
        worth=[choice["verdict"][language], *said("checked")],
        figures=Figures(card["figures_title"], card["figures"], merits),
        caution=[*said("threshold", "calibration"), *(said("reduced") if reduced else ()), leak],
        groups=Figures(
            card["by_group"],
            card["groups"],
            [_group(row, card, language) for row in groups.to_dict("records")],
        ),
        limits_title=card["limits_title"],
        limits=[limit.format(**facts) for limit in card["limits"]],
    )


def as_markdown(card: ModelCard) -> str:
    """Return a model card as a file of Markdown."""
    blocks = [
        f"# {card.title}",
        card.lead,
        *(f"**{title}.** {text}" for title, text in card.about),
        f"## {card.worth_title}",
        *card.worth,
        _table(card.figures),
        *card.caution,
        f"## {card.groups.title}",
        _table(card.groups),
        f"## {card.limits_title}",
        "\n".join(f"- {limit}" for limit in card.limits),
    ]
    return "\n\n".join(blocks) + "\n"


def _table(figures: Figures) -> str:
    lines: Iterable[Sequence[str]] = (
        figures.headings, ["---"] * len(figures.headings), *figures.rows
    )  # fmt: skip
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _interval(figure: dict[str, float], language: Language) -> tuple[str, str]:
    low, high = (format_number(figure[key], language) for key in ("low", "high"))
    return format_number(figure["value"], language), f"{low}–{high}"


def _spell(figure: dict[str, float], language: Language) -> str:
    value, interval = _interval(figure, language)
    return f"{value} ({interval})"


def _group(row: dict[Any, Any], card: dict[str, Any], language: Language) -> tuple[str, ...]:
    name = str(row["group"])
    if row["grouping"] == "tenure":
        name = card["tenure"].format(band=name)
    if row["note"] == "too_few":
        return name, str(row["customers"]), card["too_few"], "–"
    figure = {"value": row["roc_auc"], "low": row["ci_low"], "high": row["ci_high"]}
    return name, str(row["customers"]), *_interval(figure, language)
