"""How indicators are spread, by class."""

import math

import numpy as np
import pandas as pd

from oneclick.exploration.groups import (
    DECLINED,
    STEADY,
    categorical_features,
    group_of,
    numeric_features,
)

MONTHS = {
    "revenue": ("revenue_two_months_ago", "revenue_previous", "revenue_current"),
    "minutes": ("minutes_previous", "minutes_current"),
}
OTHER = "…"
_TAIL = 0.005
_Z95 = 1.959964


def count_histograms(sample: pd.DataFrame, bins: int) -> pd.DataFrame:
    """Return the histogram of every numeric indicator by class.

    Whole numbers over a short range get one bar each. Otherwise bars have equal width between
    the 0.5 % and 99.5 % quantiles and the outer bars take what lies beyond.

    Returns:
        ``feature``, ``group``, ``low``, ``high`` (edges of the bar), ``customers`` and ``share``
        (of the customers of that class whose value is known).
    """
    groups = group_of(sample)
    rows = []
    for feature in numeric_features(sample):
        values = sample[feature].dropna()
        if values.empty:
            continue
        edges = _edges(values.to_numpy(), bins)
        for group, inside in values.groupby(groups.loc[values.index]):
            counts, _ = np.histogram(np.clip(inside, edges[0], edges[-1]), edges)
            for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
                rows.append((feature, group, low, high, int(count), count / len(inside)))
    return pd.DataFrame(rows, columns=["feature", "group", "low", "high", "customers", "share"])


def _edges(values: np.ndarray, bins: int) -> np.ndarray:
    low, high = values.min(), values.max()
    if np.all(values == np.round(values)) and high - low <= 1.5 * bins:
        return np.arange(low - 0.5, high + 1)
    low, high = np.quantile(values, [_TAIL, 1 - _TAIL])
    return np.linspace(low, high if high > low else low + 1, bins + 1)


def summarise_indicators(sample: pd.DataFrame) -> pd.DataFrame:
    """Return mean, median and spread of every numeric indicator by class.

    Returns:
        ``feature``, ``group``, ``customers`` (value known), ``missing``, ``mean``, ``median``,
        ``p05``, ``p95``, in the units of the column.
    """
    rows = []
    for feature in numeric_features(sample):
        for group, values in sample[feature].groupby(group_of(sample)):
            low, high = values.quantile([0.05, 0.95])
            known = int(values.notna().sum())
            missing = len(values) - known
            rows.append((feature, group, known, missing, values.mean(), values.median(), low, high))
    columns = ["feature", "group", "customers", "missing", "mean", "median", "p05", "p95"]
    return pd.DataFrame(rows, columns=columns)


def mix_levels(sample: pd.DataFrame, max_levels: int) -> pd.DataFrame:
    """Return how often each level of a categorical indicator occurs and how many declined.

    Levels beyond the ``max_levels`` most frequent are counted together as ``…``.

    Returns:
        ``feature``, ``level``, ``customers``, ``share`` (of all), ``declined``,
        ``declined_share`` (of those with a known class) with its 95 % interval ``low``, ``high``
        (Wilson 1927).
    """
    from scipy.stats import binomtest

    groups = group_of(sample)
    rows = []
    for feature in categorical_features(sample):
        levels = sample[feature].astype("str").where(sample[feature].notna(), OTHER)
        counts = levels.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        frequent = counts.index[:max_levels]
        pooled = levels.where(levels.isin(frequent), OTHER)
        for level, of_level in groups.groupby(pooled):
            declined = int((of_level == DECLINED).sum())
            known = declined + int((of_level == STEADY).sum())
            share = low = high = math.nan
            if known:
                share = declined / known
                low, high = binomtest(declined, known).proportion_ci(method="wilson")
            size = len(of_level)
            rows.append((feature, level, size, size / len(sample), declined, share, low, high))
    columns = [
        "feature",
        "level",
        "customers",
        "share",
        "declined",
        "declined_share",
        "low",
        "high",
    ]
    order = [True, False, True]
    return pd.DataFrame(rows, columns=columns).sort_values(
        ["feature", "customers", "level"], ascending=order, ignore_index=True
    )


def follow_months(sample: pd.DataFrame) -> pd.DataFrame:
    """Return mean revenue and minutes by month and class.

    Returns:
        ``indicator`` (``revenue`` in RUB, ``minutes``), ``feature``, ``month`` (0 = current,
        −1 = previous, …), ``group``, ``customers``, ``mean`` with its 95 % interval ``low``,
        ``high`` (normal approximation).
    """
    rows = []
    for indicator, features in MONTHS.items():
        for month, feature in enumerate(features, start=1 - len(features)):
            for group, values in sample[feature].dropna().groupby(group_of(sample)):
                mean, n = values.mean(), len(values)
                half = _Z95 * values.std() / math.sqrt(n) if n > 1 else math.nan
                rows.append((indicator, feature, month, group, n, mean, mean - half, mean + half))
    columns = ["indicator", "feature", "month", "group", "customers", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
