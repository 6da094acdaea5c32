"""The fitted SVC as a quick function of plain numbers, for explainers that ask for millions."""

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline


class FastSVC:
    """Margin of an RBF pipeline on rows of raw numbers and category codes, by matrix products.

    Its distance from ``decision_function`` is rounding, about 1e-13.
    """

    def __init__(self, pipeline: Pipeline, frame: pd.DataFrame) -> None:
        columns = pipeline[0]
        self._columns = list(frame.columns)
        self._scaler = columns.named_transformers_["numeric"][-1]
        encoder = columns.named_transformers_["text"]
        self._numbers = [self._columns.index(one) for one in columns.transformers_[0][2]]
        self._texts = [self._columns.index(one) for one in columns.transformers_[1][2]]
        self._levels = [list(levels) for levels in encoder.categories_]
        svc = pipeline[-1]
        self._support, self._gamma = svc.support_vectors_, svc._gamma
        self._squares = (self._support**2).sum(axis=1)
        self._weights, self._constant = svc.dual_coef_[0], svc.intercept_[0]

    def encode(self, frame: pd.DataFrame) -> np.ndarray:
        """Return rows of numbers, categories as their codes."""
        rows = np.empty(frame.shape)
        rows[:, self._numbers] = frame.iloc[:, self._numbers]
        for column, levels in zip(self._texts, self._levels, strict=True):
            rows[:, column] = [levels.index(value) for value in frame.iloc[:, column]]
        return rows

    def decode(self, rows: np.ndarray) -> pd.DataFrame:
        """Return the frame of encoded rows, for the pipeline itself."""
        frame = pd.DataFrame(rows, columns=self._columns)
        for column, levels in zip(self._texts, self._levels, strict=True):
            name = self._columns[column]
            frame[name] = np.array(levels, dtype=object)[rows[:, column].astype(int)]
        return frame

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """Return the margin of encoded rows."""
        margins = [self._margin(part) for part in np.array_split(rows, len(rows) // 5000 + 1)]
        return np.concatenate(margins)

    def _margin(self, rows: np.ndarray) -> np.ndarray:
        scaled = (rows[:, self._numbers] - self._scaler.mean_) / self._scaler.scale_
        hot = [
            np.eye(len(levels))[rows[:, column].astype(int)]
            for column, levels in zip(self._texts, self._levels, strict=True)
        ]
        x = np.hstack([scaled, *hot])
        distance = x @ (-2 * self._support.T)
        distance += (x**2).sum(axis=1)[:, None]
        distance += self._squares
        distance *= -self._gamma
        return np.exp(distance, out=distance) @ self._weights + self._constant
