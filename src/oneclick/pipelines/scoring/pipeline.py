"""The wiring of scoring; the registry adds cleaning, scores, reasons and segmentation to it."""

from kedro.pipeline import Node, Pipeline

from oneclick.pipelines.scoring import nodes


def create_pipeline(**kwargs: object) -> Pipeline:
    """Return what scoring a new month does beyond the pipelines it shares with training."""
    return Pipeline(
        [
            Node(
                nodes.take_model,
                inputs=[
                    "service_model",
                    "service_info",
                    "service_scores",
                    "params:features",
                    "params:snapshot",
                ],
                outputs=["model_in_service", "known_scores", "known_reasons"],
                name="take_model",
            ),
            Node(
                nodes.measure_drift,
                inputs=["customers", "decline_scores", "service_info", "params:features"],
                outputs=["drift", "drift_summary"],
                name="measure_drift",
            ),
            Node(
                nodes.compare_with_status,
                inputs=["customers", "decline_scores", "params:choice", "params:seed"],
                outputs="realised_decline",
                name="compare_with_status",
            ),
        ],
        tags="scoring",
    )
