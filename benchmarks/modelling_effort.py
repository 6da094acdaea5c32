"""What the effort of the model choice buys: time, figures, and a choice that no seed decides.

    python -m benchmarks.modelling_effort customers.parquet [effort …]
    python -m benchmarks.modelling_effort customers.parquet stability

The first form evaluates all shipped candidates with each effort. The second evaluates them with 60
repeats of the standard effort and then chooses the champion again and again from some of these.
"""

import sys
import time
from collections import Counter

import numpy as np
import pandas as pd

from oneclick.modelling.comparison import CHOICE_METRIC, choose_champion, tabulate_folds
from oneclick.modelling.evaluation import NestedScores, Task, evaluate_nested
from oneclick.modelling.features import as_model_frame, clone_groups
from oneclick.modelling.metrics import fold_figures
from oneclick.modelling.parameters import Effort
from tests.modelling.shop import models

REPEATS = 60
DRAWS = 150
SEED = 1


def evaluate(path: str, effort: Effort) -> NestedScores:
    """Evaluate all shipped candidates; print how long it takes."""
    settings = models()
    features, choice = settings["features"], settings["choice"]
    customers = pd.read_parquet(path).sort_values("customer_id")
    frame = as_model_frame(customers, features)
    task = Task(
        frame,
        customers["declined"].to_numpy(bool),
        clone_groups(frame),
        settings["candidates"],
        features,
        effort,
        settings["training"].seed,
    )
    started = time.perf_counter()
    scores = evaluate_nested(task, choice.processes)
    print(f"{time.perf_counter() - started:.1f} s with {choice.processes} processes", flush=True)
    return scores


def compare_efforts(path: str, names: list[str]) -> None:
    """Print time and figures of each effort."""
    for name in names:
        print(f"{name}: ", end="")
        scores = evaluate(path, models()["choice"].efforts[name])
        for candidate in scores.probabilities:
            print(f"  {candidate:18s} ROC-AUC {np.nanmean(scores.by_fold(candidate)):.4f}")


def measure_stability(path: str) -> None:
    """Print who is chosen from how many repeats, and how likely two choices are the same.

    Draws share repeats, so that for many repeats the agreement is somewhat too high.
    """
    settings = models()
    candidates, rule = settings["candidates"], settings["choice"].rule
    standard = settings["choice"].efforts["standard"]
    scores = evaluate(path, standard.model_copy(update={"repeats": REPEATS}))
    folds = tabulate_folds(scores, fold_figures(settings["contact_economics"]))
    asked = folds[folds["metric"].isin([CHOICE_METRIC, "log_loss"])]
    by_repeat = [part for _, part in asked.groupby("repeat")]
    random = np.random.default_rng(SEED)
    for repeats in (1, 2, 3, 5, 8, 10, 15):
        chosen: Counter[str] = Counter()
        for _ in range(DRAWS):
            drawn = random.choice(REPEATS, repeats, replace=False)
            part = pd.concat([by_repeat[number] for number in drawn])
            chosen[choose_champion(part, candidates, rule, scores.test_share).champion] += 1
        same = sum(n * (n - 1) for n in chosen.values()) / (DRAWS * (DRAWS - 1))
        print(f"{repeats:3} repeats: two choices agree in {same:.0%}; {dict(chosen.most_common())}")


if __name__ == "__main__":
    if sys.argv[2:] == ["stability"]:
        measure_stability(sys.argv[1])
    else:
        compare_efforts(sys.argv[1], sys.argv[2:] or ["quick", "standard"])
