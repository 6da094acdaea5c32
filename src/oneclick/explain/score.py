"""What is explained: the log-odds of a calibrated pipeline, or the margin of a plain one."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline

from oneclick.errors import OneclickError
from oneclick.modelling.estimators import margin_of

INSTEAD = (
    "Leave the candidate out of conf/base/data_science/parameters.yml; in a notebook, "
    "method='permutation' samples any model."
)


@dataclass(frozen=True)
class Score:
    """What is explained: slope · output + offset of a fitted pipeline, for the second class.

    Slope and offset are those of the sigmoid calibration; ``scale`` names the result.
    """

    pipeline: Pipeline
    slope: float
    offset: float
    scale: str

    def output(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the pipeline's margin, or its probability if it has no margin."""
        return margin_of(self.pipeline, frame)


def score_of(model: Any) -> Score:
    """Return the score that a model's explanation adds up to.

    The log-odds of a sigmoid calibration, p = 1 / (1 + exp(a · f + b)), are −(a · f + b): affine in
    the output f, so values on either scale differ by a factor only.

    Raises:
        OneclickError: The model is no pipeline, is not calibrated by one sigmoid around one fitted
            pipeline, or has other than two classes.
    """
    classes = len(getattr(model, "classes_", ()))
    if classes != 2:
        raise OneclickError(
            "Only a fitted classifier of two classes can be explained; this one "
            f"({type(model).__name__}) has {classes}."
        )
    pipeline, slope, offset = model, 1.0, 0.0
    scale = "margin" if hasattr(model, "decision_function") else "probability"
    if isinstance(model, CalibratedClassifierCV):
        if model.method != "sigmoid" or len(model.calibrated_classifiers_) != 1:
            raise OneclickError(
                "The log-odds of a calibrated model are affine in its margin only with "
                "CalibratedClassifierCV(method='sigmoid', ensemble=False); this one has "
                f"method='{model.method}', ensemble={model.ensemble}."
            )
        calibrated = model.calibrated_classifiers_[0]
        sigmoid = calibrated.calibrators[0]
        pipeline, slope, offset = calibrated.estimator, -float(sigmoid.a_), -float(sigmoid.b_)
        scale = "log-odds of the probability"
    if not isinstance(pipeline, Pipeline):
        raise OneclickError(
            "An explanation names the original columns, so it needs a fitted sklearn Pipeline that "
            f"starts from them; got {type(pipeline).__name__}."
        )
    return Score(pipeline, slope, offset, scale)
