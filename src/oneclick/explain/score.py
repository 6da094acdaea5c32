"""What is explained: the log-odds of a calibrated pipeline, or the margin of a plain one."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from oneclick.errors import OneclickError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline


@dataclass(frozen=True)
class Score:
    """What is explained: slope · output + offset of a fitted pipeline, for the second class.

    Attributes:
        pipeline: Fitted pipeline, without its calibration.
        slope: Of the sigmoid calibration; 1 without one.
        offset: Of the sigmoid calibration; 0 without one.
        scale: The scale's name, for axes and tables.
    """

    pipeline: "Pipeline"
    slope: float
    offset: float
    scale: str

    def output(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the pipeline's margin, or its probability if it has no margin."""
        from oneclick.modelling.estimators import margin_of

        return margin_of(self.pipeline, frame)


def score_of(model: Any) -> Score:
    """Return the score that a model's explanation adds up to.

    The log-odds of a sigmoid calibration, p = 1 / (1 + exp(a · f + b)), are −(a · f + b): affine in
    the output f, so values on either scale differ by a factor only.

    Raises:
        OneclickError: The model is no pipeline, is not calibrated by one sigmoid around one fitted
            pipeline, or has other than two classes.
    """
    if len(getattr(model, "classes_", ())) != 2:
        raise OneclickError(
            "Only a fitted classifier of two classes can be explained; this one "
            f"({type(model).__name__}) has {len(getattr(model, 'classes_', ()))}."
        )
    from sklearn.calibration import CalibratedClassifierCV

    if isinstance(model, CalibratedClassifierCV):
        if model.method != "sigmoid" or len(model.calibrated_classifiers_) != 1:
            raise OneclickError(
                "The log-odds of a calibrated model are affine in its margin only with "
                "CalibratedClassifierCV(method='sigmoid', ensemble=False); this one has "
                f"method='{model.method}', ensemble={model.ensemble}."
            )
        calibrated = model.calibrated_classifiers_[0]
        sigmoid = calibrated.calibrators[0]
        slope, offset = -float(sigmoid.a_), -float(sigmoid.b_)
        return Score(_pipeline(calibrated.estimator), slope, offset, "log-odds of the probability")
    pipeline = _pipeline(model)
    has_margin = hasattr(pipeline, "decision_function")
    return Score(pipeline, 1.0, 0.0, "margin" if has_margin else "probability")


def _pipeline(model: Any) -> "Pipeline":
    from sklearn.pipeline import Pipeline

    if not isinstance(model, Pipeline):
        raise OneclickError(
            "An explanation names the original columns, so it needs a fitted sklearn Pipeline that "
            f"starts from them; got {type(model).__name__}."
        )
    return model
