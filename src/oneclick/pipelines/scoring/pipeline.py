"""The wiring of scoring; the registry adds cleaning, scores, reasons and segmentation to it."""

from kedro.pipeline import Node, Pipeline

from oneclick.pipelines.scoring import nodes


def create_pipeline() -> Pipeline:
    """Return what scoring a new month does beyond the pipelines it shares with training."""
    steps = [
        Node(nodes.take_model,
             ["service_model", "service_info", "service_scores", "params:features",
              "params:snapshot"],
             ["model_in_service", "known_scores", "known_reasons"], name="take_model"),
        Node(nodes.measure_drift,
             ["customers", "decline_scores", "service_info", "params:features"],
             ["drift", "drift_summary"], name="measure_drift"),
        Node(nodes.compare_with_status,
             ["customers", "decline_scores", "params:choice", "params:seed"],
             "realised_decline", name="compare_with_status"),
    ]  # fmt: skip
    return Pipeline(steps, tags="scoring")
