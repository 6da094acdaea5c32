"""From a configured candidate to a scikit-learn pipeline."""

import inspect
from importlib import import_module
from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import ParameterGrid
from sklearn.pipeline import Pipeline

from oneclick.errors import OneclickError
from oneclick.modelling.estimators import SoftVote, exact_form
from oneclick.modelling.features import make_columns
from oneclick.modelling.folds import Split
from oneclick.modelling.parameters import Candidate, Candidates, Features

Settings = dict[str, Any]
_HOMES = ("sklearn.", "oneclick.modelling.")


def make_estimator(candidate: Candidate, settings: Settings, seed: int) -> Any:
    """Return the unfitted estimator of a candidate with the given settings.

    Raises:
        OneclickError: The estimator does not exist, comes from elsewhere than scikit-learn or this
            package, or knows no such parameter.
    """
    path = candidate.estimator
    if not path.startswith(_HOMES):
        raise OneclickError(
            f"candidates: the estimator '{path}' is neither from scikit-learn nor from this "
            f"project. Its dotted path must begin with {' or '.join(_HOMES)}."
        )
    module, _, name = path.rpartition(".")
    try:
        kind = getattr(import_module(module), name)
    except (ImportError, AttributeError):
        raise OneclickError(
            f"candidates: there is no estimator '{path}'. Check the spelling in "
            "conf/base/data_science/parameters.yml."
        ) from None
    known = inspect.signature(kind).parameters
    seeded = {"random_state": seed} if "random_state" in known else {}
    values = {**seeded, **candidate.parameters, **settings}
    unknown = sorted(set(values).difference(known))
    if unknown:
        raise OneclickError(
            f"candidates: {path} has no parameter {', '.join(unknown)}. "
            f"It knows: {', '.join(known)}."
        )
    return kind(**values)


def check_claims(candidates: Candidates) -> None:
    """Refuse a candidate that claims exact Shapley values and has none: it would be preferred.

    Raises:
        OneclickError: Naming the candidate; also what `make_estimator` raises.
    """
    for name, candidate in candidates.root.items():
        if candidate.explainable == "exact" and not _is_exact(candidate):
            raise OneclickError(
                f"candidates.{name}.explainable is 'exact', but {candidate.estimator} with these "
                "parameters has no exact Shapley values. Write `explainable: sampled` in "
                "conf/base/data_science/parameters.yml."
            )


def _is_exact(candidate: Candidate) -> bool:
    every = ParameterGrid(candidate.search)
    return not candidate.members and all(
        exact_form(make_estimator(candidate, settings, 0)) for settings in every
    )


def list_settings(candidate: Candidate, most: int, seed: int) -> list[Settings]:
    """Return at most ``most`` settings: the first value of everything, then others at random."""
    first = {name: values[0] for name, values in candidate.search.items()}
    others = [settings for settings in ParameterGrid(candidate.search) if settings != first]
    if len(others) > most - 1:
        drawn = np.random.default_rng(seed).choice(len(others), most - 1, replace=False)
        others = [others[position] for position in sorted(drawn)]
    return [first, *others]


def make_pipeline(
    candidates: Candidates, name: str, settings: dict[str, Settings], features: Features, seed: int
) -> Pipeline:
    """Return the whole unfitted pipeline of a candidate: columns, then model.

    ``settings`` are by candidate; a vote needs those of its members.
    """
    candidate = candidates[name]
    if candidate.members:
        same = (settings, features, seed)
        members = [(each, make_pipeline(candidates, each, *same)) for each in candidate.members]
        return Pipeline([("columns", "passthrough"), ("model", SoftVote(members))])
    model = make_estimator(candidate, settings[name], seed)
    return Pipeline([("columns", make_columns(features, candidate.columns)), ("model", model)])


def calibrate(pipeline: Pipeline, splits: list[Split]) -> CalibratedClassifierCV:
    """Wrap a pipeline so that its margin becomes a probability by one sigmoid.

    The sigmoid is fitted to margins out of the given folds, the pipeline on all rows.
    """
    return CalibratedClassifierCV(pipeline, method="sigmoid", cv=splits, ensemble=False)
