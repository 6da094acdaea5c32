"""Figures of merit of probabilities; each works on one fold or on all customers.

``declined`` is the class of each customer, ``p`` the score or probability of each. A figure is NaN
where it has no meaning, such as a ranking of one class only.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import expit, logit
from scipy.stats import beta, norm

from oneclick.modelling.parameters import ContactEconomics

Metric = Callable[[np.ndarray, np.ndarray], float]


def roc_auc(declined: np.ndarray, p: np.ndarray) -> float:
    """Return the chance, 0..1, that a decliner outranks a steady customer (ties count half)."""
    is_declined = declined.astype(bool)
    lost, steady = p[is_declined], np.sort(p[~is_declined])
    if not len(lost) or not len(steady):
        return float("nan")
    below = sum(np.searchsorted(steady, lost, side).sum() for side in ("left", "right"))
    return float(below / (2 * len(lost) * len(steady)))


def roc_auc_interval(declined: np.ndarray, area: float) -> tuple[float, float]:
    """Return the 95 % interval of a ROC-AUC ``area``, also for five customers of a class.

    The error is that of Hanley & McNeil (1982, eq. 1 and 2), on the logit scale, which ends at 0
    and 1. An area at such an end is moved half a pair of customers inwards, lest the error be zero;
    the interval still reaches to it.
    """
    lost, steady = int(declined.sum()), int((~declined).sum())
    half = 0.5 / (lost * steady)
    a = float(np.clip(area, half, 1 - half))
    of_lost, of_steady = a / (2 - a) - a**2, 2 * a**2 / (1 + a) - a**2
    variance = a * (1 - a) + (lost - 1) * of_lost + (steady - 1) * of_steady
    error = np.sqrt(variance / (lost * steady)) / (a * (1 - a))
    low, high = expit(logit(a) + error * np.array(norm.interval(0.95)))
    return min(float(low), area), max(float(high), area)


def pr_auc(declined: np.ndarray, p: np.ndarray) -> float:
    """Return average precision: mean precision over the decliners, by falling score."""
    if not declined.any():
        return float("nan")
    taken, found = cumulative_hits(declined, p)
    return float((found / taken * np.diff(found, prepend=0)).sum() / declined.sum())


def cumulative_hits(declined: np.ndarray, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return customers taken and decliners among them at each distinct score, falling."""
    order = np.argsort(-p, kind="stable")
    last = np.flatnonzero(np.diff(p[order], append=-np.inf))
    return (last + 1).astype(float), np.cumsum(declined[order])[last].astype(float)


def brier(declined: np.ndarray, p: np.ndarray) -> float:
    """Return the mean squared error of the probability; smaller is better."""
    return float(np.mean((p - declined) ** 2))


def brier_skill(declined: np.ndarray, p: np.ndarray) -> float:
    """Return the share of the Brier score of a constant base rate that is saved; 1 is perfect."""
    unskilled = declined.mean() * (1 - declined.mean())
    return float(1 - brier(declined, p) / unskilled) if unskilled else float("nan")


def log_loss(declined: np.ndarray, p: np.ndarray) -> float:
    """Return the mean negative log-likelihood, in nats; smaller is better."""
    safe = np.clip(p, 1e-12, 1 - 1e-12)
    return float(-np.mean(np.where(declined, np.log(safe), np.log1p(-safe))))


def accuracy(declined: np.ndarray, p: np.ndarray) -> float:
    """Return the share of customers whose more likely class is the true one."""
    return float(np.mean((p > 0.5) == declined.astype(bool)))


def lift(declined: np.ndarray, p: np.ndarray, share: Any) -> Any:
    """Return mean(declined in the top share by score) / mean(declined), at one share or several.

    Customers tied at the border count in proportion, so the order of rows does not matter.
    """
    if not declined.any():
        return share * np.nan
    wanted = np.maximum(1, np.round(share * len(p)))
    taken, found = cumulative_hits(declined, p)
    return np.interp(wanted, np.r_[0, taken], np.r_[0, found]) / wanted / declined.mean()


def lift_ceiling(declined: np.ndarray, share: float) -> float:
    """Return the lift of a perfect ranking, min(1/π, 1/share)."""
    rate = declined.mean()
    return float(min(1 / rate, 1 / share)) if rate else float("nan")


def expected_profit(declined: np.ndarray, p: np.ndarray, economics: ContactEconomics) -> float:
    """Return RUB per customer if everybody above the cost threshold is contacted.

    A contacted decliner brings γ(V − d), a contacted steady customer costs ρd, and each contact
    costs f; nobody contacted is worth nothing.
    """
    wasted = economics.redemption * economics.incentive
    value = np.where(declined, economics.gain, -wasted) - economics.contact_cost
    return float(np.mean(np.where(p > economics.threshold, value, 0.0)))


def expected_maximum_profit(
    declined: np.ndarray,
    p: np.ndarray,
    value_at_stake: float,
    incentive: float,
    contact_cost: float,
    alpha: float = 6.0,
    beta_: float = 14.0,
) -> float:
    """Return EMPC, RUB per customer: the best that a campaign could earn with these scores.

    It is MPC with γ spread as Beta(α, β) (Verbraken 2013, eq. 17); the shapes 6 and 14 give γ the
    source's mean, 0.3. The best share to contact is constant between the points where two vertices
    of the convex hull of the ROC curve earn the same, so the integral over γ is a finite sum.
    Value V, incentive d and contact cost f are RUB.
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


# Those that ask for no costs.
FIGURES: dict[str, Metric] = {
    figure.__name__: figure for figure in (roc_auc, pr_auc, brier, brier_skill, log_loss)
}
WITHIN_UNIT = frozenset({"roc_auc", "pr_auc", "brier"})


def fold_figures(economics: ContactEconomics) -> dict[str, Metric]:
    """Return the figures by which candidates are compared, by name."""
    return {
        **FIGURES,
        "lift_at_capacity": lambda declined, p: lift(declined, p, economics.capacity),
        "expected_profit": lambda declined, p: expected_profit(declined, p, economics),
    }
