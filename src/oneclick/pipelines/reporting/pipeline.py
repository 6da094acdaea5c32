from collections.abc import Callable, Iterable

from kedro.pipeline import Node, Pipeline

from oneclick.drawing import drawing_node
from oneclick.report import EXAMPLES
from oneclick.report.page import Section, render_report
from oneclick.report.sections import (
    campaign,
    card,
    explanation,
    exploration,
    method,
    models,
    quality,
    segments,
    summary,
)

CHARTS = {  # drawn from the tables beside them, by module
    "models": {
        "comparison": ["model_comparison"],
        "roc": ["roc_curve", "evaluation"],
        "precision_recall": ["precision_recall_curve", "evaluation"],
        "learning_curve": ["learning_curve"],
        "confusion": ["evaluation"],
        "calibration": ["calibration", "score_distribution", "evaluation"],
        "lift": ["lift_table", "evaluation"],
    },
    "explanation": {
        "importance": ["feature_importance"],
        "beeswarm": ["explanation_points", "feature_importance"],
        "dependence": ["explanation_points", "feature_importance"],
        **{example: ["worked_examples"] for example in EXAMPLES},
    },
    "campaign": {
        "segments": ["segment_summary"],
        "profiles": ["segment_profiles"],
        "funnel": ["campaign_summary"],
        "capacities": ["campaign_capacities", "campaign_summary"],
        "offers": ["campaign_offers"],
    },
}


def create_pipeline() -> Pipeline:
    """From the tables of figures to charts, chapters and the report."""
    chapters = [
        _chapter(summary.write_summary,
                 ["data_quality", "evaluation", "segment_summary", "campaign_groups",
                  "campaign_summary", "campaign_cube", "calibration", "monthly_means",
                  "champion_choice"],
                 ["funnel", "capacities"]),
        _chapter(campaign.write_campaign,
                 ["campaign_summary", "campaign_segments", "campaign_groups", "campaign_offers",
                  "campaign_exclusions", "campaign_offer_catalogue"],
                 ["offers"]),
        _chapter(segments.write_segments,
                 ["segment_summary", "segment_thresholds", "segment_profiles", "segment_measures"],
                 ["segments", "profiles"]),
        _chapter(explanation.write_explanation,
                 ["feature_importance", "permutation_importance", "worked_examples",
                  "explanation_info"],
                 CHARTS["explanation"]),
        _chapter(exploration.write_exploration,
                 ["dependencies", "collinearity", "outliers"],
                 ["histograms", "levels", "months", "phik", "target_dependence", "pairs",
                  "profit"]),
        _chapter(models.write_models,
                 ["model_comparison", "champion_choice", "evaluation"],
                 CHARTS["models"]),
        _chapter(quality.write_quality, ["data_quality"]),
        _chapter(card.write_card,
                 ["model_info", "champion_choice", "evaluation", "group_metrics",
                  "explanation_info"]),
        _chapter(method.write_method, ["champion_choice", "campaign_summary", "evaluation"]),
        _chapter(method.write_glossary, []),
    ]  # fmt: skip
    page = Node(
        render_report,
        inputs=["params:report", *(chapter.outputs[0] for chapter in chapters)],
        outputs="report_html",
        name="render_report",
    )
    drawings = [drawing_node(module, charts) for module, charts in CHARTS.items()]
    return Pipeline([*drawings, *chapters, page], tags="reporting")


def _chapter(
    write: Callable[..., Section], tables: Iterable[str], charts: Iterable[str] = ()
) -> Node:
    """A chapter's node takes its tables by their own names, and its charts without a prefix."""
    return Node(
        write,
        inputs={
            **{table: table for table in tables},
            "report": "params:report",
            **{chart: f"chart_{chart}" for chart in charts},
        },
        outputs=f"chapter_{write.__name__.removeprefix('write_')}",
        name=write.__name__,
    )
