"""What happens around a run: checks before it, progress during it, publishing after it."""

import logging
import sys
import time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines, settings
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node
from kedro.validation.type_extractor import TypeExtractor

from oneclick.earlier_results import (
    Commands,
    PlannedRun,
    check_earlier_results,
    describe_outdated,
    in_order,
    lies_in,
)
from oneclick.errors import ON_ENGINE, ConnectionLostError, OneclickError, explain
from oneclick.intake.locating import find_files
from oneclick.parallel import start
from oneclick.parameter_checks import (
    check_names,
    check_snapshot,
    check_values,
    list_unknown_values,
    settle_folders,
)
from oneclick.progress import watch
from oneclick.publishing import Publication, month_in_service
from oneclick.run_record import RunRecord
from oneclick.summary import summarise_run

if TYPE_CHECKING:
    from oneclick.warehouse.publishing import SchemaPublication

logger = logging.getLogger(__name__)


class InputHooks:
    """Refuses a run whose parameters are wrong, or that earlier results do not fit."""

    def __init__(self) -> None:
        self._models = Path()
        self._commands = Commands(Path())
        self._parameters: dict[str, Any] = {}

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Kedro checks parameters too, but its message keeps neither their file nor their line."""
        loader = context.config_loader
        given = loader.runtime_params or {}
        settle_folders(given)
        for kind in ("globals", "parameters"):
            loader[kind] = loader[kind]  # kept: kedro would read all files anew at every look
        conf = Path(loader.conf_source)
        check_names(conf, given)
        check_snapshot(loader["parameters"]["snapshot"], given)
        _, self._models = folders_of(context)
        self._commands, self._parameters = _commands(context, given), loader["parameters"]
        kinds = TypeExtractor(dict(pipelines)).extract_types_from_pipelines()
        check_values(conf, kinds, given, loader["parameters"])

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        """Look at the results of earlier runs that this one takes, and at those it replaces."""
        if "params:offer_catalogue" in pipeline.inputs():
            for warning in list_unknown_values(self._parameters):
                logger.warning(warning)
        check_earlier_results(
            PlannedRun(
                pipeline=pipeline,
                catalog=catalog,
                models=self._models,
                commands=self._commands,
                parameters=self._parameters,
                asked=run_params["pipeline_names"] or [],
            )
        )


def _commands(context: KedroContext, given: dict[str, Any]) -> Commands:
    """Return the writer of commands for the snapshot of a run."""
    usual, folders = settings.CONFIG_LOADER_ARGS["default_run_env"], folders_of(context)
    environment = "" if context.env in (None, usual) else context.env
    language = context.config_loader["globals"]["language"]
    return Commands(folders[0], given, environment, language)


def folders_of(context: KedroContext) -> tuple[Path, Path]:
    """Return the folders of the snapshot's results and of the model in service."""
    folders, snapshot = context.config_loader["globals"], context.config_loader["parameters"]
    results = context.project_path / folders["snapshots"] / str(snapshot["snapshot"])
    return results, context.project_path / folders["models"]


