from kedro.pipeline import Node, Pipeline

from oneclick.pipelines.sample_data.nodes import write_sample_shop


def create_pipeline() -> Pipeline:
    """Return the pipeline that fabricates raw tables, so that all others run without real ones."""
    return Pipeline([Node(write_sample_shop, "params:sample_shop", None, name="write_sample_shop")])
