"""The classes that customers are compared by, and how they are counted."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

TARGET = "declined"
DECLINED, STEADY, UNLABELLED = "declined", "steady", "unlabelled"
MONTHS = {
    "revenue": ("revenue_two_months_ago", "revenue_previous", "revenue_current"),
    "minutes": ("minutes_previous", "minutes_current"),
}


def group_of(sample: pd.DataFrame) -> pd.Series:
    """Return each customer's class: ``declined``, ``steady``, ``unlabelled`` if it is empty."""
    known = sample[TARGET].astype("boolean")
    return known.map({True: DECLINED, False: STEADY}).astype("str").where(known.notna(), UNLABELLED)


def numeric_features(sample: pd.DataFrame) -> list[str]:
    """Return the columns that hold quantities, in the table's order."""
    return [str(column) for column in sample.select_dtypes("number")]


def categorical_features(sample: pd.DataFrame) -> list[str]:
    """Return the columns that hold levels, consent among them and the target not."""
    others = {TARGET, *numeric_features(sample)}
    return [str(column) for column in sample if column not in others]


def count_cells(
    first: np.ndarray, second: np.ndarray, bins: Any, parts: Mapping[str, np.ndarray]
) -> pd.DataFrame:
    """Count customers in the plane of two quantities; bins are those of ``np.histogram2d``.

    Returns:
        The edges ``first_low`` … ``second_high`` of each cell that holds any, ``customers``, and
        how many of them are in each part, a mask of customers.
    """
    every, x, y = np.histogram2d(first, second, bins=bins)
    i, j = np.nonzero(every)
    counts = {
        name: np.histogram2d(first[part], second[part], bins=(x, y))[0][i, j].astype(int)
        for name, part in parts.items()
    }
    edges = {"first_low": x[i], "first_high": x[i + 1], "second_low": y[j], "second_high": y[j + 1]}
    return pd.DataFrame({**edges, "customers": every[i, j].astype(int), **counts})
