"""Guards of the house: what the catalog and the configuration may never become."""

from pathlib import Path

import pytest
from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project
from kedro.io import MemoryDataset
from kedro.validation.type_extractor import TypeExtractor

LAYERS = [
    "raw",
    "intermediate",
    "primary",
    "model_input",
    "models",
    "model_output",
    "reporting",
]
KEYS_OF_CUSTOMERS = {"raw", "intermediate", "primary", "model_input", "model_output"}


@pytest.fixture(scope="module")
def context(project: Path):
    bootstrap_project(project)
    with KedroSession.create(project) as session:
        context = session.load_context()
        resolver = context.catalog.config_resolver
        every = {name for pipeline in pipelines.values() for name in pipeline.datasets()}
        entries = context.config_loader["catalog"]
        catalog = {
            name: resolver.resolve_pattern(name)
            for name in every
            if name in entries or resolver.match_dataset_pattern(name)
        }
        yield context, catalog, context.config_loader["parameters"]


@pytest.mark.parametrize(("language", "dialect"), [("ru", (";", ",")), ("en", (",", "."))])
def test_the_list_for_excel_has_the_dialect_of_its_language(project: Path, language, dialect):
    bootstrap_project(project)
    with KedroSession.create(project, runtime_params={"language": language}) as session:
        found = session.load_context().config_loader["catalog"]["campaign_excel"]
    assert (found["sep"], found["decimal"]) == dialect


@pytest.fixture(scope="module")
def used(context) -> set[str]:
    return {name for pipeline in pipelines.values() for name in pipeline.datasets()}


def test_every_dataset_of_a_pipeline_is_declared(context, used):
    _, catalog, _ = context
    declared = set(catalog)
    missing = {name for name in used if not name.startswith("param") and name not in declared}
    advice = "kedro would keep these in memory only: add them to catalog.yml of their pipeline"
    assert missing == set(), advice


def test_every_declared_dataset_is_used(context, used):
    declared = {name for name in context[0].config_loader["catalog"] if name[0] != "_"}
    resolver = context[0].catalog.config_resolver
    assert declared - used - {resolver.match_dataset_pattern(name) for name in used} == set()


def test_the_main_job_reads_only_what_the_shop_exports(context):
    """A pattern in the catalog describes a misspelt name too, which no step makes."""
    _, catalog, _ = context
    read = {name for name in pipelines["__default__"].inputs() if not name.startswith("param")}
    assert {name for name in read if "columns" not in catalog[name]} == set()


def test_every_parameter_is_used(context, used):
    _, _, parameters = context
    named = {name.removeprefix("params:").split(".")[0] for name in used}
    everywhere = {"snapshot", "language", "seed"}  # read by other parameters and by hooks
    assert {name for name in parameters if not name.startswith("_")} - named - everywhere == set()


def test_every_pipeline_alone_knows_the_types_of_its_parameters(context):
    """Without the type, a step gets a dictionary instead of the parameters it reads."""
    types = TypeExtractor(dict(pipelines)).extract_types_from_pipelines()
    untyped = {
        (name, group)
        for name, pipeline in pipelines.items()
        for group in {used.removeprefix("params:") for used in pipeline.inputs()} & set(types)
        if group not in TypeExtractor({name: pipeline}).extract_types_from_pipelines()
    }
    assert untyped == set()


def test_every_stored_dataset_has_a_known_layer(context):
    _, catalog, _ = context
    strange = {
        name: config.get("metadata", {}).get("kedro-viz", {}).get("layer")
        for name, config in catalog.items()
        if config["type"] != "MemoryDataset"
        and config.get("metadata", {}).get("kedro-viz", {}).get("layer") not in LAYERS
    }
    assert strange == {}


def test_layers_only_go_forward(context):
    """Kedro-viz draws no layers at all if they form a circle."""
    _, catalog, _ = context
    layers = {
        name: LAYERS.index(layer)
        for name, config in catalog.items()
        if (layer := config.get("metadata", {}).get("kedro-viz", {}).get("layer"))
    }
    main_job = pipelines["__default__"]

    def highest_before(dataset: str) -> int:
        if dataset in layers:
            return layers[dataset]
        makers = (node for node in main_job.nodes if dataset in node.outputs)
        return max((highest_before(name) for node in makers for name in node.inputs), default=0)

    backward = {
        (source, target)
        for node in main_job.nodes
        for target in node.outputs
        for source in node.inputs
        if highest_before(source) > layers.get(target, len(LAYERS))
    }
    assert backward == set()


def test_customers_are_never_previewed(context):
    """Only reports may be shown in the graph; whatever has a row per customer may not."""
    _, catalog, _ = context
    shown = [
        name
        for name, config in catalog.items()
        if (kedro_viz := config.get("metadata", {}).get("kedro-viz", {})).get("layer")
        in KEYS_OF_CUSTOMERS
        and kedro_viz.get("preview") is not False
        and hasattr(_class_of(config["type"]), "preview")
        and not name.endswith("row_accounting")  # four rows of sums
    ]
    assert shown == []


def _class_of(type_name: str) -> type:
    from kedro.io.core import parse_dataset_definition

    return parse_dataset_definition({"type": type_name})[0]


def test_results_lie_in_the_folder_that_is_published_at_once(context):
    _, catalog, _ = context
    results = f"{context[0].project_path}/data/snapshots/sample/"
    outputs = {name for pipeline in pipelines.values() for name in pipeline.all_outputs()}
    elsewhere = {
        name
        for name in outputs & set(catalog)
        if catalog[name]["type"] != "MemoryDataset"
        and not str(context[0].project_path / catalog[name]["filepath"]).startswith(results)
    }
    assert elsewhere == set()


def test_pipelines_are_described_nodes_have_names(context):
    nameless = [
        node.name
        for pipeline in pipelines.values()
        for node in pipeline.nodes
        if node.short_name != node._name
    ]
    assert nameless == []


def test_memory_is_declared_where_it_is_used(context, used):
    """Kedro makes a silent MemoryDataset of a misspelt name; ours are all meant."""
    catalog = context[0].catalog
    meant = {name for name, config in context[1].items() if config["type"] == "MemoryDataset"}
    found = {name for name in used if isinstance(catalog.get(name), MemoryDataset)}
    assert {name for name in found if not name.startswith("param")} == meant
