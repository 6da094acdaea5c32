"""The model card: what the model is for, how good it is and for whom, what it cannot do."""

from typing import Any

import pandas as pd

from oneclick.modelling.verdict import format_number
from oneclick.texts import Language, load_texts


def write_card(
    info: dict[str, Any],
    choice: dict[str, Any],
    evaluation: dict[str, Any],
    groups: pd.DataFrame,
    explanation: dict[str, Any],
    language: Language,
) -> str:
    """Return the model card as markdown, every figure taken from the run's own tables.

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
    calibration = evaluation["calibration"]
    reduced = choice["without_current_month"]
    facts = {
        "model": texts["candidates"].get(info["champion"], info["champion"]),
        "snapshot": info["snapshot"],
        "customers": info["customers"],
        "declined": info["declined"],
        "settings": ", ".join(f"{key} = {value}" for key, value in info["settings"].items()),
        "verdict": choice["verdict"][language],
        "effort": choice["effort"]["name"],
        "folds": choice["effort"]["folds"],
        "repeats": choice["effort"]["repeats"],
        "figures": _rows(
            [
                (texts["metrics"][name], *_interval(figure, language))
                for name, figure in evaluation["metrics"].items()
            ]
        ),
        "threshold": format_number(evaluation["threshold"]["value"], language),
        "precision": _spell(evaluation["at_threshold"]["precision"], language),
        "recall": _spell(evaluation["at_threshold"]["recall"], language),
        "calibrated": card["calibrated" if calibration["well_calibrated"] else "not_calibrated"],
        "ece": format_number(calibration["ece"], language),
        "chance": format_number(calibration["chance_p95"], language),
        "groups": _rows([_group(row, card, language) for row in groups.to_dict("records")]),
        "reduced": format_number(reduced["roc_auc"], language) if reduced else "–",
        "method": explanation["method"],
        "features": ", ".join(
            columns[name]["label"] if name in columns else name
            for name in (*info["features"]["numeric"], *info["features"]["categorical"])
        ),
        "leak": choice["leak_message"][language] if choice["leak_alarm"] else card["no_leak"],
    }
    return card["text"].format(**facts)


def _rows(rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


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
