from kedro.pipeline import Node, Pipeline

from oneclick.drawing import drawing_node
from oneclick.pipelines.exploration import nodes

CHARTS = {  # from the tables beside them
    "histograms": ["histograms", "dependencies"],
    "levels": ["level_mix"],
    "months": ["monthly_means"],
    "phik": ["dependencies"],
    "target_dependence": ["dependencies"],
    "pairs": ["pair_pictures"],
    "profit": ["profit_against_revenue"],
}


def create_pipeline() -> Pipeline:
    """From the customers to tables and charts of how they differ by class."""
    return Pipeline(
        [
            Node(
                nodes.draw_sample,
                inputs=["customers", "params:exploration"],
                outputs="exploration_sample",
                name="draw_exploration_sample",
            ),
            Node(
                nodes.describe_distributions,
                inputs=["exploration_sample", "params:exploration"],
                outputs=["histograms", "indicator_summary", "level_mix", "monthly_means"],
                name="describe_distributions",
            ),
            Node(
                nodes.measure_dependence,
                inputs=["exploration_sample", "params:exploration"],
                outputs=["dependencies", "collinearity", "pair_pictures"],
                name="measure_dependence",
            ),
            Node(
                nodes.find_oddities,
                inputs=["exploration_sample", "params:exploration"],
                outputs=["outliers", "profit_against_revenue"],
                name="find_oddities",
            ),
            drawing_node("exploration", CHARTS),
        ],
        tags="exploration",
    )
