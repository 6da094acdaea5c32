from kedro.pipeline import Node, Pipeline

from oneclick.pipelines.exploration import nodes


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
            Node(
                nodes.draw_distributions,
                inputs=["histograms", "level_mix", "monthly_means", "dependencies",
                        "params:report"],
                outputs=["chart_histograms", "chart_levels", "chart_months"],
                name="draw_distributions",
            ),
            Node(
                nodes.draw_dependence,
                inputs=["dependencies", "pair_pictures", "profit_against_revenue",
                        "params:report"],
                outputs=["chart_phik", "chart_target_dependence", "chart_pairs", "chart_profit"],
                name="draw_dependence",
            ),
        ],
        tags="exploration",
    )  # fmt: skip
