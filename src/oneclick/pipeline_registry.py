"""The pipelines that a user can run by name."""

from importlib import import_module

from kedro.pipeline import Pipeline

# Order is the order of the story: `kedro run` is all of these, from the tables to the report.
MAIN_JOB = ("data_processing", "exploration", "data_science", "segmentation", "reporting")
ON_REQUEST = ("readout", "sample_data")


def register_pipelines() -> dict[str, Pipeline]:
    """Return every pipeline by name; ``__default__`` is the main job."""
    pipelines = {name: _create(name) for name in (*MAIN_JOB, *ON_REQUEST)}
    pipelines["__default__"] = sum((pipelines[name] for name in MAIN_JOB), Pipeline([]))
    return pipelines


def _create(name: str) -> Pipeline:
    return import_module(f"oneclick.pipelines.{name}.pipeline").create_pipeline()
