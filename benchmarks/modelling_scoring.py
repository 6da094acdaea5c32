"""Speed and agreement of our scoring of every kind of champion beside scikit-learn's own.

Run: ``PYTHONPATH=src python -m benchmarks.modelling_scoring [customers]``. The two take turns on
the same rows; the median of five turns is told.
"""

import sys
import time
from collections.abc import Callable

import numpy as np

from oneclick.modelling.features import as_model_frame
from oneclick.modelling.scoring import fitted_pipeline, output_of, score
from oneclick.modelling.training import fit_champion
from tests.modelling.shop import FEATURES, make_customers, make_task, models

TURNS = 5


def compare(name: str, customers: int, works: dict[str, Callable[[], np.ndarray]]) -> None:
    """Let two works take turns; print microseconds of processor and of clock per customer."""
    results = {key: work() for key, work in works.items()}
    spent: dict[str, list[tuple[float, float]]] = {key: [] for key in works}
    for _ in range(TURNS):
        for key, work in works.items():
            processor, clock = time.process_time(), time.perf_counter()
            work()
            spent[key].append((time.process_time() - processor, time.perf_counter() - clock))
    (theirs, theirs_clock), (ours, ours_clock) = (
        1e6 * np.median(spent[key], axis=0) / customers for key in works
    )
    first, second = results.values()
    print(
        f"{name:28s} scikit-learn {theirs:7.2f} CPU-µs {theirs_clock:7.2f} µs   "
        f"ours {ours:6.2f} CPU-µs {ours_clock:6.2f} µs   "
        f"{theirs / ours:5.1f} × CPU {theirs_clock / ours_clock:5.1f} × time   "
        f"gap {np.abs(first - second).max():.1e}",
        flush=True,
    )


def main(customers: int) -> None:
    """Score made-up customers both ways, by every kind of model."""
    training = make_task(make_customers(1300), models()["candidates"])
    frame = as_model_frame(make_customers(customers, seed=1), FEATURES)
    for kind in training.candidates.root:
        model, _ = fit_champion(training, kind)
        works = {
            "scikit-learn": lambda m=model: m.predict_proba(frame)[:, 1],
            "ours": lambda m=model: score(m, frame),
        }
        compare(f"{kind}, probability", customers, works)
        classifier = fitted_pipeline(model)[-1]
        if kind == "svc_rbf":
            rows = fitted_pipeline(model)[:-1].transform(frame)
            works = {
                "scikit-learn": lambda c=classifier, r=rows: c.decision_function(r),
                "ours": lambda c=classifier, r=rows: output_of(c)(r),
            }
            compare(f"{kind}, margin alone", customers, works)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
