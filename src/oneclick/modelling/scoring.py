"""Probabilities for any number of customers, fast and in bounded memory."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from threadpoolctl import threadpool_limits

from oneclick.modelling.estimators import (
    SoftVote,
    as_dense,
    as_probability,
    margin_of,
    vote,
)
from oneclick.modelling.features import as_model_frame
from oneclick.modelling.parameters import Features
from oneclick.threads import ahead, in_threads, slices

_CELLS = 1 << 18  # of a kernel that are made at a time: 2 MB, which stay in the cache
SCORES_SCHEMA = pa.schema(
    [("customer_id", pa.int64()), ("p_decline", pa.float64()), ("score_source", pa.string())]
)


def fitted_pipeline(model: CalibratedClassifierCV) -> Pipeline:
    """Return the pipeline that was fitted to all rows inside a calibrated model."""
    return model.calibrated_classifiers_[0].estimator


def score(model: CalibratedClassifierCV, frame: pd.DataFrame) -> np.ndarray:
    """Return the probability of decline of each row, as ``model.predict_proba`` gives it.

    Machines with an RBF or linear kernel take a quicker way, equal to theirs within 1e-9.
    ``frame`` is an `as_model_frame`, the model one base model with its calibration.
    """
    return _probabilities(model, _transform(model, frame))


def _transform(model: CalibratedClassifierCV, frame: pd.DataFrame) -> Any:
    """Return the rows that the classifier sees."""
    columns = fitted_pipeline(model)[0]
    return columns.transform(frame) if isinstance(columns, ColumnTransformer) else frame


def _probabilities(model: CalibratedClassifierCV, rows: Any) -> np.ndarray:
    output = output_of(fitted_pipeline(model)[-1])(rows)
    return model.calibrated_classifiers_[0].calibrators[0].predict(output)


def output_of(classifier: Any) -> Callable[[Any], np.ndarray]:
    """Return the function from transformed rows to what a classifier's calibration starts from."""
    if isinstance(classifier, SVC) and classifier.kernel == "rbf":
        return partial(rbf_margin, classifier)
    if isinstance(classifier, SVC) and classifier.kernel == "linear":
        return lambda rows: rows @ classifier.coef_[0] + classifier.intercept_[0]
    if isinstance(classifier, SoftVote):
        members = [(member, output_of(member)) for member in classifier.members_]
        return lambda rows: vote([as_probability(member, rows, own) for member, own in members])
    return partial(margin_of, classifier)


def rbf_margin(svc: SVC, rows: np.ndarray) -> np.ndarray:
    """Return Σ aᵢ exp(−γ |x − sᵢ|²) + b of each row x, as the machine's ``decision_function``.

    The squares |x|² − 2 x·s + |s|² are one product of matrices, (x, |x|², 1) and (−2 s, 1, |s|²).
    They are taken about the centre of the support vectors: far from zero they would lose digits.
    Memory is that of the rows, the work that of all processors.
    """
    support, weights = as_dense(svc.support_vectors_), as_dense(svc.dual_coef_)[0]
    centre = support.mean(axis=0)
    support = support - centre
    # what "scale" meant at fitting is published nowhere in scikit-learn
    by_support = -svc._gamma * np.vstack([-2 * support.T, np.ones(len(support)), _squares(support)])

    def part_margin(part: slice) -> np.ndarray:
        x = rows[part] - centre
        kernel = np.column_stack([x, _squares(x), np.ones(len(x))]) @ by_support
        # an exponent may come out above 0, by as little as others err: no need to clip it
        np.exp(kernel, out=kernel)
        return kernel @ weights

    with threadpool_limits(1, user_api="blas"):  # its other threads would only wait, busily
        parts = in_threads(part_margin, slices(len(rows), max(1, _CELLS // len(support))))
    return np.concatenate([np.empty(0), *parts]) + svc.intercept_[0]


def _squares(rows: np.ndarray) -> np.ndarray:
    return np.einsum("ij,ij->i", rows, rows)


def score_batches(
    batches: Iterable[pa.RecordBatch],
    model: CalibratedClassifierCV,
    features: Features,
    known: pd.DataFrame,
) -> Iterator[pa.RecordBatch]:
    """Score batches of ``customers``, each row as in `SCORES_SCHEMA`.

    Who was in training is ``known`` by ``customer_id`` and keeps the out-of-fold ``p_decline``;
    where that is missing, the model scores a customer that it has learned from: ``in_sample``.
    """
    honest = known.set_index("customer_id")["p_decline"]
    sources = pa.array(["out_of_fold", "model", "in_sample"])

    def prepare() -> Iterator[tuple[pa.Array, np.ndarray, pa.Array, Any]]:
        """Yield ids, known probabilities, where scores come from, and the rows without one."""
        for batch in filter(len, batches):
            customers = batch.to_pandas(strings_to_categorical=True)
            places = honest.index.get_indexer(customers["customer_id"])
            p = honest.array.take(places, allow_fill=True).to_numpy(copy=True)
            unseen = np.isnan(p)
            source = sources.take(pa.array(np.select([~unseen, places < 0], [0, 1], 2)))
            rows = None
            if unseen.any():
                rows = _transform(model, as_model_frame(customers[unseen], features))
            yield batch["customer_id"], p, source, rows

    for ids, p, source, rows in ahead(prepare()):
        if rows is not None:
            p[np.isnan(p)] = _probabilities(model, rows)
        yield pa.record_batch([ids, pa.array(p), source], schema=SCORES_SCHEMA)
