"""A disk that is full when one output is written, without running the job for each of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.framework.hooks import hook_impl
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import AbstractDataset, DataCatalog
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner

from oneclick.campaign.workbook import Block, Sheet
from oneclick.datasets.table_csv_dataset import TableCsvDataset
from oneclick.datasets.workbook_dataset import WorkbookDataset
from oneclick.errors import explain
from oneclick.hooks import PublishingHooks
from oneclick.pipeline_registry import MAIN_JOB

STREAMED = ("decline_scores", "decline_reasons")


def load_project(project: Path, snapshot: str) -> tuple[DataCatalog, PublishingHooks]:
    """Return the catalog of a snapshot, and the hooks that publish its results."""
    bootstrap_project(project)
    publishing = PublishingHooks()
    with KedroSession.create(project, runtime_params={"snapshot": snapshot}) as session:
        context = session.load_context()
    publishing.after_context_created(context)
    return context.catalog, publishing


def saved_outputs(catalog: DataCatalog) -> Iterator[tuple[str, Any]]:
    """Yield every output of the main job that lies in a file, and what a step would save there."""
    for name in sorted({name for job in MAIN_JOB for name in pipelines[job].all_outputs()}):
        dataset = catalog.get(name)
        if isinstance(dataset, AbstractDataset) and hasattr(dataset, "_filepath"):
            yield name, _as_saved(name, dataset, catalog)


def _as_saved(name: str, dataset: AbstractDataset, catalog: DataCatalog) -> Any:
    if isinstance(dataset, WorkbookDataset):
        return [Sheet("1", [Block(pd.DataFrame({"id": [1]}))])]
    if isinstance(dataset, TableCsvDataset):
        return catalog.load("campaign_register")
    loaded = catalog.load(name)
    return loaded.to_pyarrow().to_reader() if name in STREAMED else loaded


class FullDisk:
    """Lets every byte written to an output fail as on a full disk."""

    def __init__(self, catalog: DataCatalog) -> None:
        self.catalog = catalog

    @hook_impl
    def before_dataset_saved(self, dataset_name: str) -> None:
        path = Path(self.catalog.get(dataset_name)._filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to("/dev/full")


def message_of_writing(
    catalog: DataCatalog, publishing: PublishingHooks, name: str, data: Any
) -> str:
    """Return what a person is told when there is no room for an output of a run."""
    step = Pipeline([Node(lambda: data, None, name, name="write")])
    about = {"run_id": f"write-{name}", "pipeline_names": ["write"], "runtime_params": {}}
    hooks = _create_hook_manager()
    hooks.register(publishing)
    hooks.register(FullDisk(catalog))
    dataset = catalog.get(name)
    path = dataset._filepath
    publishing.before_pipeline_run(about, step, catalog)
    try:
        SequentialRunner().run(step, catalog, hooks)
    except Exception as error:
        publishing.on_pipeline_error(error, catalog)
        return explain(error)
    finally:
        dataset._filepath = path
    return "no error"
