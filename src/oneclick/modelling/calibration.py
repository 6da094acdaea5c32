"""Whether probabilities mean what they say, judged against chance.

``declined`` is the class of each customer, ``p`` the probability of each, 0..1.
"""

import numpy as np
import pandas as pd


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
