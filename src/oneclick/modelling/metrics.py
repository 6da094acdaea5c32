"""Figures of merit of probabilities; each works on one fold or on all customers.

``declined`` is the class of each customer, ``p`` the score or probability of each.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from oneclick.modelling.parameters import ContactEconomics

Metric = Callable[[np.ndarray, np.ndarray], float]
SMALLER_IS_BETTER = frozenset({"brier", "log_loss"})


def roc_auc(declined: np.ndarray, p: np.ndarray) -> float:
    """Return the chance that a decliner outranks a steady customer (ties count half).

    Returns:
        0..1, or NaN where only one class is present.
    """
    is_declined = declined.astype(bool)
    lost, steady = p[is_declined], np.sort(p[~is_declined])
    if not len(lost) or not len(steady):
        return float("nan")
    below = sum(np.searchsorted(steady, lost, side).sum() for side in ("left", "right"))
    return float(below / (2 * len(lost) * len(steady)))


def pr_auc(declined: np.ndarray, p: np.ndarray) -> float:
    """Return average precision: mean precision over the decliners, by falling score."""
    positives = int(declined.sum())
    if not positives:
        return float("nan")
    taken, found = cumulative_hits(declined, p)
    precision = found / taken
    return float((precision * np.diff(found, prepend=0)).sum() / positives)


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
    rate = declined.mean()
    unskilled = rate * (1 - rate)
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
    hits = np.interp(wanted, np.concatenate([[0], taken]), np.concatenate([[0], found]))
    return hits / wanted / declined.mean()


def lift_ceiling(declined: np.ndarray, share: float) -> float:
    """Return the lift of a perfect ranking, min(1/π, 1/share)."""
    rate = declined.mean()
    return float(min(1 / rate, 1 / share)) if rate else float("nan")


def expected_profit(declined: np.ndarray, p: np.ndarray, economics: ContactEconomics) -> float:
    """Return RUB per customer if everybody above the cost threshold is contacted.

    A contacted decliner brings γ(V − d), a contacted steady customer costs ρd, and each contact
    costs f; nobody contacted is worth nothing.
    """
    contacted = p > economics.threshold
    wasted = economics.redemption * economics.incentive
    value = np.where(declined, economics.gain, -wasted) - economics.contact_cost
    return float(np.mean(np.where(contacted, value, 0.0)))


def fold_figures(economics: ContactEconomics) -> dict[str, Metric]:
    """Return the figures by which candidates are compared, by name."""
    return {
        "roc_auc": roc_auc,
        "pr_auc": pr_auc,
        "brier": brier,
        "brier_skill": brier_skill,
        "log_loss": log_loss,
        "lift_at_capacity": lambda declined, p: lift(declined, p, economics.capacity),
        "expected_profit": lambda declined, p: expected_profit(declined, p, economics),
    }
