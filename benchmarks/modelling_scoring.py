"""Speed and agreement of the fast scoring of an RBF support vector machine.

Run: PYTHONPATH=src:. python benchmarks/modelling_scoring.py [customers]
"""

import sys
import time

import numpy as np

from oneclick.modelling.features import as_model_frame
from oneclick.modelling.scoring import fitted_pipeline, rbf_margin
from oneclick.modelling.training import fit_champion
from tests.modelling.shop import FEATURES, choose, make_customers, make_task


def main(customers: int) -> None:
    """Score made-up customers both ways and print what it took."""
    model, _ = fit_champion(make_task(make_customers(1300), choose("svc_rbf")), "svc_rbf")
    pipeline = fitted_pipeline(model)
    svc = pipeline.named_steps["model"]
    frame = as_model_frame(make_customers(customers, seed=1), FEATURES)
    rows = pipeline.named_steps["columns"].transform(frame)
    print(f"{customers} customers, {len(svc.support_vectors_)} support vectors")
    margins = {}
    for name, work in {
        "libsvm": lambda: svc.decision_function(rows),
        "one thread": lambda: rbf_margin(svc, rows, 1),
        "two threads": lambda: rbf_margin(svc, rows, 2),
    }.items():
        started = time.perf_counter()
        margins[name] = work()
        seconds = time.perf_counter() - started
        gap = np.abs(margins[name] - margins["libsvm"]).max()
        print(
            f"{name:12s} {seconds:7.2f} s  {1e6 * seconds / customers:6.1f} µs each  gap {gap:.1e}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
