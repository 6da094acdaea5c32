from kedro.pipeline import Node, Pipeline

from oneclick.drawing import drawing_node
from oneclick.pipelines.exploration import nodes

_LOOK = "params:exploration"
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
    steps = [
        Node(nodes.draw_sample,
             ["customers", _LOOK], "exploration_sample", name="draw_exploration_sample"),
        Node(nodes.describe_distributions,
             ["exploration_sample", _LOOK],
             ["histograms", "indicator_summary", "level_mix", "monthly_means"],
             name="describe_distributions"),
        Node(nodes.measure_dependence,
             ["exploration_sample", _LOOK],
             ["dependencies", "collinearity", "pair_pictures"], name="measure_dependence"),
        Node(nodes.find_oddities,
             ["exploration_sample", _LOOK, "params:profit_value.profit_unit_rub"],
             ["outliers", "profit_against_revenue"], name="find_oddities"),
        drawing_node("exploration", CHARTS),
    ]  # fmt: skip
    return Pipeline(steps, tags="exploration")
