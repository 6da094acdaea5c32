from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report.page import Panel, Panels, Prose, Section, Table, Terms, write_table
from oneclick.report.parameters import ReportParameters
from oneclick.report.sections.models import write_groups
from oneclick.report.words import Words


def write_card(
    model_info: dict[str, Any],
    champion_choice: dict[str, Any],
    evaluation: dict[str, Any],
    group_metrics: DataFrame,
    explanation_info: dict[str, Any],
    report: ReportParameters,
) -> Section:
    """Return the model card: what the model is for, how good it is, what it cannot do."""
    words, language, choice = report.words, report.language, champion_choice
    calibration, at = evaluation["calibration"], evaluation["at_threshold"]
    verdict = "calibrated" if calibration["well_calibrated"] else "not_calibrated"
    method = "exact" if explanation_info["method"].startswith("exact") else "sampled"
    known = model_info["features"]
    facts = {
        **{key: model_info[key] for key in ("snapshot", "customers", "declined")},
        **{key: choice["effort"][key] for key in ("folds", "repeats")},
        "effort": choice["effort"]["name"],
        "model": words.candidate(model_info["champion"]),
        "settings": ", ".join(f"{key} = {value}" for key, value in model_info["settings"].items()),
        "features": ", ".join(map(words.column, (*known["numeric"], *known["categorical"]))),
        "threshold": words.number(evaluation["threshold"]["value"], 3),
        "precision": _spell(at["precision"], words),
        "recall": _spell(at["recall"], words),
        "calibrated": words(f"card.{verdict}"),
        "ece": words.number(calibration["ece"], 3),
        "chance": words.number(calibration["chance_p95"], 3),
        "method": words(f"card.{method}"),
    }
    caution = [words("card.threshold", **facts), words("card.calibration", **facts)]
    if reduced := choice["without_current_month"]:
        caution.append(words("card.reduced", reduced=words.number(reduced["roc_auc"], 3)))
    leak = choice["leak_message"][language] if choice["leak_alarm"] else words("card.no_leak")
    limits = [limit.format(**facts) for limit in words.entry("card.limits")]
    return Section(
        "card",
        words("card.title"),
        words("card.lead", **facts),
        [
            Terms([(part["title"], part["text"].format(**facts))
                   for part in words.entry("card.about")]),
            Prose([choice["verdict"][language], words("card.checked", **facts)],
                  words("card.worth")),
            _merits(evaluation, words),
            Prose([*caution, leak]),
            write_groups(group_metrics, words),
            Panels([Panel(words("card.limits_title"), limits)]),
        ],
    )  # fmt: skip


def _merits(evaluation: dict[str, Any], words: Words) -> Table:
    names = Words("models", words.language).entry("metrics")
    rows = [
        [names[name], words.number(figure["value"], 3),
         words.interval(figure["low"], figure["high"])]
        for name, figure in evaluation["metrics"].items()
    ]  # fmt: skip
    return write_table("card.figures", words, rows)


def _spell(figure: dict[str, float], words: Words) -> str:
    interval = words.interval(figure["low"], figure["high"])
    return f"{words.number(figure['value'], 3)} ({interval})"
