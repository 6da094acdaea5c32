"""Effect sizes with 95 % intervals, from counts, means and variances alone."""

from statistics import NormalDist

import numpy as np

Z95 = NormalDist().inv_cdf(0.975)


def standardised_difference(
    n1: float, mean1: float, var1: float, n2: float, mean2: float, var2: float
) -> tuple[float, float, float]:
    """Return Cohen's d of group 1 against group 2 with its interval (Hedges & Olkin 1985, p. 86).

    Returns:
        Effect, lower and upper end; NaN where a group has fewer than two members or no spread.
    """
    pooled = ((n1 - 1) * var1 + (n2 - 1) * var2) / max(n1 + n2 - 2, 1)
    if min(n1, n2) < 2 or not pooled > 0:
        return np.nan, np.nan, np.nan
    d = (mean1 - mean2) / np.sqrt(pooled)
    half = Z95 * np.sqrt((n1 + n2) / (n1 * n2) + d**2 / (2 * (n1 + n2)))
    return d, d - half, d + half


def _wilson(k: float, n: float) -> tuple[float, float]:
    centre = (k + Z95**2 / 2) / (n + Z95**2)
    half = Z95 / (n + Z95**2) * np.sqrt(k * (n - k) / n + Z95**2 / 4)
    return centre - half, centre + half


def share_difference(k1: float, n1: float, k2: float, n2: float) -> tuple[float, float, float]:
    """Return the difference of two shares with its interval (Newcombe 1998, method 10)."""
    if min(n1, n2) < 1:
        return np.nan, np.nan, np.nan
    p1, p2 = k1 / n1, k2 / n2
    (low1, high1), (low2, high2) = _wilson(k1, n1), _wilson(k2, n2)
    difference = p1 - p2
    return (
        difference,
        difference - np.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2),
        difference + np.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2),
    )
