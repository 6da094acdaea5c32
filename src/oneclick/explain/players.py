"""Who plays: each original column owns the numbers that the pipeline makes of it."""

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer, StandardScaler

from oneclick.errors import OneclickError
from oneclick.explain.score import INSTEAD


def players_of(pipeline: Pipeline) -> dict[str, np.ndarray]:
    """Return, per original column, the numbers of the transformed columns made of it alone.

    The answer comes from the fitted transformers themselves, never from data: a level of a
    category that the background lacks still belongs to its column. A column that the pipeline
    drops owns nothing.

    Args:
        pipeline: Fitted pipeline of a ``ColumnTransformer`` and an estimator.

    Raises:
        OneclickError: The pipeline has other steps, or a transformer may mix columns.
    """
    if len(pipeline.steps) != 2 or not isinstance(pipeline[0], ColumnTransformer):
        steps = ", ".join(f"{name} ({type(step).__name__})" for name, step in pipeline.steps)
        raise OneclickError(
            "Exact Shapley values need a pipeline of one ColumnTransformer and one estimator; this "
            f"one has the steps {steps}, which may mix columns. {INSTEAD}"
        )
    columns = pipeline[0]
    names = list(columns.feature_names_in_)
    owners = np.full(max(part.stop for part in columns.output_indices_.values()), -1)
    for name, transformer, chosen in columns.transformers_:
        part = columns.output_indices_[name]
        if width := part.stop - part.start:
            counts = [width // len(chosen)] * len(chosen)
            if isinstance(transformer, OneHotEncoder):
                counts = [len(levels) for levels in transformer.categories_]
            if sum(counts) != width or not _keeps_apart(transformer):
                raise OneclickError(
                    "Exact Shapley values need to know which column each number comes from, but "
                    f"the transformer '{name}' ({type(transformer).__name__}) may mix several "
                    f"columns. {INSTEAD}"
                )
            owners[part] = np.repeat([names.index(column) for column in chosen], counts)
    return {name: np.flatnonzero(owners == number) for number, name in enumerate(names)}


def _keeps_apart(transformer: Any) -> bool:
    """Say whether a transformer is known to make as many numbers of every column, in order."""
    if isinstance(transformer, Pipeline):
        return all(_keeps_apart(step) for _, step in transformer.steps)
    if isinstance(transformer, SimpleImputer):
        return transformer.keep_empty_features and not transformer.add_indicator
    return isinstance(transformer, OneHotEncoder | StandardScaler | SplineTransformer)
