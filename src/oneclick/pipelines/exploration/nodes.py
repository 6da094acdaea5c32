"""Look at the customers before any model."""

from oneclick.annotations import DataFrame, Table
from oneclick.exploration.parameters import ExplorationParameters

_NO_FEATURE = ("monthly_profit",)  # known afterwards, hence in no model


def draw_sample(customers: Table, exploration: ExplorationParameters) -> DataFrame:
    """Take a bounded sample of the customers, without their ids."""
    from oneclick.tables.sampling import draw_customers

    return draw_customers(customers, exploration.max_rows)


def describe_distributions(
    sample: DataFrame, exploration: ExplorationParameters
) -> tuple[DataFrame, ...]:
    """Describe every indicator by class: histograms, summaries, levels, months."""
    from oneclick.exploration import distributions

    return (
        distributions.count_histograms(sample, exploration.bins),
        distributions.summarise_indicators(sample),
        distributions.mix_levels(sample, exploration.max_levels),
        distributions.follow_months(sample),
    )


def measure_dependence(
    sample: DataFrame, exploration: ExplorationParameters
) -> tuple[DataFrame, ...]:
    """Measure what depends on what: phik, collinearity, the pairs that matter."""
    from oneclick.exploration import dependence

    pairs = dependence.correlate(sample)
    return (
        pairs,
        dependence.inflate_variance(sample, _NO_FEATURE),
        dependence.picture_pairs(sample, pairs, exploration.drawn_pairs, _NO_FEATURE),
    )


def find_oddities(
    sample: DataFrame, exploration: ExplorationParameters, profit_unit_rub: float
) -> tuple[DataFrame, ...]:
    """Find values far from the others, and profit that exceeds revenue."""
    from oneclick.exploration import outliers

    return (
        outliers.find_outliers(sample, exploration.fence_factor),
        outliers.compare_profit_with_revenue(sample, profit_unit_rub),
    )
