"""Probabilities for any number of customers, fast and in bounded memory."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC

from oneclick.modelling.features import as_model_frame
from oneclick.modelling.parameters import Features

_KERNEL_CELLS = 2_000_000  # float64 of one chunk's kernel: 16 MB per thread
SCORES_SCHEMA = pa.schema(
    [("customer_id", pa.int64()), ("p_decline", pa.float64()), ("score_source", pa.string())]
)


def fitted_pipeline(model: CalibratedClassifierCV) -> Pipeline:
    """Return the pipeline that was fitted to all rows inside a calibrated model."""
    return model.calibrated_classifiers_[0].estimator


def score(model: CalibratedClassifierCV, frame: pd.DataFrame, threads: int = 2) -> np.ndarray:
    """Return the probability of decline of each row, as ``model.predict_proba`` gives it.

    A support vector machine with the RBF kernel is evaluated as one matrix product per chunk of
    rows, about ten times faster than libsvm and equal to it within 1e-9.

    Args:
        model: Calibrated model, one base model inside.
        frame: The model's features, see `as_model_frame`.
        threads: Threads of the fast path.
    """
    svc = fitted_pipeline(model).named_steps["model"]
    if not (isinstance(svc, SVC) and svc.kernel == "rbf" and model.method == "sigmoid"):
        return model.predict_proba(frame)[:, 1]
    rows = fitted_pipeline(model).named_steps["columns"].transform(frame)
    margin = rbf_margin(svc, np.asarray(rows, dtype=np.float64), threads)
    sigmoid = model.calibrated_classifiers_[0].calibrators[0]
    return sigmoid.predict(margin)


def rbf_margin(svc: SVC, rows: np.ndarray, threads: int) -> np.ndarray:
    """Return ``svc.decision_function(rows)`` by |x − s|² = |x|² + |s|² − 2 x·s."""
    vectors, weights = svc.support_vectors_, svc.dual_coef_[0]
    gamma = svc._gamma  # what "scale" meant at fitting; scikit-learn keeps it nowhere else
    vector_squares = (vectors**2).sum(axis=1)
    size = max(1, _KERNEL_CELLS // len(vectors))

    def chunk_margin(start: int) -> np.ndarray:
        chunk = rows[start : start + size]
        distance = chunk @ (-2 * vectors.T)
        distance += (chunk**2).sum(axis=1)[:, None]
        distance += vector_squares
        np.maximum(distance, 0, out=distance)  # rounding may leave a customer below itself
        distance *= -gamma
        return np.exp(distance, out=distance) @ weights + svc.intercept_[0]

    starts = range(0, len(rows), size)
    if threads == 1 or len(starts) < 2:
        return np.concatenate([chunk_margin(start) for start in starts])
    with ThreadPoolExecutor(threads) as pool:
        return np.concatenate(list(pool.map(chunk_margin, starts)))


def score_batches(
    batches: Iterable[pa.RecordBatch],
    model: CalibratedClassifierCV,
    features: Features,
    known: pd.DataFrame,
) -> Iterator[pa.RecordBatch]:
    """Score customers batch by batch; who was in training keeps the out-of-fold probability.

    Args:
        batches: Rows of ``customers``.
        model: The model fitted to all training customers.
        features: The columns it uses.
        known: ``customer_id`` and out-of-fold ``p_decline`` of the training customers.

    Yields:
        ``customer_id``, ``p_decline`` and ``score_source`` (``out_of_fold`` or ``model``).
    """
    honest = known.set_index("customer_id")["p_decline"]
    for batch in batches:
        customers = batch.to_pandas()
        if customers.empty:
            continue
        out_of_fold = honest.reindex(customers["customer_id"]).to_numpy()
        unseen = np.isnan(out_of_fold)
        p = out_of_fold.copy()
        if unseen.any():
            p[unseen] = score(model, as_model_frame(customers[unseen], features))
        source = np.where(unseen, "model", "out_of_fold")
        yield pa.record_batch(
            [pa.array(customers["customer_id"]), pa.array(p), pa.array(source, pa.string())],
            schema=SCORES_SCHEMA,
        )
