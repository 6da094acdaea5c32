"""Exact Shapley values of the real SVC beside shap's sampled ones: CPU seconds on the same machine.

Run: ``PYTHONPATH=src python -m benchmarks.explain_speed FOLDER``, FOLDER with the reference tables.
Compiling and loading are outside the measurements. shap's explainers get one customer, the same
background, and first the pipeline itself, then its margin by matrix products (`FastSVC`).
"""

import argparse
import resource
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import shap
from sklearn.svm import SVC

from oneclick.explain.margin import Contributions, contributions, contributions_fast
from oneclick.modelling.estimators import LaplacianSVC
from tests.explain.fast_svc import FastSVC
from tests.explain.shops import make_pipeline_of, read_reference

Sampler = Callable[[Callable[[np.ndarray], np.ndarray], np.ndarray, np.ndarray], None]


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of all threads of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def kernel_explainer(function: Callable, row: np.ndarray, background: np.ndarray) -> None:
    """KernelExplainer without the default that zeroes players."""
    explainer = shap.KernelExplainer(function, background)
    explainer.shap_values(row, nsamples=500, l1_reg=False, silent=True)


def permutation_explainer(function: Callable, row: np.ndarray, background: np.ndarray) -> None:
    """PermutationExplainer with its own number of evaluations."""
    masker = shap.maskers.Independent(background, max_samples=len(background))
    shap.PermutationExplainer(function, masker)(row[None], silent=True)


def distance_between(full: Contributions, fast: Contributions) -> pd.DataFrame:
    """Return how far one explanation is from another of the same rows, per column.

    Args:
        full: The reference.
        fast: The other, such as from `contributions_fast`.

    Returns:
        Per feature: ``mean_abs`` of the reference, ``mean_gap`` (mean absolute difference),
        ``relative_gap`` (their ratio) and ``max_gap``.
    """
    gap = np.abs(full.values - fast.values)
    size = np.abs(full.values).mean(axis=0)
    mean = gap.mean(axis=0)
    return pd.DataFrame(
        {
            "feature": full.feature_names,
            "mean_abs": size,
            "mean_gap": mean,
            "relative_gap": np.divide(mean, size, out=np.zeros_like(mean), where=size > 0),
            "max_gap": gap.max(axis=0),
        }
    )


def measure_ours(frame: pd.DataFrame, label: np.ndarray) -> dict[int, float]:
    """Print our CPU seconds; return milliseconds per customer by background size."""
    per_customer = {}
    for name, estimator in (("SVC-RBF", SVC()), ("SVC-Laplacian", LaplacianSVC())):
        pipeline = make_pipeline_of(frame, estimator).fit(frame, label)
        contributions(pipeline, frame[:2], frame[:3])  # compiles
        for size in (100, len(frame)):
            seconds = cpu_seconds(lambda p=pipeline, n=size: contributions(p, frame, frame[:n]))
            print(f"{name}, {len(frame)} customers, background {size}: {seconds:.1f} CPU-s")
            per_customer.setdefault(size, 1000 * seconds / len(frame))
    return per_customer


def measure_fast(frame: pd.DataFrame, label: np.ndarray) -> None:
    """Print the speed, memory and distance of the fast form."""
    pipeline = make_pipeline_of(frame, SVC()).fit(frame, label)
    many = frame.sample(100_000, replace=True, random_state=0)
    chunks = [many[start : start + 10_000] for start in range(0, len(many), 10_000)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = cpu_seconds(
        lambda: [len(one.values) for one in contributions_fast(pipeline, chunks, frame)]
    )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(
        f"fast form: {seconds / len(many) * 1e6:.0f} µs a customer, memory +{grown / 1024:.0f} MB"
    )
    full = contributions(pipeline, frame, frame)
    gaps = distance_between(full, next(contributions_fast(pipeline, [frame], frame)))
    print("distance from the full background, margin units:")
    print(gaps.round(4).to_string(index=False))


def measure_shap(frame: pd.DataFrame, label: np.ndarray, ours: dict[int, float]) -> None:
    """Print shap's CPU seconds for one customer and how many times ours that is."""
    pipeline = make_pipeline_of(frame, SVC()).fit(frame, label)
    fast = FastSVC(pipeline, frame)
    rows = fast.encode(frame)
    functions = {
        "pipeline": lambda rows: pipeline.decision_function(fast.decode(rows)),
        "accelerated": fast,
    }
    print(
        "margin accelerated, largest error:", np.abs(fast(rows) - functions["pipeline"](rows)).max()
    )
    samplers: dict[str, Sampler] = {
        "KernelExplainer(500)": kernel_explainer,
        "PermutationExplainer": permutation_explainer,
    }
    for size in (100, len(frame)):
        for speed, function in functions.items():
            for name, sampler in samplers.items():
                seconds = cpu_seconds(
                    lambda f=function, s=sampler, n=size: s(f, rows[700], rows[:n])
                )
                print(
                    f"{name}, {speed}, background {size}: {seconds:.2f} CPU-s a customer, "
                    f"ours {ours[size]:.2f} ms: {1000 * seconds / ours[size]:.0f} times"
                )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    warnings.simplefilter("ignore")
    customers, declined = read_reference(parser.parse_args().folder)
    milliseconds = measure_ours(customers, declined)
    measure_fast(customers, declined)
    measure_shap(customers, declined, milliseconds)
