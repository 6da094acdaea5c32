"""Draw what the other pipelines found, and write the report."""

from typing import Any

from oneclick.annotations import DataFrame, Section
from oneclick.report.parameters import ReportParameters
from oneclick.report.words import Words

EXAMPLES = ("early_warning", "already_declined", "safe")


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

    words = _words(report)
    names = Words("models", report.language).entry("candidates")
    drawings = (
        (charts.draw_comparison, model_comparison, names, words),
        (charts.draw_roc, roc_curve, evaluation, names, words),
        (charts.draw_precision_recall, precision_recall_curve, evaluation, names, words),
        (charts.draw_learning_curve, learning_curve, words),
        (charts.draw_confusion, evaluation, words),
    )
    return draw_all(drawings, report.processes)


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

    words = _words(report)
    drawings = (
        (charts.draw_calibration, calibration, score_distribution, evaluation, words),
        (charts.draw_lift, lift_table, evaluation, words),
        (charts.draw_groups, group_metrics, evaluation, words),
    )
    return draw_all(drawings, report.processes)


def draw_explanation(
    feature_importance: DataFrame,
    explanation_points: DataFrame,
    worked_examples: DataFrame,
    report: ReportParameters,
) -> tuple[str, ...]:
    """Draw what the score is tied to, for all customers and for three worked ones."""
    from oneclick.report.charts import explanation as charts
    from oneclick.report.charts.style import draw_all

    words = _words(report)
    drawings = (
        (charts.draw_importance, feature_importance, words),
        (charts.draw_beeswarm, explanation_points, feature_importance, words),
        (charts.draw_dependence, explanation_points, feature_importance, words),
        *((charts.draw_worked_example, worked_examples, example, words) for example in EXAMPLES),
    )
    return draw_all(drawings, report.processes)


def draw_segments(
    segment_summary: DataFrame, segment_profiles: DataFrame, report: ReportParameters
) -> tuple[str, ...]:
    """Draw the segments by risk and profit, and how they differ."""
    from oneclick.report.charts import campaign as charts
    from oneclick.report.charts.style import draw_all

    words = _words(report)
    drawings = (
        (charts.draw_segments, segment_summary, words),
        (charts.draw_profiles, segment_profiles, words),
    )
    return draw_all(drawings, report.processes)


def draw_campaign(
    campaign_summary: dict[str, Any],
    campaign_capacities: DataFrame,
    campaign_offers: DataFrame,
    report: ReportParameters,
) -> tuple[str, ...]:
    """Draw whom a campaign reaches, what it costs and may bring."""
    from oneclick.report.charts import campaign as charts
    from oneclick.report.charts.style import draw_all

    words = _words(report)
    drawings = (
        (charts.draw_funnel, campaign_summary, words),
        (charts.draw_capacities, campaign_capacities, words),
        (charts.draw_offers, campaign_offers, words),
    )
    return draw_all(drawings, report.processes)


def write_summary(
    data_quality: dict[str, Any],
    evaluation: dict[str, Any],
    segment_summary: DataFrame,
    campaign_groups: DataFrame,
    campaign_summary: dict[str, Any],
    chart_funnel: str,
    chart_capacities: str,
    report: ReportParameters,
) -> Section:
    """Write the first page, for a manager."""
    from oneclick.report.sections import summary

    return summary.write_summary(
        data_quality,
        evaluation,
        segment_summary,
        campaign_groups,
        campaign_summary,
        [chart_funnel, chart_capacities],
        _words(report),
    )


def write_quality(data_quality: dict[str, Any], report: ReportParameters) -> Section:
    """Write the chapter on the quality of the data."""
    from oneclick.report.sections import quality

    return quality.write_quality(data_quality, _words(report))


def write_exploration(
    dependencies: DataFrame,
    collinearity: DataFrame,
    outliers: DataFrame,
    profit_against_revenue: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Write the chapter on how indicators differ by class and depend on each other."""
    from oneclick.report.sections import exploration

    return exploration.write_exploration(
        dependencies, collinearity, outliers, profit_against_revenue, charts, _words(report)
    )


def write_models(
    model_comparison: DataFrame,
    champion_choice: dict[str, Any],
    evaluation: dict[str, Any],
    group_metrics: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Write the chapter on the models."""
    from oneclick.report.sections import models

    return models.write_models(
        model_comparison, champion_choice, evaluation, group_metrics, charts, _words(report)
    )


def write_explanation(
    feature_importance: DataFrame,
    permutation_importance: DataFrame,
    worked_examples: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Write the chapter on what the score is tied to, with three worked customers."""
    from oneclick.report.sections import explanation

    return explanation.write_explanation(
        feature_importance, permutation_importance, worked_examples, charts, _words(report)
    )


def write_segments(
    segment_summary: DataFrame,
    segment_thresholds: dict[str, Any],
    segment_profiles: DataFrame,
    segment_measures: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Write the chapter on the segments."""
    from oneclick.report.sections import segments

    return segments.write_segments(
        segment_summary,
        segment_thresholds,
        segment_profiles,
        segment_measures,
        charts,
        _words(report),
    )


def write_campaign(
    campaign_summary: dict[str, Any],
    campaign_segments: DataFrame,
    campaign_offers: DataFrame,
    campaign_exclusions: DataFrame,
    campaign_offer_catalogue: DataFrame,
    report: ReportParameters,
    **charts: str,
) -> Section:
    """Write the chapter on the campaign."""
    from oneclick.report.sections import campaign

    return campaign.write_campaign(
        campaign_summary,
        campaign_segments,
        campaign_offers,
        campaign_exclusions,
        campaign_offer_catalogue,
        charts,
        _words(report),
    )


def write_card(
    model_info: dict[str, Any],
    champion_choice: dict[str, Any],
    evaluation: dict[str, Any],
    group_metrics: DataFrame,
    explanation_info: dict[str, Any],
    report: ReportParameters,
) -> Section:
    """Write the model card as a chapter."""
    from oneclick.modelling.card import describe_model
    from oneclick.report.sections import card

    return card.write_card(
        describe_model(
            model_info,
            champion_choice,
            evaluation,
            group_metrics,
            explanation_info,
            report.language,
        )
    )


def write_method(
    champion_choice: dict[str, Any], campaign_summary: dict[str, Any], report: ReportParameters
) -> "tuple[Section, Section]":
    """Write the chapters on method and limits, and the glossary."""
    from oneclick.report.sections import method

    words = _words(report)
    return (
        method.write_method(champion_choice, campaign_summary, words),
        method.write_glossary(words),
    )


def render_report(report: ReportParameters, *sections: Section) -> str:
    """Put the chapters into one page that needs no network."""
    from oneclick.report.page import render_page

    return render_page(sections, report.snapshot, _words(report))


def _words(report: ReportParameters) -> Words:
    return Words("report", report.language)
