from typing import Any

from oneclick.report.page import Panel, Panels, Section, Terms
from oneclick.report.parameters import ReportParameters


def write_method(
    champion_choice: dict[str, Any],
    campaign_summary: dict[str, Any],
    evaluation: dict[str, Any],
    report: ReportParameters,
) -> Section:
    """Return the chapter on how the figures came about and what they are not for."""
    words, choice, campaign = report.words, champion_choice, campaign_summary
    bias = words("method.bias") if evaluation["calibration"]["bias_shows"] else ""
    share = campaign["control_share"]
    drawn = words("method.control" if share else "method.no_control", share=words.share(share))
    values = {
        "bias": bias,
        "controls": drawn,
        "folds": words.number(choice["effort"]["folds"]),
        "repeats": words.count(choice["effort"]["repeats"], "times"),
        "limit": words.number(choice["leak_limit"], 3),
        "months": words.number(campaign["horizon_months"]),
        "share_lost": words.share(campaign["share_lost"]),
        "unit": campaign["profit_unit"],
    }
    panels = [
        Panel(part["title"], [str(fact).format(**values) for fact in part["facts"]])
        for part in words.entry("method.parts")
    ]
    return Section("method", words("method.title"), words("method.lead"), [Panels(panels)])


def write_glossary(report: ReportParameters) -> Section:
    """Return the words of the report and their meanings."""
    words = report.words
    entries = [(entry["term"], entry["meaning"]) for entry in words.entry("glossary.terms")]
    return Section("glossary", words("glossary.title"), "", [Terms(entries)])
