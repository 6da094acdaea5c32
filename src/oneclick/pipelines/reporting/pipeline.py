from collections.abc import Callable, Sequence

from kedro.pipeline import Node, Pipeline

from oneclick.pipelines.reporting import nodes
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

CHAPTERS = (
    "summary", "quality", "exploration", "models", "explanation", "segments", "campaign",
    "card", "method", "glossary",
)  # fmt: skip


def create_pipeline() -> Pipeline:
    """From the tables of figures to charts, chapters and the report."""
    return Pipeline([*_draw(), *_write()], tags="reporting")


def _draw() -> list[Node]:
    return [
        Node(
            nodes.draw_models,
            inputs=["model_comparison", "roc_curve", "precision_recall_curve", "learning_curve",
                    "evaluation", "params:report"],
            outputs=["chart_comparison", "chart_roc", "chart_precision_recall",
                     "chart_learning_curve", "chart_confusion"],
            name="draw_models",
        ),
        Node(
            nodes.draw_trust,
            inputs=["calibration", "score_distribution", "lift_table", "group_metrics",
                    "evaluation", "params:report"],
            outputs=["chart_calibration", "chart_lift", "chart_groups"],
            name="draw_trust",
        ),
        Node(
            nodes.draw_explanation,
            inputs=["feature_importance", "explanation_points", "worked_examples", "params:report"],
            outputs=["chart_importance", "chart_beeswarm", "chart_dependence",
                     *(f"chart_{example}" for example in explanation.EXAMPLES)],
            name="draw_explanation",
        ),
        Node(
            nodes.draw_segments,
            inputs=["segment_summary", "segment_profiles", "params:report"],
            outputs=["chart_segments", "chart_profiles"],
            name="draw_segments",
        ),
        Node(
            nodes.draw_campaign,
            inputs=["campaign_summary", "campaign_capacities", "campaign_offers", "params:report"],
            outputs=["chart_funnel", "chart_capacities", "chart_offers"],
            name="draw_campaign",
        ),
    ]  # fmt: skip


def _write() -> list[Node]:
    return [
        _chapter(
            summary.write_summary,
            ["data_quality", "evaluation", "segment_summary", "campaign_groups",
             "campaign_summary"],
            ["funnel", "capacities"],
        ),
        _chapter(quality.write_quality, ["data_quality"]),
        _chapter(
            exploration.write_exploration,
            ["dependencies", "collinearity", "outliers", "profit_against_revenue"],
            ["histograms", "levels", "months", "phik", "target_dependence", "pairs", "profit"],
        ),
        _chapter(
            models.write_models,
            ["model_comparison", "champion_choice", "evaluation", "group_metrics"],
            ["comparison", "roc", "precision_recall", "learning_curve", "confusion",
             "calibration", "lift", "groups"],
        ),
        _chapter(
            explanation.write_explanation,
            ["feature_importance", "permutation_importance", "worked_examples"],
            ["importance", "beeswarm", "dependence", *explanation.EXAMPLES],
        ),
        _chapter(
            segments.write_segments,
            ["segment_summary", "segment_thresholds", "segment_profiles", "segment_measures"],
            ["segments", "profiles"],
        ),
        _chapter(
            campaign.write_campaign,
            ["campaign_summary", "campaign_segments", "campaign_offers", "campaign_exclusions",
             "campaign_offer_catalogue"],
            ["offers"],
        ),
        _chapter(
            card.write_card,
            ["model_info", "champion_choice", "evaluation", "group_metrics", "explanation_info"],
        ),
        _chapter(method.write_method, ["champion_choice", "campaign_summary"]),
        _chapter(method.write_glossary, []),
        Node(
            render_report,
            inputs=["params:report", *(f"chapter_{name}" for name in CHAPTERS)],
            outputs="report_html",
            name="render_report",
        ),
    ]  # fmt: skip


def _chapter(
    write: Callable[..., Section], tables: Sequence[str], charts: Sequence[str] = ()
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
