"""Maximum profit of a ranking: the best that a campaign could earn with these scores."""

import numpy as np
from scipy.stats import beta

from oneclick.modelling.metrics import cumulative_hits


def expected_maximum_profit(
    declined: np.ndarray,
    p: np.ndarray,
    value_at_stake: float,
    incentive: float,
    contact_cost: float,
    alpha: float = 6.0,
    beta_: float = 14.0,
) -> float:
    """Return EMPC, RUB per customer: MPC with γ spread as Beta(α, β) (Verbraken 2013, eq. 17).

    The best share to contact is constant between the points where two vertices of the convex hull
    of the ROC curve earn the same, so the integral over γ is a finite sum.

    Value V, incentive d and contact cost f are RUB; the shapes 6 and 14 give γ the source's mean,
    0.3.
    """
    taken, found = _hull(declined, p)
    missed = taken - found
    stake, miss = value_at_stake - incentive, incentive + contact_cost
    more_found, more_missed = np.diff(found), np.diff(missed)
    with np.errstate(divide="ignore"):
        turns = (miss * more_missed + contact_cost * more_found) / (stake * more_found)
    bounds = np.concatenate([[0.0], np.clip(turns, 0, 1), [1.0]])
    mass = np.diff(beta.cdf(bounds, alpha, beta_))
    mean_part = alpha / (alpha + beta_) * np.diff(beta.cdf(bounds, alpha + 1, beta_))
    return float(np.sum(stake * found * mean_part - (contact_cost * found + miss * missed) * mass))


def _hull(declined: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return shares of customers taken, and of decliners among all, on the hull of the ROC."""
    taken, found = cumulative_hits(declined, p)
    points = [(0.0, 0.0)]
    for missed, hit in zip(taken - found, found, strict=True):
        while len(points) > 1:
            (x1, y1), (x2, y2) = points[-2:]
            if (x2 - x1) * (hit - y2) < (y2 - y1) * (missed - x2):
                break  # the curve turns right
            points.pop()
        points.append((float(missed), float(hit)))
    hull = np.array(points) / len(declined)
    return hull.sum(axis=1), hull[:, 1]
