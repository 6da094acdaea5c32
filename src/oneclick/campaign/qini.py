"""The Qini curve (Radcliffe 2007): did the score find those whom contact keeps?"""

import numpy as np
import pandas as pd


def qini_curve(
    treated: np.ndarray, kept_treated: np.ndarray, control: np.ndarray, kept_control: np.ndarray
) -> tuple[pd.DataFrame, float]:
    """Return the curve and its coefficient from counts per bin, the highest score first.

    The counts are of treated customers, those of them whose activity was kept, and controls
    likewise; bins of one customer give the exact curve.

    The curve is, by ``share_contacted`` (0..1 of both arms): ``gain``, the customers kept more than
    without contact, among the treated so far, and what it is in ``random`` order and in the best
    possible one (``perfect``). The coefficient is the area between curve and random line over that
    of the best order; 1 is perfect, 0 is random; NaN when no order could be better.
    """
    n_t, y_t, n_c, y_c = (
        np.concatenate([[0.0], np.cumsum(counts)])
        for counts in (treated, kept_treated, control, kept_control)
    )
    gain = y_t - np.divide(y_c * n_t, n_c, out=np.zeros_like(y_c), where=n_c > 0)
    contacted = n_t + n_c
    random = gain[-1] * contacted / contacted[-1]
    totals = n_t[-1], y_t[-1], n_c[-1], y_c[-1]
    everyone = np.arange(contacted[-1] + 1)
    best = np.trapezoid(_perfect_gain(everyone, *totals)) - gain[-1] * contacted[-1] / 2
    area = np.trapezoid(gain - random, contacted)
    coefficient = float(area / best) if best > 0 else np.nan
    points = {"gain": gain, "random": random, "perfect": _perfect_gain(contacted, *totals)}
    return pd.DataFrame({"share_contacted": contacted / contacted[-1], **points}), coefficient


def _perfect_gain(
    contacted: np.ndarray, n_t: float, y_t: float, n_c: float, y_c: float
) -> np.ndarray:
    """Return the gain when kept treated customers come first and kept controls last."""
    late = np.maximum(contacted - (n_t + n_c - y_c), 0.0)
    reached = n_c - y_c + late
    lost = np.divide(late * n_t, reached, out=np.zeros_like(late), where=reached > 0)
    return np.minimum(contacted, y_t) - lost
