"""Look at the customers before any model."""

from typing import Any, TypeAlias

import ibis.expr.types as ir
import pandas as pd

from oneclick.exploration import dependence, distributions, outliers
from oneclick.exploration.parameters import ExplorationParameters
from oneclick.exploration.sampling import draw_customers
from oneclick.report.words import Words

Figure: TypeAlias = Any  # matplotlib is imported where it draws; kedro resolves these hints early


_NO_FEATURE = ("monthly_profit",)  # known afterwards, hence in no model


def draw_sample(customers: ir.Table, exploration: ExplorationParameters) -> pd.DataFrame:
    """Take a bounded sample of the customers, without their ids."""
    return draw_customers(customers, exploration.max_rows)


def describe_distributions(
    sample: pd.DataFrame, exploration: ExplorationParameters
) -> tuple[pd.DataFrame, ...]:
    """Describe every indicator by class: histograms, summaries, levels, months."""
    return (
        distributions.count_histograms(sample, exploration.bins),
        distributions.summarise_indicators(sample),
        distributions.mix_levels(sample, exploration.max_levels),
        distributions.follow_months(sample),
    )


def measure_dependence(
    sample: pd.DataFrame, exploration: ExplorationParameters
) -> tuple[pd.DataFrame, ...]:
    """Measure what depends on what: phik, collinearity, the pairs that matter."""
    pairs = dependence.correlate(sample)
    return (
        pairs,
        dependence.inflate_variance(sample, _NO_FEATURE),
        dependence.picture_pairs(sample, pairs, exploration.drawn_pairs, _NO_FEATURE),
    )


def find_oddities(
    sample: pd.DataFrame, exploration: ExplorationParameters
) -> tuple[pd.DataFrame, ...]:
    """Find values far from the others, and profit that exceeds revenue."""
    return (
        outliers.find_outliers(sample, exploration.fence_factor),
        outliers.compare_profit_with_revenue(sample, exploration.rub_per_profit_unit),
    )


def draw_distributions(
    histograms: pd.DataFrame,
    level_mix: pd.DataFrame,
    monthly_means: pd.DataFrame,
    dependencies: pd.DataFrame,
    exploration: ExplorationParameters,
) -> tuple[Figure, ...]:
    """Draw histograms by class, categories by class, revenue and minutes by month."""
    from oneclick.report.charts import exploration as charts

    words = Words("exploration", exploration.language)
    return (
        charts.draw_histograms(histograms, dependencies, words),
        charts.draw_levels(level_mix, words),
        charts.draw_months(monthly_means, words),
    )


def draw_dependence(
    dependencies: pd.DataFrame,
    pair_pictures: pd.DataFrame,
    profit_against_revenue: pd.DataFrame,
    exploration: ExplorationParameters,
) -> tuple[Figure, ...]:
    """Draw the phik matrix, ties to the decline, joint pictures and the doubt about profit."""
    from oneclick.report.charts import exploration as charts

    words = Words("exploration", exploration.language)
    return (
        charts.draw_phik(dependencies, words),
        charts.draw_target_dependence(dependencies, words),
        charts.draw_pairs(pair_pictures, words),
        charts.draw_profit_against_revenue(profit_against_revenue, words),
    )
