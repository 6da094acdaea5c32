"""Flow charts that kedro viz shows beside a step: what it decides, drawn from the parameters."""

import warnings
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader
from kedro.framework.project import settings
from kedro.pipeline import Node
from kedro.pipeline.preview_contract import MermaidPreview
from kedro.utils import KedroExperimentalWarning

from oneclick.texts import Language, load_texts

Chart = Callable[[dict[str, Any], Language], str]


def previewed_node(*args: Any, chart: Chart, **kwargs: Any) -> Node:
    """Return a kedro node whose preview is a flow chart.

    Args:
        *args: As for ``Node``.
        chart: Takes all parameters of the project and a language, returns Mermaid text.
        **kwargs: As for ``Node``.
    """
    with warnings.catch_warnings():
        # Kedro tells at every start that previews are new; a user can do nothing about it.
        warnings.simplefilter("ignore", KedroExperimentalWarning)
        return Node(*args, **kwargs, preview_fn=partial(_preview, chart))


def _preview(chart: Chart) -> MermaidPreview:
    loader = OmegaConfigLoader(
        str(Path.cwd() / settings.CONF_SOURCE),
        **{**settings.CONFIG_LOADER_ARGS, "runtime_params": {}},
    )
    parameters = loader["parameters"]
    return MermaidPreview(chart(parameters, parameters["language"]))


def chart_of_check(table: str) -> Chart:
    """Return the chart of the step that checks one exported table."""
    return partial(_chart_of_check, table)  # unlike a closure it reaches other processes


def _chart_of_check(table: Any, parameters: dict[str, Any], language: Language) -> str:
    from oneclick.tables.rules import CleaningRules

    words = load_texts("previews", language)
    rules, steps = CleaningRules(**parameters["cleaning"]).tables[table], words["check"]
    beliefs = _beliefs(rules.columns, words, load_texts("columns", language))
    return _flow(
        _box("row", steps["read"].format(file=rules.file)),
        _box("beliefs", steps["value"], *beliefs),
        _question("right", steps["faults"]),
        _box("kept", steps["kept"]),
        _box("noted", steps["noted"]),
        "row --> beliefs --> right",
        _answers("right", words, yes="kept", no="noted"),
    )


def _beliefs(columns: Any, words: dict[str, Any], labels: dict[str, Any]) -> Iterable[str]:
    for name, rule in columns.items():
        column = labels[name]["label"]
        if rule.kind in ("number", "integer"):
            low, high = (
                f"{bound:,.0f}".replace(",", " ") for bound in (rule.minimum, rule.maximum)
            )
            yield words["number"].format(column=column, low=low, high=high)
        elif rule.kind == "category":
            yield words["category"].format(column=column, count=len(rule.values))
        if rule.missing == "reject":
            yield words["required"].format(column=column)
        if repaired := [spelling for found in rule.values.values() for spelling in found[1:]]:
            yield words["repaired"].format(column=column, spellings="», «".join(repaired))
        if rule.unknown == "false":
            yield words["unknown"].format(column=column)


def chart_of_join(parameters: dict[str, Any], language: Language) -> str:
    """Return the chart of the step that makes one row per customer."""
    from oneclick.tables.rules import CleaningRules

    words = load_texts("previews", language)
    rules, steps = CleaningRules(**parameters["cleaning"]), words["join"]
    active = rules.anomalies.reject_inactive
    return _flow(
        _box(
            "tables",
            steps["tables"].format(tables=", ".join(table.file for table in rules.tables.values())),
        ),
        _question("complete", steps["complete"]),
        _question("active", steps["active"]) if active else "",
        _question("outlier", steps["outlier"].format(factor=f"{rules.anomalies.outlier_factor:g}")),
        _box("customer", steps["customer"]),
        _box("rejected", steps["rejected"].format(share=f"{rules.max_rejected_share:.0%}"[:-1])),
        "tables --> complete",
        _answers("complete", words, yes="active" if active else "outlier", no="rejected"),
        _answers("active", words, yes="outlier", no="rejected") if active else "",
        _answers("outlier", words, yes="customer", no="rejected"),
    )


def chart_of_model_choice(parameters: dict[str, Any], language: Language) -> str:
    """Return the chart of the step that chooses a model."""
    from oneclick.modelling.parameters import Choice

    words, known = load_texts("previews", language), load_texts("models", language)["candidates"]
    choice, steps = Choice(**parameters["choice"]), words["model"]
    effort = choice.chosen_effort
    names = "; ".join(known.get(name, name) for name in parameters["candidates"])
    folds = steps["folds"].format(folds=effort.folds, repeats=effort.repeats)
    if choice.rule == "best":
        decision = ["auc --> best --> champion", _box("best", steps["best"])]
    else:
        decision = [
            _question("close", steps["close"]),
            _box("order", steps["order"]),
            _box("dropped", steps["dropped"]),
            "auc --> close",
            _answers("close", words, yes="order", no="dropped"),
            "order --> champion",
        ]
    limit = f"{choice.leak_limit:g}"
    return _flow(
        _box("candidates", steps["candidates"].format(names=names)),
        _box("folds", folds),
        _box("auc", steps["auc"]),
        _box("champion", steps["champion"]),
        _box(
            "leak",
            steps["leak"].format(limit=limit.replace(".", ",") if language == "ru" else limit),
        ),
        "candidates --> folds --> auc",
        *decision,
        "champion -.-> leak",
    )


def chart_of_offer_choice(parameters: dict[str, Any], language: Language) -> str:
    """Return the chart of the steps that give a customer an offer or none."""
    from oneclick.campaign.offers import OfferCatalogue
    from oneclick.campaign.parameters import CampaignParameters

    words = load_texts("previews", language)
    steps, campaign = words["offer"], CampaignParameters(**parameters["campaign"])
    measures = OfferCatalogue(**parameters["offer_catalogue"]).measures
    names = "; ".join(getattr(offer.name, language) for offer in measures)
    budget = steps["unlimited"]
    if campaign.budget is not None:
        budget = steps["rubles"].format(amount=f"{campaign.budget:,.0f}".replace(",", " "))
    capped = campaign.contact_cap is not None
    return _flow(
        _box("customer", steps["customer"]),
        _question("consent", steps["consent"]),
        _box("no_consent", steps["no_consent"]),
        _question("cap", steps["cap"].format(cap=f"{campaign.contact_cap:g}")) if capped else "",
        _box("capped", steps["capped"]) if capped else "",
        _question("control", steps["control"].format(share=f"{100 * campaign.control_share:g}")),
        _box("controlled", steps["controlled"]),
        _box("offers", steps["offers"].format(count=len(measures), names=names)),
        _question("value", steps["value"]),
        _box("unprofitable", steps["unprofitable"]),
        _box("reason", steps["reason"].format(tolerance=f"{100 * campaign.reason_tolerance:g}")),
        _question("budget", steps["budget"].format(budget=budget)),
        _box("over_budget", steps["over_budget"]),
        _box("assigned", steps["assigned"]),
        "customer --> consent",
        _answers("consent", words, yes="cap" if capped else "control", no="no_consent"),
        _answers("cap", words, yes="control", no="capped") if capped else "",
        _answers("control", words, yes="controlled", no="offers"),
        "offers --> value",
        _answers("value", words, yes="reason", no="unprofitable"),
        "reason --> budget",
        _answers("budget", words, yes="assigned", no="over_budget"),
    )


def _flow(*lines: str) -> str:
    return "\n".join(["flowchart TD", *(f"    {line}" for line in lines if line)])


def _box(key: str, *lines: str) -> str:
    return f'{key}["{_quoted(lines)}"]'


def _question(key: str, text: str) -> str:
    return f'{key}{{"{_quoted([text])}"}}'


def _quoted(lines: Iterable[str]) -> str:
    """Mermaid ends a label at a quote and reads tags; both are written as entities."""
    marks = {"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;"}
    return "<br/>".join("".join(marks.get(mark, mark) for mark in line) for line in lines)


def _answers(question: str, words: dict[str, Any], *, yes: str, no: str) -> str:
    return f"{question} -- {words['yes']} --> {yes}\n    {question} -- {words['no']} --> {no}"
