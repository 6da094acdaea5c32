"""What a run takes from earlier ones; refused where it is missing, out of date or does not fit."""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
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
from oneclick.report.svg import language_of_chart
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
        models: The folder of the model in service.
        commands: How runs are called that put things right.
        parameters: All parameters.
        asked: The pipelines that were asked for; none for the main job.
    """

    pipeline: Pipeline
    catalog: CatalogProtocol
    models: Path
    commands: "Commands"
    parameters: Mapping[str, Any]
    asked: list[str]

    @property
    def results(self) -> Path:
        """The folder of the snapshot's results."""
        return self.commands.results


@dataclass(frozen=True)
class Commands:
    """Writes commands for a snapshot that decide as its campaign did, but for what is given.

    Attributes:
        results: The folder of the snapshot's results.
        given: What stood after ``--params``.
        environment: That of ``--env``; empty where it need not be named.
        language: The one that is configured.
    """

    results: Path
    given: Mapping[str, Any] = field(default_factory=dict)
    environment: str = ""
    language: str = ""

    def write(self, names: Collection[str], **further: str) -> str:
        """Return the command that runs these pipelines; without names, all of the main job."""
        decides = not names or {"segmentation", "scoring"}.intersection(names)
        remembered = self._of_campaign() if decides else {}
        given = dict(list_given(self.given))
        params = remembered | further | given | {"snapshot": self.results.name}
        told = ",".join(f"{name}={_typed(value)}" for name, value in params.items())
        asked = f" --pipelines {','.join(names)}" if names else ""
        where = f" --env {self.environment}" if self.environment else ""
        return f"kedro run{where}{asked} --params {quote(told)}"

    def _of_campaign(self) -> dict[str, Any]:
        """Return what the snapshot's campaign was decided with and no run remembers."""
        campaign = read_facts(self.results, "campaign_summary") or {}
        found = {name: campaign.get(name) for name in ("starts_on", "budget", "language")}
        if found["language"] == self.language:
            del found["language"]
        return {name: value for name, value in found.items() if value is not None}


def _typed(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f"{value:.15g}" if isinstance(value, float) else str(value)


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
            f"month: {run.commands.write(())}"
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
            kept.append(language_of_chart(svg.read(100)))
    if other := next((each for each in kept if each not in (None, language)), None):
        anew = run.commands.write(("exploration", "segmentation", "reporting"))
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
    typed = dict(list_given(run.commands.given))
    campaign = run.catalog.load("params:campaign")
    for name, longer in _REMEMBERED.items():
        was, now = before.get(name), getattr(campaign, name)
        if was not in (None, now) and not {name, longer}.intersection(typed):
            kept = _typed(was)
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
            f"to each other. Run all of it: {run.commands.write(whole)}"
        )
    if missing:
        first = _producers(missing[0])[0]
        raise OneclickError(
            f"No earlier run has made {', '.join(missing)} for this snapshot. "
            f"Run first: {run.commands.write(())}   (or only {run.commands.write([first])})"
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
    redo = _with_what_they_take(stages_that_make(stale) | set(run.asked or MAIN_JOB), made_by)
    anew = run.commands.write(in_order(redo.intersection(MAIN_JOB)))
    if month_of_foreign_model(run.results):
        anew = run.commands.write(["scoring"], raw="FOLDER")
    raise OneclickError(
        f"This run would mix results of {run.results.name} that do not belong together: "
        f"{', '.join(names[:3])}{' and others' if len(names) > 3 else ''} are older than "
        f"{most_telling(newer)}. Make all of them anew: {anew}"
    )


def stages_that_make(names: Iterable[str]) -> set[str]:
    """Return the stages of the main job that make some of these datasets."""
    wanted, every = set(names), every_pipeline()
    return {stage for stage in MAIN_JOB if wanted & every[stage].all_outputs()}


def _with_what_they_take(stages: set[str], made_by: Mapping[str, str]) -> set[str]:
    """Add the stages whose results these take and would make outdated themselves."""
    every = every_pipeline()
    sources = sources_in(every.values())
    while True:
        known = [every[stage] for stage in stages]
        making = set().union(*(pipeline.all_outputs() for pipeline in known))
        taken = set().union(*(pipeline.inputs() for pipeline in known)) - making
        more = stages_that_make(taken.intersection(find_outdated(made_by, sources, making)))
        if more <= stages:
            return stages
        stages = stages | more


def describe_outdated(commands: Commands) -> tuple[dict[str, list[str]], str]:
    """Return which results of a snapshot are older than what they are made from, and from what.

    Beside them stands the command that makes them anew; it is empty where there are none.
    """
    made_by = runs_of_results(commands.results)
    outdated = find_outdated(made_by, sources_in(every_pipeline().values()))
    stages = stages_that_make(outdated)
    if not stages or month_of_foreign_model(commands.results):
        return outdated, ""
    return outdated, commands.write(in_order(_with_what_they_take(stages, made_by)))


def in_order(names: Iterable[str]) -> list[str]:
    """Return pipelines in the order of the main job; kedro hands them on in the order of a set."""
    place = {name: number for number, name in enumerate(MAIN_JOB)}
    return sorted(names, key=lambda name: (place.get(name, len(place)), name))


def lies_in(dataset: Any, folder: Path) -> bool:
    """Whether a dataset is a file below ``folder``; file datasets keep their path there."""
    path = getattr(dataset, "_filepath", None)
    return path is not None and Path(str(path)).is_relative_to(folder)
