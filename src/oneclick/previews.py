"""Flow charts that kedro viz shows beside a step: what it decides, drawn from the parameters."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from kedro.config import OmegaConfigLoader
from kedro.framework.project import settings
from kedro.pipeline import Node
from kedro.pipeline.preview_contract import MermaidPreview
from kedro.utils import KedroExperimentalWarning

from oneclick.texts import Language
from oneclick.texts.words import Words

Chart = Callable[[dict[str, Any], Language], str]
# Mermaid ends a label at a quote and reads tags; both are written as entities.
_QUOTED = str.maketrans({"&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": "<br/>"})


def previewed_node(*args: Any, chart: Chart, **kwargs: Any) -> Node:
    """Return a ``Node`` whose preview is a flow chart.

    ``chart`` takes all parameters of the project and a language and returns Mermaid text.
    """
    with warnings.catch_warnings():
        # Kedro tells at every start that previews are new; a user can do nothing about it.
        warnings.simplefilter("ignore", KedroExperimentalWarning)
        return Node(*args, **kwargs, preview_fn=partial(_preview, chart))


def _preview(chart: Chart) -> MermaidPreview:
    options = {**settings.CONFIG_LOADER_ARGS, "runtime_params": {}}
    parameters = OmegaConfigLoader(str(Path.cwd() / settings.CONF_SOURCE), **options)["parameters"]
    return MermaidPreview(chart(parameters, parameters["language"]))


def chart_of_check(table: Any, parameters: dict[str, Any], language: Language) -> str:
    """Return the chart of the step that checks one exported table."""
    from oneclick.tables.rules import CleaningRules

    rules = CleaningRules(**parameters["cleaning"]).tables[table]
    words = Words("previews", language)
    beliefs = "\n".join(_beliefs(rules.columns, words))
    arrows = (("row", "beliefs"), ("beliefs", "right"), ("right", "kept", "noted"))
    return _flow(words, "check", arrows, file=rules.file, beliefs=beliefs)


def _beliefs(columns: Any, words: Words) -> Iterable[str]:
    for name, rule in columns.items():
        column = words.column(name)
        if rule.kind in ("number", "integer"):
            low, high = words.number(rule.minimum), words.number(rule.maximum)
            yield words("number", column=column, low=low, high=high)
        elif rule.kind == "category":
            yield words("category", column=column, count=len(rule.values))
        if rule.missing == "reject":
            yield words("required", column=column)
        if repaired := [spelling for found in rule.values.values() for spelling in found[1:]]:
            yield words("repaired", column=column, spellings="», «".join(repaired))
        if rule.unknown == "false":
            yield words("unknown", column=column)


def chart_of_join(parameters: dict[str, Any], language: Language) -> str:
    """Return the chart of the step that makes one row per customer."""
    from oneclick.tables.rules import CleaningRules

    rules = CleaningRules(**parameters["cleaning"])
    questions = ["complete", "active", "outlier", "customer"]
    if not rules.anomalies.reject_inactive:
        questions.remove("active")
    return _flow(
        Words("previews", language),
        "join",
        [("tables", "complete"), *((*pair, "rejected") for pair in pairwise(questions))],
        tables=", ".join(table.file for table in rules.tables.values()),
        factor=f"{rules.anomalies.outlier_factor:g}",
        share=f"{rules.max_rejected_share:.0%}"[:-1],
    )


def chart_of_model_choice(parameters: dict[str, Any], language: Language) -> str:
    """Return the chart of the step that chooses a model."""
    from oneclick.modelling.parameters import Choice

    choice, words = Choice(**parameters["choice"]), Words("previews", language)
    decision = [
        ("auc", "close"),
        ("close", "likely", "dropped"),
        ("likely", "order", "dropped"),
        ("order", "champion"),
    ]
    if choice.rule == "best":
        decision = [("auc", "best"), ("best", "champion")]
    return _flow(
        words,
        "model",
        [("candidates", "folds"), ("folds", "auc"), *decision],
        names="; ".join(words.candidate(name) for name in parameters["candidates"]),
        folds=choice.chosen_effort.folds,
        repeats=choice.chosen_effort.repeats,
        limit=words.number(choice.leak_limit, 3),
    )


def chart_of_offer_choice(parameters: dict[str, Any], language: Language) -> str:
    """Return the chart of the steps that give a customer an offer or none."""
    from oneclick.campaign.offers import OfferCatalogue
    from oneclick.campaign.parameters import CampaignParameters

    words, campaign = Words("previews", language), CampaignParameters(**parameters["campaign"])
    measures = OfferCatalogue(**parameters["offer_catalogue"]).measures
    allowed = [("consent", "control", "no_consent")]
    if campaign.contact_cap is not None:
        allowed = [("consent", "cap", "no_consent"), ("cap", "control", "capped")]
    budget = campaign.budget
    return _flow(
        words,
        "offer",
        [
            ("customer", "consent"),
            *allowed,
            ("control", "controlled", "offers"),
            ("offers", "value"),
            ("value", "reason", "unprofitable"),
            ("reason", "budget"),
            ("budget", "assigned", "over_budget"),
        ],
        cap=f"{campaign.contact_cap or 0:g}",
        share=f"{100 * campaign.control_share:g}",
        count=len(measures),
        names="; ".join(getattr(offer.name, language) for offer in measures),
        tolerance=f"{100 * campaign.reason_tolerance:g}",
        budget=words("offer.unlimited") if budget is None else words.money(budget),
    )


def _flow(words: Words, key: str, arrows: Sequence[tuple[str, ...]], **values: object) -> str:
    """Return a flow chart whose boxes are texts under a key.

    Two names are an arrow from one to the other; three are a question, its yes and its no.
    """
    questions = {names[0] for names in arrows if len(names) == 3}
    lines = ["flowchart TD"]
    for name in dict.fromkeys(chain(*arrows)):
        text = f'"{words(f"{key}.{name}", **values).translate(_QUOTED)}"'
        lines.append(f"{name}{{{text}}}" if name in questions else f"{name}[{text}]")
    for start, *ends in arrows:
        answers = [f"-- {words(answer)} " for answer in ("yes", "no")] if len(ends) == 2 else [""]
        lines += [f"{start} {said}--> {end}" for said, end in zip(answers, ends, strict=True)]
    return "\n    ".join(lines)
