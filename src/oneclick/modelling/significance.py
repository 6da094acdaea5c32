"""When a difference is called significant, and what many tests at once do to p-values."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

SIGNIFICANT = 0.05  # a smaller p is no chance


def holm(p_values: Sequence[float] | pd.Series) -> np.ndarray:
    """Return the p-values corrected for their number (Holm 1979); NaN stays NaN."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p)[: int(np.isfinite(p).sum())]
    adjusted = np.full(len(p), np.nan)
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted
