"""What happens around a run: checks before it, progress during it, publishing after it."""

import logging
import re
import sys
import time
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.framework.context import KedroContext
from kedro.framework.hooks import hook_impl
from kedro.framework.project import pipelines
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from oneclick.errors import OneclickError
from oneclick.progress import unwatch, watch
from oneclick.publishing import Publication
from oneclick.summary import summarise_run

logger = logging.getLogger(__name__)


class InputHooks:
    """Refuses a run whose inputs no earlier run has made, and says which run makes them."""

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        missing = sorted(
            name
            for name in pipeline.inputs()
            if not name.startswith("params:")
            and name != "parameters"
            and not catalog.exists(name)
            and _producers(name)
        )
        if missing:
            first = _producers(missing[0])[0]
            raise OneclickError(
                f"No earlier run has made {', '.join(missing)} for this snapshot. "
                f"Run first: kedro run   (or kedro run --pipeline {first})"
            )


def _producers(dataset: str) -> list[str]:
    """Names of the pipelines that write a dataset, the smallest first."""
    pipelines.set_requested(None)  # look at all of them, not only at those of this run
    makers = [name for name in pipelines if dataset in pipelines[name].all_outputs()]
    return sorted(makers, key=lambda name: (len(pipelines[name].nodes), name))


class PublishingHooks:
    """Sends every output of a run to a staging folder and publishes them together at the end."""

    def __init__(self) -> None:
        self._results = Path()
        self._models = Path()
        self._publication: Publication | None = None

    @hook_impl
    def after_context_created(self, context: KedroContext) -> None:
        snapshot = str(context.config_loader["parameters"]["snapshot"])
        if not re.fullmatch(r"[\w][\w.-]*", snapshot):
            raise OneclickError(
                f"'{snapshot}' cannot be the name of a snapshot: it names a folder, so use letters, "
                "digits, '-', '_' and '.', for example snapshot=2026-12."
            )
        folders = context.config_loader["globals"]
        self._results = context.project_path / folders["snapshots"] / snapshot
        self._models = context.project_path / folders["models"]

    @hook_impl
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        staged = [
            dataset
            for name in sorted(pipeline.all_outputs())
            if (dataset := catalog.get(name)) is not None and _lies_in(dataset, self._results)
        ]
        if not staged:
            return
        publication = Publication(self._results, run_params["run_id"])
        publication.begin()
        for dataset in staged:
            path = PurePosixPath(dataset._filepath)
            staged_path = publication.staging / path.relative_to(self._results.as_posix())
            dataset._filepath = type(dataset._filepath)(staged_path.as_posix())
        self._publication = publication

    @hook_impl
    def after_pipeline_run(self) -> None:
        if self._publication is not None:
            self._publication.publish(models_link=self._models)
            self._publication = None
            for line in summarise_run(self._results):
                logger.info(line)

    @hook_impl
    def on_pipeline_error(self) -> None:
        if self._publication is not None:
            self._publication.abandon()
            self._publication = None


def _lies_in(dataset: Any, folder: Path) -> bool:
    """Whether a dataset is a file below ``folder``; file datasets keep their path there."""
    path = getattr(dataset, "_filepath", None)
    return path is not None and PurePosixPath(folder.as_posix()) in PurePosixPath(path).parents


class ProgressHooks:
    """Says which step runs, how far it is and how long it took, saving included."""

    def __init__(self) -> None:
        self._done = 0
        self._total = 0
        self._label = ""
        self._started = 0.0
        self._live = sys.stderr.isatty()

    @hook_impl
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        self._done, self._total, self._label = 0, len(pipeline.nodes), ""
        watch(self._show_step)

    @hook_impl
    def before_node_run(self, node: Node) -> None:
        self._finish_step()
        self._label = node.short_name
        self._show_live("")

    @hook_impl
    def after_pipeline_run(self) -> None:
        self._finish_step()
        unwatch(self._show_step)

    @hook_impl
    def on_pipeline_error(self) -> None:
        self._clear()
        unwatch(self._show_step)

    def _finish_step(self) -> None:
        """A step's results are saved after its node, so it ends when the next one begins."""
        now = time.monotonic()
        if self._label:
            self._clear()
            self._done += 1
            seconds = now - self._started
            logger.info("[%d/%d] %s  %.1f s", self._done, self._total, self._label, seconds)
        self._started = now

    def _show_step(self, done: int, total: int, label: str) -> None:
        self._show_live(f": {label} {done}/{total}")

    def _show_live(self, step: str) -> None:
        if self._live:
            seconds = time.monotonic() - self._started
            line = f"[{self._done + 1}/{self._total}] {self._label}{step}  {seconds:.0f} s"
            sys.stderr.write(f"\r\x1b[2K{line[:100]}")
            sys.stderr.flush()

    def _clear(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