class PublishingHooks:
    """Stages every output of a run, publishes them together at the end, and records the run."""

    def __init__(self) -> None:
        self._project = self._results = self._models = Path()
        self._environment = self._engine = self._saving = ""
        self._made: list[str] = []
        self._commands = Commands(Path())
        self._publication: Publication | None = None
        self._tables: SchemaPublication | None = None
        self._record: RunRecord | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        """Find out where results and models lie, and what the run works on."""
        self._project = context.project_path
        self._results, self._models = folders_of(context)
        self._commands = _commands(context, {})
        self._engine = context.config_loader["globals"]["engine"]["backend"]
        self._environment = context.env or settings.CONFIG_LOADER_ARGS["default_run_env"]

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        """Lead the outputs to a staging folder and begin the run's record."""
        outputs = {name: catalog.get(name) for name in sorted(pipeline.all_outputs())}
        made = {name: each for name, each in outputs.items() if lies_in(each, self._results)}
        if not made:
            return
        staged = list(made.values())
        for name in sorted(pipeline.inputs()):
            if lies_in(dataset := catalog.get(name), self._models):
                # A run that ends meanwhile may put its model in service; this one keeps to its own.
                _lead(dataset, self._models, self._models.resolve())
        inputs, run_id = _files_read(pipeline, catalog), run_params["run_id"]
        place = "warehouse" if self._engine == "postgres" else "files"
        publication = Publication(self._results, run_id, place)
        publication.begin()
        try:
            if place == "warehouse":
                self._stage_tables(catalog.get("customers"), staged, publication)
        except OneclickError:
            publication.abandon()
            raise
        for dataset in staged:
            _lead(dataset, self._results, publication.staging)
        self._publication, self._made = publication, list(made)
        about = {
            "snapshot": self._results.name,
            "pipelines": in_order(run_params["pipeline_names"] or ["__default__"]),
            "environment": self._environment,
            "parameters": run_params["runtime_params"],
        }
        records = self._results.parents[1] / "runs"
        self._record = RunRecord(records, self._project, run_id, about, inputs)

    def _stage_tables(self, known: Any, staged: list[Any], publication: Publication) -> None:
        """Lead tables of the warehouse, if the run makes any, to a staging schema.

        A run that was killed amid publishing is caught up with by any other: a later one that is
        shown would hide it. ``known`` is a table of the snapshot.
        """
        from oneclick.warehouse.publishing import SchemaPublication

        schema = SchemaPublication(known.connection, known.schema, publication.final.name)
        tables = [dataset for dataset in staged if hasattr(dataset, "schema")]
        if tables:
            schema.begin()
        if run := schema.published_run():
            publication.catch_up(run)
        for table in tables:
            table.schema = schema.staging
        self._tables = schema if tables else None

    @hook_impl
    def before_dataset_loaded(self, node: Node) -> None:
        """Start the clock of a step: it begins with its first input, which may be what fails."""
        if self._record is not None:
            self._record.begin_step(node.name)

    @hook_impl
    def before_dataset_saved(self, dataset_name: str) -> None:
        """Remember what is being written, to name it if that fails."""
        self._saving = dataset_name

    @hook_impl
    def after_dataset_saved(self) -> None:
        """It was written."""
        self._saving = ""

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline) -> None:
        """Publish, record and summarise."""
        if self._publication is None or self._record is None:
            return
        served = month_in_service(self._models)
        try:
            publish_tables = None if self._tables is None else self._tables.publish
            self._publication.publish(self._models, self._made, at_once=publish_tables)
        except (OSError, OneclickError) as error:
            self._give_up(error)
            raise
        self._record.finish(self._results, pipeline.all_outputs())
        self._publication = self._tables = self._record = None
        served = served if "decline_model" in self._made else None
        for line in summarise_run(self._results, *describe_outdated(self._commands), served):
            logger.info(line)

    @hook_impl
    def on_pipeline_error(self, error: Exception, catalog: CatalogProtocol) -> None:
        """Throw away what was staged and record why."""
        if self._saving:
            path = getattr(catalog.get(self._saving), "_filepath", None)
            error.add_note(f"{self._saving} ({Path(path).name})" if path else self._saving)
        error.add_note(f"{ON_ENGINE}{self._engine}")
        self._give_up(error)

    def _give_up(self, error: BaseException) -> None:
        if self._tables is not None:
            self._tables.abandon()
        if self._publication is not None:
            in_doubt = self._tables is not None and isinstance(error, ConnectionLostError | OSError)
            self._publication.abandon(in_doubt=in_doubt)
        if self._record is not None:
            self._record.fail(explain(error))
        self._publication = self._tables = self._record = None


def _files_read(pipeline: Pipeline, catalog: CatalogProtocol) -> dict[str, Path]:
    """The files behind a pipeline's inputs; an export is found by its name without the ending."""
    found: dict[str, Path] = {}
    for name in sorted(pipeline.inputs()):
        path = getattr(catalog.get(name), "_filepath", None)
        files = [path, *find_files(Path(path))] if path else []
        if file := next((Path(file) for file in files if Path(file).is_file()), None):
            found[name] = file
    return found


def _lead(dataset: Any, folder: Path, other: Path) -> None:
    """Let a dataset below ``folder`` read and write at the same place below ``other``."""
    path = other / PurePosixPath(dataset._filepath).relative_to(folder.as_posix())
    dataset._filepath = type(dataset._filepath)(path.as_posix())


_LOADED_BY_PROCESSES = ("oneclick.report.charts.exploration", "oneclick.modelling.evaluation")


class ProcessHooks:
    """Starts the processes that compare candidates, and draw, while the tables are being read."""

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline, catalog: CatalogProtocol) -> None:
        """Start them if the run compares candidates."""
        if "nested_scores" in pipeline.all_outputs():
            # Saving a model looks up each function of scipy.special in every module loaded before.
            import scipy.special  # noqa: F401

            start(catalog.load("params:choice").processes, *_LOADED_BY_PROCESSES)


class ProgressHooks:
    """Says which step runs, how far it is and how long it took, saving included."""

    def __init__(self) -> None:
        self._done = self._total = 0
        self._label = ""
        self._started = 0.0

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Count the steps."""
        self._done, self._total, self._label = 0, len(pipeline.nodes), ""
        watch(lambda done, total, label: self._show(f": {label} {done}/{total}"))

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        """Tell the step before as done and show this one."""
        self._finish_step()
        self._label = node.short_name
        self._show()

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Tell the last step as done."""
        self._finish_step()

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Leave the line to the error."""
        _write_over("")

    def _finish_step(self) -> None:
        """A step's results are saved after its node, so it ends when the next one begins."""
        now = time.monotonic()
        if self._label:
            _write_over("")
            self._done += 1
            seconds = now - self._started
            logger.info("[%d/%d] %s  %.1f s", self._done, self._total, self._label, seconds)
        self._started = now

    def _show(self, step: str = "") -> None:
        seconds = time.monotonic() - self._started
        line = f"[{self._done + 1}/{self._total}] {self._label}{step}  {seconds:.0f} s"
        _write_over(line[:100])


def _write_over(line: str) -> None:
    """Replace the last line of a terminal; nothing where nobody looks on."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[2K{line}")
        sys.stderr.flush()
