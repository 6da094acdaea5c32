"""Compiled code gives the same bits in the process that compiles it and in those that load it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import sys
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from oneclick.explain.margin import contributions, contributions_fast

numbers = np.random.default_rng(0).normal(size=(300, 15))
frame = pd.DataFrame(numbers, columns=[f"column {place}" for place in range(15)])
scaled = make_column_transformer((StandardScaler(), list(frame)))
model = make_pipeline(scaled, SVC(gamma=0.05)).fit(frame, numbers.sum(axis=1) > 0)
exact = contributions(model, frame, frame).values
fast = next(contributions_fast(model, [frame], frame)).values
sys.stdout.buffer.write(exact.tobytes() + fast.tobytes())
"""


@pytest.mark.slow
def test_the_first_run_of_an_installation_gives_the_same_bits(tmp_path: Path) -> None:
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    first, later = (
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, check=True, capture_output=True
        ).stdout
        for _ in range(2)
    )
    assert first == later
    assert len(first) > 1000
