"""The pipelines that a user can run by name."""

from importlib import import_module

from kedro.framework.project import find_pipelines
from kedro.pipeline import Pipeline

# Order is the order of the story: `kedro run` is all of these, from the tables to the report.
MAIN_JOB = ("data_processing", "exploration", "data_science", "segmentation", "reporting")
OVERVIEW = "overview"
_REPORTING = "reporting"


def register_pipelines() -> dict[str, Pipeline]:
    """Return pipelines by name; ``__default__`` is the main job.

    Kedro finds only the folders that a command asks for, so that a short job imports little. Two
    of the pipelines reuse others, which they never import themselves: they are put together here.
    """
    pipelines = find_pipelines(raise_errors=True)
    if "__default__" in pipelines:
        pipelines["__default__"] = sum((pipelines[name] for name in MAIN_JOB), Pipeline([]))
    if OVERVIEW in pipelines:
        pipelines[OVERVIEW] = _fold({n: pipelines.get(n) or _create(n) for n in MAIN_JOB})
    if "scoring" in pipelines:
        pipelines["scoring"] += (
            _create("data_processing")
            + _with_model_in_service(_create("data_science"))
            + _create("segmentation")
        )
    if "readout" in pipelines:
        pipelines["readout"] += _of_a_later_month(_create("data_processing"))
    return pipelines


def _fold(stages: dict[str, Pipeline]) -> Pipeline:
    """Return the main job with its stages as namespaces, which the viewer shows folded.

    What draws or writes about one stage alone is shown within that stage, so that the folded graph
    has chapters between stages and report, instead of every figure.
    """
    home = {output: name for name, stage in stages.items() for output in stage.all_outputs()}
    for node in stages[_REPORTING].nodes:
        sources = {home[name] for name in node.inputs if name in home}
        if len(sources) == 1 and (source := sources.pop()) != _REPORTING:
            home |= dict.fromkeys(node.outputs, source)
            stages[source] += Pipeline([node])
            stages[_REPORTING] -= Pipeline([node])
    folded = (
        Pipeline(stage, namespace=name, prefix_datasets_with_namespace=False)
        for name, stage in stages.items()
    )
    return sum(folded, Pipeline([]))


def _create(name: str) -> Pipeline:
    return import_module(f"oneclick.pipelines.{name}.pipeline").create_pipeline()


def _with_model_in_service(data_science: Pipeline) -> Pipeline:
    """Scores and reasons as in training, by the model that was saved."""
    return Pipeline(
        data_science.only_nodes("score_customers", "choose_explained", "explain_customers"),
        inputs={
            "customers": "customers",
            "decline_model": "model_in_service",
            "model_info": "service_info",
            "training_scores": "known_scores",
            "training_reasons": "known_reasons",
            "model_background": "service_background",
        },
    )


def _of_a_later_month(data_processing: Pipeline) -> Pipeline:
    """The same cleaning for the tables that show what became of the customers."""
    unit = "params:profit_value.profit_unit_rub"
    return Pipeline(
        data_processing,
        namespace="outcome",
        outputs={"customers": "outcome_customers"},
        parameters={"params:cleaning": "params:outcome_cleaning", unit: unit},
    )
