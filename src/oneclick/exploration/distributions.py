"""How indicators are spread, by class."""

import math

import numpy as np
import pandas as pd

from oneclick.exploration.groups import (
    DECLINED,
    MONTHS,
    STEADY,
    categorical_features,
    group_of,
    numeric_features,
)

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
    groups, bars = group_of(sample), []
    for feature in numeric_features(sample):
        values = sample[feature].dropna()
        if values.empty:
            continue
        edges = _edges(values.to_numpy(), bins)
        for group, inside in values.groupby(groups):
            counts, _ = np.histogram(np.clip(inside, edges[0], edges[-1]), edges)
            each = zip(edges[:-1], edges[1:], counts, counts / len(inside), strict=True)
            bars += [(feature, group, *bar) for bar in each]
    return pd.DataFrame(bars, columns=["feature", "group", "low", "high", "customers", "share"])


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
            known, missing = values.count(), values.isna().sum()
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

    rows = []
    for feature in categorical_features(sample):
        levels = sample[feature].astype("str").where(sample[feature].notna(), OTHER)
        counts = levels.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        pooled = levels.where(levels.isin(counts.index[:max_levels]), OTHER)
        for level, groups in group_of(sample).groupby(pooled):
            size, declined = len(groups), int((groups == DECLINED).sum())
            known = declined + int((groups == STEADY).sum())
            share = low = high = math.nan
            if known:
                share = declined / known
                low, high = binomtest(declined, known).proportion_ci(method="wilson")
            rows.append((feature, level, size, size / len(sample), declined, share, low, high))
    columns = ["feature", "level", "customers", "share", "declined", "declined_share", "low",
               "high"]  # fmt: skip
    by, ascending = ["feature", "customers", "level"], [True, False, True]
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(by, ascending=ascending, ignore_index=True)


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
                half = _Z95 * values.std() / math.sqrt(n)
                rows.append((indicator, feature, month, group, n, mean, mean - half, mean + half))
    columns = ["indicator", "feature", "month", "group", "customers", "mean", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
