"""Who plays: each original column owns the numbers that the pipeline makes of it."""

from copy import copy
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import OneToOneFeatureMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer

from oneclick.errors import OneclickError


def players_of(pipeline: Pipeline) -> dict[str, np.ndarray]:
    """Return, per original column, the numbers of the transformed columns made of it alone.

    The answer comes from the fitted transformers themselves, never from data: a level of a
    category that the background lacks still belongs to its column. A column that the pipeline
    drops owns nothing.

    Args:
        pipeline: Fitted pipeline of a ``ColumnTransformer`` and an estimator.

    Raises:
        OneclickError: The pipeline has other steps, or a transformer mixes columns.
    """
    if len(pipeline.steps) != 2 or not isinstance(pipeline[0], ColumnTransformer):
        steps = ", ".join(f"{name} ({type(step).__name__})" for name, step in pipeline.steps)
        raise OneclickError(
            "Exact Shapley values need a pipeline of one ColumnTransformer and one estimator; this "
            f"one has the steps {steps}, which may mix columns. Use method='permutation'."
        )
    columns = pipeline[0]
    names = [str(name) for name in columns.feature_names_in_]
    owners = np.full(sum(_width(part) for part in columns.output_indices_.values()), -1)
    for name, transformer, selected in columns.transformers_:
        part = columns.output_indices_[name]
        if _width(part):
            inputs = _positions(selected, names)
            alone = len(inputs) == 1
            owners[part] = inputs if alone else inputs[_sources(transformer, len(inputs), name)]
    return {name: np.flatnonzero(owners == number) for number, name in enumerate(names)}


def _width(part: slice) -> int:
    return part.stop - part.start


def _positions(selected: Any, names: list[str]) -> np.ndarray:
    """Resolve a ColumnTransformer's choice of columns: names, numbers, a slice or a mask."""
    numbered = pd.Series(np.arange(len(names)), index=names)
    chosen: Any = [selected] if isinstance(selected, str | int) else selected
    by_name = not isinstance(chosen, slice) and all(isinstance(one, str) for one in chosen)
    return (numbered.loc[list(chosen)] if by_name else numbered.iloc[chosen]).to_numpy()


def _sources(transformer: Any, inputs: int, name: str) -> np.ndarray:
    """Return which input each output of a transformer is made of."""
    everyone = np.arange(inputs)
    if isinstance(transformer, Pipeline):
        for _, step in transformer.steps:
            everyone = everyone[_sources(step, len(everyone), name)]
        return everyone
    if transformer == "passthrough":
        return everyone
    if isinstance(transformer, SplineTransformer):
        return np.repeat(everyone, transformer.n_features_out_ // inputs)
    if isinstance(transformer, OneHotEncoder):  # has each output named after its column alone
        transformer = copy(transformer).set_params(feature_name_combiner=lambda column, _: column)
    imputes = isinstance(transformer, SimpleImputer) and not transformer.add_indicator
    if imputes or isinstance(transformer, OneHotEncoder | OneToOneFeatureMixin):
        own = getattr(transformer, "feature_names_in_", [f"x{number}" for number in everyone])
        return pd.Index(own).get_indexer(transformer.get_feature_names_out())
    raise OneclickError(
        f"Exact Shapley values need to know which column each number comes from, but the "
        f"transformer '{name}' ({type(transformer).__name__}) may mix several columns. Give each "
        "column a transformer of its own, or use method='permutation'."
    )
