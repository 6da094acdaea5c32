"""Time of the nested evaluation by effort, and the figures it gives, on a table of customers.

Run: PYTHONPATH=src:. python benchmarks/modelling_effort.py customers.parquet [effort …]
"""

import sys
import time

import numpy as np
import pandas as pd

from oneclick.modelling.evaluation import Task, evaluate_nested
from oneclick.modelling.features import as_model_frame, clone_groups
from tests.modelling.shop import models


def main(path: str, efforts: list[str]) -> None:
    """Evaluate all shipped candidates with each effort."""
    settings = models()
    features, choice = settings["features"], settings["choice"]
    customers = pd.read_parquet(path).sort_values("customer_id")
    frame = as_model_frame(customers, features)
    declined = customers["declined"].to_numpy(bool)
    for name in efforts:
        task = Task(
            frame,
            declined,
            clone_groups(frame),
            settings["candidates"],
            features,
            choice.efforts[name],
            settings["training"].seed,
        )
        started = time.perf_counter()
        scores = evaluate_nested(task, choice.processes)
        print(f"{name}: {time.perf_counter() - started:.1f} s with {choice.processes} processes")
        for candidate in scores.probabilities:
            values = scores.by_fold(candidate)
            print(f"  {candidate:18s} ROC-AUC {np.nanmean(values):.4f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] or ["quick", "standard"])
