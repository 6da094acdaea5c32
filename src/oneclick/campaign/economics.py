"""What an offer is worth. Every formula takes numbers, arrays or Ibis columns alike.

Symbols as in ``docs/adr/0004-offers-and-budget.md``: p probability of decline, γ share of the
declines that the offer prevents, V profit at stake, d incentive, ρ share of those who would have
stayed anyway and take the incentive, f cost of the contact. Money is RUB.
"""

from typing import Any

from pydantic import Field

from oneclick.parameters import Parameters, Wording


class ValueParameters(Parameters):
    """What the profit column means and how much of it a decline puts at stake."""

    profit_unit: Wording
    """The unit of ``monthly_profit``, in words; printed beside every figure in RUB."""
    profit_unit_rub: float = Field(gt=0)
    """RUB in one unit of ``monthly_profit``."""
    horizon_months: float = Field(gt=0)
    share_lost: float = Field(gt=0, le=1)
    """Share of a customer's profit that a decline costs; an assumption."""


def profit_at_stake(monthly_profit: Any, value: ValueParameters) -> Any:
    """Return V in RUB: the profit that a decline would cost over the horizon."""
    return monthly_profit * (value.profit_unit_rub * value.horizon_months * value.share_lost)


def expected_profit(p: Any, *, gamma: Any, stake: Any, d: Any, rho: Any, f: Any) -> Any:
    """Return EP = p·γ·(V−d) − (1−p)·ρ·d − f in RUB (after Verbraken et al. 2013, eq. 5)."""
    return p * gamma * (stake - d) - (1 - p) * (rho * d) - f


def break_even_probability(*, gamma: float, stake: float, d: float, rho: float, f: float) -> float:
    """Return p*, above which the offer pays: (f+ρd)/(γ(V−d)+ρd); infinity if it never does."""
    gain = gamma * (stake - d) + rho * d
    return (f + rho * d) / gain if gain > 0 else float("inf")


def expected_cost(p: Any, *, gamma: Any, d: Any, rho: Any, f: Any) -> Any:
    """Return the money that the offer is expected to cost, RUB: f + d·(p·γ + (1−p)·ρ)."""
    return f + d * (p * gamma + (1 - p) * rho)
