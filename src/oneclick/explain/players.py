"""Who plays: each original column owns the numbers that the pipeline makes of it."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import OneToOneFeatureMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, SplineTransformer

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
            owners[part] = inputs[_sources(transformer, len(inputs), _width(part), name)]
    return {name: np.flatnonzero(owners == number) for number, name in enumerate(names)}


def _width(part: slice) -> int:
    return part.stop - part.start


def _positions(selected: Any, names: list[str]) -> np.ndarray:
    """Resolve a ColumnTransformer's choice of columns: names, numbers, a slice or a mask."""
    numbered = pd.Series(np.arange(len(names)), index=names)
    chosen: Any = [selected] if isinstance(selected, str | int) else selected
    by_name = not isinstance(chosen, slice) and all(isinstance(one, str) for one in chosen)
    return (numbered.loc[list(chosen)] if by_name else numbered.iloc[chosen]).to_numpy()


def _sources(transformer: Any, inputs: int, outputs: int | None, name: str) -> np.ndarray:
    """Return which input each output of a transformer is made of."""
    if inputs == 1 and outputs is not None:
        return np.zeros(outputs, dtype=int)
    everyone = np.arange(inputs)
    if isinstance(transformer, Pipeline):
        for _, step in transformer.steps:
            everyone = everyone[_sources(step, len(everyone), None, name)]
        return everyone
    if isinstance(transformer, OneHotEncoder):
        return np.repeat(everyone, _levels(transformer))
    if isinstance(transformer, SplineTransformer):
        return np.repeat(everyone, transformer.n_features_out_ // inputs)
    if isinstance(transformer, SimpleImputer) and not transformer.add_indicator:
        # an imputer drops a column that was empty in training, unless told to keep it
        kept = [transformer.keep_empty_features or pd.notna(one) for one in transformer.statistics_]
        return everyone[np.array(kept, dtype=bool)]
    if isinstance(transformer, FunctionTransformer):
        if transformer.func is None or isinstance(transformer.func, np.ufunc):
            return everyone
    elif transformer == "passthrough" or isinstance(transformer, OneToOneFeatureMixin):
        return everyone
    raise OneclickError(
        f"Exact Shapley values need to know which column each number comes from, but the "
        f"transformer '{name}' ({type(transformer).__name__}) may mix several columns. Give each "
        "column a transformer of its own, or use method='permutation'."
    )


def _levels(encoder: OneHotEncoder) -> list[int]:
    """Count the outputs of each column of a one-hot encoder."""
    counts = []
    for number, levels in enumerate(encoder.categories_):
        count = len(levels)
        rare = getattr(encoder, "infrequent_categories_", [None] * len(encoder.categories_))[number]
        if rare is not None:
            count += 1 - len(rare)
        if encoder.drop_idx_ is not None and encoder.drop_idx_[number] is not None:
            count -= 1
        counts.append(count)
    return counts
