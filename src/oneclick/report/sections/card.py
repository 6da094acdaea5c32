from functools import partial
from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report.findings import tell_drawn, write_merit
from oneclick.report.page import (
    Panel,
    Panels,
    Prose,
    Section,
    Table,
    Terms,
    write_rows,
    write_table,
)
from oneclick.report.parameters import ReportParameters
from oneclick.texts import decimal
from oneclick.texts.words import Words


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
    effort = choice["effort"]
    calibration, known = evaluation["calibration"], model_info["features"]
    figure = partial(words.number, digits=3)
    verdict = "not_calibrated" if calibration["bias_shows"] else "calibrated"
    method = "exact" if explanation_info["method"].startswith("exact") else "sampled"
    facts = {
        "snapshot": model_info["snapshot"],
        "customers": tell_drawn(choice, words),
        "declined": words.number(model_info["declined"]),
        "folds": words.number(effort["folds"]),
        "repeats": words.count(effort["repeats"], "times"),
        "effort": words.entry("card.efforts").get(effort["name"], effort["name"]),
        "model": words.candidate(model_info["champion"]),
        "settings": "; ".join(
            f"{key} = {decimal(str(value), language)}"
            for key, value in model_info["settings"].items()
        ),
        "features": ", ".join(map(words.column, (*known["numeric"], *known["categorical"]))),
        "threshold": words.share(evaluation["threshold"]["value"], 1),
        "calibrated": words(f"card.{verdict}"),
        "ece": figure(calibration["ece"]),
        "chance": figure(calibration["chance_p95"]),
        "limit": figure(choice["leak_limit"]),
        "method": words(f"card.{method}"),
    }
    for name in ("precision", "recall"):
        at = evaluation["at_threshold"][name]
        interval = words.share_range(at["low"], at["high"], 1)
        facts[name] = f"{words.share(at['value'], 1)} ({interval})"
    about = [(part["title"], part["text"].format(**facts)) for part in words.entry("card.about")]
    names = Words("models", language).entry("metrics")
    merits = [
        [names[name], *write_merit(name, metric, words)]
        for name, metric in evaluation["metrics"].items()
    ]
    caution = [words("card.threshold", **facts), words("card.calibration", **facts)]
    if reduced := choice["without_current_month"]:
        caution.append(words("card.reduced", reduced=figure(reduced["roc_auc"])))
    alarm = choice["leak_message"] or choice.get("no_signal_message")
    fitness = alarm[language] if alarm else words("card.no_leak", **facts)
    limits = [limit.format(**facts) for limit in words.entry("card.limits")]
    blocks = (
        Terms(about),
        Prose([words("card.checked", **facts)], words("card.worth")),
        write_table(words, "card.figures", merits, mean=figure(choice["mean"])),
        Prose([*caution, fitness]),
        _write_groups(group_metrics, words),
        Panels([Panel(words("card.limits_title"), limits)]),
    )
    return Section("card", words("card.title"), words("card.lead", **facts), blocks)


def _write_groups(groups: DataFrame, words: Words) -> Table:
    """Return the table of the champion's quality in groups of customers."""
    names = words.entry("charts.groups.names")
    rows = write_rows(
        groups,
        (lambda of, name: f"{names[of]}: {words.group(of, name)}", ("grouping", "group")),
        (words.number, "customers"),
        (partial(words.number, digits=3), "roc_auc"),
        (words.interval, ("ci_low", "ci_high")),
        (words.share, "mean_predicted", "observed_share"),
    )
    return write_table(words, "card.groups", rows)
