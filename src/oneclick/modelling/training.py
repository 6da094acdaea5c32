"""From a champion to the model in service."""

from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV

from oneclick.modelling.candidates import calibrate, make_pipeline
from oneclick.modelling.evaluation import Task, inner_splits, search


def fit_champion(task: Task, champion: str) -> tuple[CalibratedClassifierCV, dict[str, Any]]:
    """Search once more on all customers; return the champion fitted to them, and its settings."""
    task = task.only(champion)
    everybody = np.arange(len(task.declined))
    settings, _ = search(task, everybody)
    pipeline = make_pipeline(task.candidates, champion, settings, task.features, task.seed)
    model = calibrate(pipeline, inner_splits(task, everybody)).fit(task.frame, task.declined)
    # The folds have done their work and name positions of customers; they are not for keeping.
    model.set_params(cv=task.effort.inner_folds)
    return model, settings if task.candidates[champion].members else settings[champion]
