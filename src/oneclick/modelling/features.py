"""The step from customers to numbers: inside every pipeline, so that nothing leaks."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from oneclick.modelling.parameters import Features

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer


def make_columns(features: Features, kind: str) -> "ColumnTransformer":
    """Return the unfitted transformer of the columns.

    ``kind`` is ``standard`` (median for missing numbers, then unit variance) or ``splines`` (the
    same, then a cubic spline per column: curved effects for a linear model).
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

    # An empty column becomes a constant, which no model can use, and is no reason to stop.
    steps = [
        ("impute", SimpleImputer(strategy="median", keep_empty_features=True)),
        ("scale", StandardScaler()),
    ]
    if kind == "splines":
        steps.append(("splines", SplineTransformer(n_knots=4, extrapolation="linear")))
    # A category unseen in training, or a missing one, is a row of zeros.
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = [
        ("numeric", Pipeline(steps), features.used_numeric),
        ("categorical", encoder, features.used_categorical),
    ]
    return ColumnTransformer(parts, sparse_threshold=0)


def as_model_frame(customers: pd.DataFrame, features: Features) -> pd.DataFrame:
    """Return the columns that the model sees, in the order and types it was built for."""
    frame = customers[features.names].astype(dict.fromkeys(features.used_numeric, "float64"))
    frame = frame.astype(dict.fromkeys(features.used_categorical, object))
    for name in features.used_categorical:
        if frame[name].hasnans:  # None: the encoder's own idea of a missing category
            frame[name] = frame[name].where(frame[name].notna(), None)
    return frame


def clone_groups(frame: pd.DataFrame) -> np.ndarray:
    """Number the groups of customers who are equal in every feature, in order of appearance.

    Clones of one group must share a fold: a model that has seen one of them knows the others.
    """
    return frame.groupby(list(frame.columns), sort=False, dropna=False).ngroup().to_numpy()
