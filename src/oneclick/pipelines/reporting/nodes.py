"""Draw what the other pipelines found; the chapters are written by the library itself."""

from typing import Any

from oneclick.annotations import DataFrame
from oneclick.report.parameters import ReportParameters
from oneclick.report.sections.explanation import EXAMPLES


def draw_models(
    model_comparison: DataFrame,
    roc_curve: DataFrame,
    precision_recall_curve: DataFrame,
    learning_curve: DataFrame,
    evaluation: dict[str, Any],
    report: ReportParameters,
) -> tuple[str, ...]:
    """Draw how the candidates compare and what the champion finds at its threshold."""
    from oneclick.report.charts import models as charts
    from oneclick.report.charts.style import draw_all

    return draw_all(
        report,
        (charts.draw_comparison, model_comparison),
        (charts.draw_roc, roc_curve, evaluation),
        (charts.draw_precision_recall, precision_recall_curve, evaluation),
        (charts.draw_learning_curve, learning_curve),
        (charts.draw_confusion, evaluation),
    )


def draw_trust(
    calibration: DataFrame,
    score_distribution: DataFrame,
    lift_table: DataFrame,
    group_metrics: DataFrame,
    evaluation: dict[str, Any],
    report: ReportParameters,
) -> tuple[str, ...]:
    """Draw whether the probabilities hold: calibration, lift with its ceiling, groups."""
    from oneclick.report.charts import models as charts
    from oneclick.report.charts.style import draw_all

    return draw_all(
        report,
        (charts.draw_calibration, calibration, score_distribution, evaluation),
        (charts.draw_lift, lift_table, evaluation),
        (charts.draw_groups, group_metrics, evaluation),
    )


def draw_explanation(
    feature_importance: DataFrame,
    explanation_points: DataFrame,
    worked_examples: DataFrame,
    report: ReportParameters,
) -> tuple[str, ...]:
    """Draw what the score is tied to, for all customers and for three worked ones."""
    from oneclick.report.charts import explanation as charts
    from oneclick.report.charts.style import draw_all

    return draw_all(
        report,
        (charts.draw_importance, feature_importance),
        (charts.draw_beeswarm, explanation_points, feature_importance),
        (charts.draw_dependence, explanation_points, feature_importance),
        *((charts.draw_worked_example, worked_examples, example) for example in EXAMPLES),
    )


def draw_segments(
    segment_summary: DataFrame, segment_profiles: DataFrame, report: ReportParameters
) -> tuple[str, ...]:
    """Draw the segments by risk and profit, and how they differ."""
    from oneclick.report.charts import campaign as charts
    from oneclick.report.charts.style import draw_all

    return draw_all(
        report,
        (charts.draw_segments, segment_summary),
        (charts.draw_profiles, segment_profiles),
    )


def draw_campaign(
    campaign_summary: dict[str, Any],
    campaign_capacities: DataFrame,
    campaign_offers: DataFrame,
    report: ReportParameters,
) -> tuple[str, ...]:
    """Draw whom a campaign reaches, what it costs and may bring."""
    from oneclick.report.charts import campaign as charts
    from oneclick.report.charts.style import draw_all

    return draw_all(
        report,
        (charts.draw_funnel, campaign_summary),
        (charts.draw_capacities, campaign_capacities),
        (charts.draw_offers, campaign_offers),
    )
