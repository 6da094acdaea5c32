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
    """Return the mean gap between probability and observed share over equal-mass bins.

    Customers of equal probability are one heap and never fall apart into two bins, so ties may
    leave fewer bins than asked for.
    """
    table = calibration_table(declined, p, bins)
    gaps = (table["mean_predicted"] - table["observed_share"]).abs()
    return float((gaps * table["customers"]).sum() / len(p))


def calibration_table(declined: np.ndarray, p: np.ndarray, bins: int) -> pd.DataFrame:
    """Return customers, mean probability and observed share of decliners per equal-mass bin."""
    number = _bins(p, bins)
    frame = pd.DataFrame({"bin": number, "p": p, "declined": declined.astype(float)})
    return (
        frame.groupby("bin")
        .agg(
            customers=("p", "size"),
            mean_predicted=("p", "mean"),
            observed_share=("declined", "mean"),
        )
        .reset_index()
    )


def _bins(p: np.ndarray, bins: int) -> np.ndarray:
    edges = np.quantile(p, np.arange(1, bins) / bins)
    return pd.factorize(np.searchsorted(np.unique(edges), p, side="left"), sort=True)[0]


def simulate_chance(
    p: np.ndarray, bins: int, seed: int, draws: int = 1000
) -> tuple[np.ndarray, np.ndarray]:
    """Draw classes from the probabilities themselves: how far do bins stray by chance alone?

    Returns:
        Observed shares, (draws, bins), and expected calibration errors, (draws,).
    """
    random = np.random.default_rng(seed)
    number = _bins(p, bins)
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], np.arange(number.max() + 1))
    sizes = np.diff([*starts, len(p)])
    expected = np.add.reduceat(p[order], starts) / sizes
    shares = np.empty((draws, len(sizes)))
    for draw in range(draws):
        drawn = random.random(len(p)) < p[order]
        shares[draw] = np.add.reduceat(drawn.astype(float), starts) / sizes
    return shares, (np.abs(shares - expected) * sizes).sum(axis=1) / len(p)
