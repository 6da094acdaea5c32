"""The choice of the champion in words, for the report and the log."""

from functools import partial
from typing import Any

import pandas as pd
from scipy.stats import t as student

from oneclick.modelling.comparison import CHOICE_METRIC
from oneclick.modelling.comparison import Choice as Chosen
from oneclick.modelling.evaluation import Task
from oneclick.modelling.parameters import Choice
from oneclick.modelling.significance import SIGNIFICANT
from oneclick.texts import Language
from oneclick.texts.words import Words

LANGUAGES: tuple[Language, ...] = ("ru", "en")
_GUESSING = 0.5  # the ROC-AUC of a list drawn by lot
_LEAST_P = 0.001  # of smaller ones no figure is told
_LEAST_TOLD = 30  # customers of the rarer class; of fewer, folds say too little of their own luck


def describe_choice(
    chosen: Chosen, comparison: pd.DataFrame, choice: Choice, task: Task
) -> dict[str, Any]:
    """Return the champion, why it was chosen, and whether a figure is too good or no good at all.

    It is too good to be true if the limit lies below its one-sided interval by Student's t, at 5 %
    shared among the candidates (Dunn 1961). The champion shows no signal if the 95 % interval of
    its ROC-AUC reaches that of guessing.
    """
    table = comparison[comparison["metric"] == CHOICE_METRIC].set_index("candidate")
    champion = table.loc[chosen.champion].to_dict()
    declined, folds = int(task.declined.sum()), task.effort.folds * task.effort.repeats
    reach = student.ppf(1 - SIGNIFICANT / len(table), folds - 1)
    above = table["mean"] - reach * table["std_error"] > choice.leak_limit
    told = min(declined, len(task.declined) - declined) >= _LEAST_TOLD
    leaking = table.loc[above & told, "mean"]
    alarm, highest = not leaking.empty, float(leaking.max())
    warnings = {language: _warning(highest, choice, language) for language in LANGUAGES}
    no_signal = bool(champion["ci_low"] <= _GUESSING)
    doubts = {language: _doubt(champion, language) for language in LANGUAGES}
    return {
        "champion": chosen.champion,
        "metric": CHOICE_METRIC,
        **{key: float(champion[key]) for key in ("mean", "ci_low", "ci_high")},
        "verdict": {language: _verdict(chosen, table, choice, language) for language in LANGUAGES},
        "leak_alarm": alarm,
        "leak_limit": choice.leak_limit,
        "leak_message": warnings if alarm else None,
        "no_signal": no_signal,
        "no_signal_message": doubts if no_signal else None,
        "effort": {"name": choice.effort, **task.effort.model_dump()},
        "customers": len(task.declined),
        "declined": declined,
    }


def _warning(highest: float, choice: Choice, language: Language) -> str:
    words = Words("models", language)
    mean, limit = (words.number(value, 3) for value in (highest, choice.leak_limit))
    return words.entry("leak").format(mean=mean, limit=limit)


def _doubt(champion: dict[Any, Any], language: Language) -> str:
    words = Words("models", language)
    told = {name: words.number(champion[name], 3) for name in ("mean", "ci_low", "ci_high")}
    return words.entry("no_signal").format(**told)


def _verdict(chosen: Chosen, table: pd.DataFrame, choice: Choice, language: Language) -> str:
    words = Words("models", language)
    figure = partial(words.number, digits=3)
    champion, best = (table.loc[name].to_dict() for name in (chosen.champion, chosen.best))
    if choice.rule == "best":
        form = "best_by_rule"
    elif chosen.champion == chosen.best:
        form = "best_and_plainest"
    elif champion["explainable"] == "exact" and best["explainable"] != "exact":
        form = "close_and_exact"
    elif champion["complexity"] < best["complexity"]:
        form = "close_and_simpler"
    else:
        form = "close_and_likelier"
    vetoed = [
        f"{words.candidate(name)} (p {'<' if p < _LEAST_P else '='} {figure(max(p, _LEAST_P))})"
        for name, p in chosen.vetoed.items()
    ]
    forms = [form, "vetoed"] if vetoed else [form]
    return " ".join(words.entry(f"verdict.{each}") for each in forms).format(
        champion=words.candidate(chosen.champion),
        best=words.candidate(chosen.best),
        mean=figure(champion["mean"]),
        low=figure(champion["ci_low"]),
        high=figure(champion["ci_high"]),
        best_mean=figure(best["mean"]),
        vetoed=", ".join(vetoed),
    )
