"""Probabilities that mean what they say: fitting them, and judging them against chance.

``declined`` is the class of each customer, ``p`` the probability of each, 0..1.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit


@dataclass(frozen=True)
class Sigmoid:
    """Probability 1 / (1 + exp(slope · margin + offset)); the slope of a useful margin is < 0."""

    slope: float
    offset: float

    def __call__(self, margin: np.ndarray) -> np.ndarray:
        """Return the probability of each margin."""
        return expit(-(self.slope * margin + self.offset))


def fit_sigmoid(margin: np.ndarray, declined: np.ndarray) -> Sigmoid:
    """Fit the sigmoid of Platt (1999) with his smoothed targets, as scikit-learn does.

    The margins are those of customers that the scoring model was not fitted to.
    """
    positives = float(declined.sum())
    negatives = len(declined) - positives
    targets = np.where(declined, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    width = float(np.abs(margin).max()) or 1.0
    scaled = margin / width

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        raw = -(parameters[0] * scaled + parameters[1])
        error = expit(raw) - targets
        value = (np.logaddexp(0, raw) - targets * raw).sum()
        return value, np.array([-(error @ scaled), -error.sum()])

    start = np.array([0.0, np.log((negatives + 1) / (positives + 1))])
    slope, offset = minimize(loss, start, method="L-BFGS-B", jac=True, options={"gtol": 1e-8}).x
    return Sigmoid(float(slope) / width, float(offset))


def expected_calibration_error(declined: np.ndarray, p: np.ndarray, bins: int) -> float:
    """Return the mean gap between probability and observed share over the bins."""
    table = calibration_table(declined, p, bins)
    gaps = (table["mean_predicted"] - table["observed_share"]).abs()
    return float((gaps * table["customers"]).sum() / len(p))


def calibration_table(declined: np.ndarray, p: np.ndarray, bins: int) -> pd.DataFrame:
    """Return customers, mean probability and observed share of decliners per equal-mass bin."""
    frame = pd.DataFrame({"bin": _bins(p, bins), "p": p, "declined": declined.astype(float)})
    table = frame.groupby("bin").agg(
        customers=("p", "size"), mean_predicted=("p", "mean"), observed_share=("declined", "mean")
    )
    return table.reset_index()


def _bins(p: np.ndarray, bins: int) -> np.ndarray:
    """Number the bins; equal probabilities share one, so ties may leave fewer than asked for."""
    edges = np.quantile(p, np.arange(1, bins) / bins)
    return pd.factorize(np.searchsorted(np.unique(edges), p, side="left"), sort=True)[0]


def simulate_chance(p: np.ndarray, bins: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw classes from the probabilities themselves: how far do bins stray by chance alone?

    Returns:
        Of 1 000 draws the observed shares, (draws, bins), and calibration errors, (draws,).
    """
    random = np.random.default_rng(seed)
    number = _bins(p, bins)
    p = p[np.argsort(number, kind="stable")]
    _, starts, sizes = np.unique(np.sort(number), return_index=True, return_counts=True)
    draws = [np.add.reduceat(random.random(len(p)) < p, starts, dtype=float) for _ in range(1000)]
    shares = np.array(draws) / sizes
    gaps = np.abs(shares - np.add.reduceat(p, starts) / sizes)
    return shares, (gaps * sizes).sum(axis=1) / len(p)
