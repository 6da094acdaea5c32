"""What a run takes from earlier ones; refused where it is missing, out of date or does not fit."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from kedro.framework.project import pipelines
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from oneclick.errors import OneclickError
from oneclick.freshness import ancestors, find_outdated, sources_in
from oneclick.parameter_checks import list_given
from oneclick.pipeline_registry import MAIN_JOB
from oneclick.publishing import runs_of_results
from oneclick.report.svg import language_of
from oneclick.summary import month_of_foreign_model, most_telling, read_facts

logger = logging.getLogger(__name__)

_KEPT_CHART = "08_reporting/charts/histograms.svg"  # a run may take it from one before
_REMEMBERED = {"budget": "campaign.budget", "language": "language"}  # names after --params


@dataclass(frozen=True)
class PlannedRun:
    """A run that is about to begin.

    Attributes:
        pipeline: Its steps.
        catalog: Where they read and write.
        results: The folder of the snapshot's results.
        models: The folder of the model in service.
        given: What stood after ``--params``.
        parameters: All parameters.
        asked: The pipelines that were asked for; none for the main job.
    """

    pipeline: Pipeline
    catalog: CatalogProtocol
    results: Path
    models: Path
    given: Mapping[str, Any]
    parameters: Mapping[str, Any]
    asked: list[str]

    def command(self, names: Iterable[str]) -> str:
        """Return the command that runs pipelines on this snapshot with what was given."""
        return write_command(names, self.results.name, self.given)


def write_command(names: Iterable[str], snapshot: str, given: Mapping[str, Any]) -> str:
    """Return the command that runs pipelines on a snapshot; without names, all of the main job."""
    asked = ",".join(names)
    params = dict(list_given(given)) | {"snapshot": snapshot}
    told = ",".join(f"{name}={_typed(value)}" for name, value in params.items())
    return f"kedro run{' --pipelines ' if asked else ''}{asked} --params {quote(told)}"


def _typed(value: Any) -> str:
    return (
        "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )


def check_earlier_results(run: PlannedRun) -> None:
    """Refuse a run that lacks results of earlier ones, or would mix what does not belong together.

    Raises:
        OneclickError: What is wrong, and the command that puts it right.
    """
    made = run.pipeline.all_outputs()
    if "report_html" in made:
        _refuse_report_of_another_model(run)
    if "campaign_register" in made:
        _refuse_to_replace_letters(run)
    _refuse_missing(run)
    _refuse_outdated(run)
    if "report_html" in made:
        _refuse_two_languages(run)
    if "campaign_register" in made:
        _warn_of_what_is_forgotten(run)


def _refuse_report_of_another_model(run: PlannedRun) -> None:
    if "champion" in run.pipeline.all_outputs():
        return
    if other := month_of_foreign_model(run.results):
        raise OneclickError(
            f"The scores of {run.results.name} are by the model of {other}, and a report tells of "
            "a model and the month that it was trained on. The campaign files hold what scoring "
            "decided (kedro run --pipeline segmentation decides anew); for a report train on this "
            f"month: {run.command(())}"
        )


def _refuse_two_languages(run: PlannedRun) -> None:
    """Names of segments and offers, and all charts, hold words of the run that made them."""
    made, language = run.pipeline.all_outputs(), run.parameters["language"]
    kept: list[str | None] = []
    campaign = read_facts(run.results, "campaign_summary")
    if campaign and "campaign_summary" not in made:
        kept.append(campaign["language"])
    chart = run.results / _KEPT_CHART
    if chart.exists() and "chart_histograms" not in made:
        with chart.open(encoding="utf-8") as svg:
            kept.append(language_of(svg.read(100)))
    if other := next((each for each in kept if each not in (None, language)), None):
        anew = run.command(("exploration", "segmentation", "reporting"))
        raise OneclickError(
            f"Campaign or charts of {run.results.name} were made with language={other}, so a "
            f"report with language={language} would mix the two. Make all of them anew: {anew}"
        )


def _refuse_to_replace_letters(run: PlannedRun) -> None:
    """A what-if would leave the read-out with letters that nobody got."""
    if run.catalog.load("params:campaign").starts_on:
        return
    campaign = read_facts(run.results, "campaign_summary") or {}
    if start := campaign.get("starts_on"):
        raise OneclickError(
            f"The campaign of {run.results.name} starts on {start}: its letters may be out, and "
            "their register is what a read-out needs. To try something else, take "
            "notebooks/03_offers_and_budget.ipynb, which writes nothing, or the same tables under "
            f"another name. To replace this campaign, name its start: starts_on={start}"
        )


def _warn_of_what_is_forgotten(run: PlannedRun) -> None:
    """Whoever decided with a budget and now only adds the date may think that it still holds."""
    before = read_facts(run.results, "campaign_summary") or {}
    typed = dict(list_given(run.given))
    campaign = run.catalog.load("params:campaign")
    for name, longer in _REMEMBERED.items():
        was, now = before.get(name), getattr(campaign, name)
        if was not in (None, now) and not {name, longer}.intersection(typed):
            kept = f"{was:.15g}" if isinstance(was, float) else was
            logger.warning(
                "The campaign before had %s=%s, this one has %s: parameters are not remembered. "
                "If it still holds, add %s=%s to --params.",
                *(name, kept, "none" if now is None else now, name, kept),
            )


def _refuse_missing(run: PlannedRun) -> None:
    absent = sorted(
        name
        for name in run.pipeline.inputs()
        if not name.startswith("params:") and name != "parameters" and not run.catalog.exists(name)
    )
    if any(lies_in(run.catalog.get(name), run.models) for name in absent):
        raise OneclickError(
            f"There is no model in service in {run.models}. Train one on a month whose "
            "customers have a status: kedro run --params raw=FOLDER,snapshot=MONTH"
        )
    missing = [name for name in absent if _producers(name)]
    unsaved = [name for name in missing if getattr(run.catalog.get(name), "_EPHEMERAL", False)]
    if unsaved:
        tags = {tag for node in run.pipeline.nodes for tag in node.tags}
        whole = run.asked or [name for name in MAIN_JOB if name in tags]
        raise OneclickError(
            f"This run begins after {', '.join(unsaved)}, which no run keeps: steps hand them "
            f"to each other. Run all of it: {run.command(whole)}"
        )
    if missing:
        first = _producers(missing[0])[0]
        raise OneclickError(
            f"No earlier run has made {', '.join(missing)} for this snapshot. "
            f"Run first: {run.command(())}   (or only {run.command([first])})"
        )


def _producers(dataset: str) -> list[str]:
    """Names of the pipelines that write a dataset, the smallest first."""
    makers = [name for name, each in every_pipeline().items() if dataset in each.all_outputs()]
    return sorted(makers, key=lambda name: (len(pipelines[name].nodes), name))


def every_pipeline() -> dict[str, Pipeline]:
    """Return all pipelines of the project, not only those of this run."""
    pipelines.set_requested(None)
    return dict(pipelines)


def _refuse_outdated(run: PlannedRun) -> None:
    """Refuse to go on from results that are older than what they are made from.

    The read-out is about the letters that were sent, whatever became of the tables since.
    """
    made_by, making = runs_of_results(run.results), run.pipeline.all_outputs()
    steps = (node for node in run.pipeline.nodes if "readout" not in node.tags)
    taken = {name for step in steps for name in step.inputs if name not in making}
    if not taken.intersection(made_by):
        return
    sources = sources_in(every_pipeline().values())
    outdated = find_outdated(made_by, sources, making)
    names = sorted(taken.intersection(outdated))
    if not names:
        return
    newer = {newer for name in names for newer in outdated[name]}
    stale = {each for name in names for each in (name, *ancestors(name, sources))} & set(outdated)
    redo = stages_that_make(stale) | set(run.asked or MAIN_JOB)
    anew = run.command(in_order(redo.intersection(MAIN_JOB)))
    if month_of_foreign_model(run.results):
        anew = f"kedro run --pipeline scoring --params raw=FOLDER,snapshot={run.results.name}"
    raise OneclickError(
        f"This run would mix results of {run.results.name} that do not belong together: "
        f"{', '.join(names[:3])}{' and others' if len(names) > 3 else ''} were made from an "
        f"earlier {most_telling(newer)}. Make all of them anew: {anew}"
    )


def stages_that_make(names: Iterable[str]) -> set[str]:
    """Return the stages of the main job that make some of these datasets."""
    wanted, every = set(names), every_pipeline()
    return {stage for stage in MAIN_JOB if wanted & every[stage].all_outputs()}


def describe_outdated(results: Path) -> tuple[dict[str, list[str]], str]:
    """Return which results of a snapshot are older than what they are made from, and from what.

    Beside them stands the command that makes them anew; it is empty where there are none.
    """
    outdated = find_outdated(runs_of_results(results), sources_in(every_pipeline().values()))
    stages = stages_that_make(outdated)
    if not stages or month_of_foreign_model(results):
        return outdated, ""
    return outdated, write_command(in_order(stages), results.name, {})


def in_order(names: Iterable[str]) -> list[str]:
    """Return pipelines in the order of the main job; kedro hands them on in the order of a set."""
    place = {name: number for number, name in enumerate(MAIN_JOB)}
    return sorted(names, key=lambda name: (place.get(name, len(place)), name))


def lies_in(dataset: Any, folder: Path) -> bool:
    """Whether a dataset is a file below ``folder``; file datasets keep their path there."""
    path = getattr(dataset, "_filepath", None)
    return path is not None and Path(str(path)).is_relative_to(folder)
