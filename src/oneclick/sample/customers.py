"""Draws customers: a group, correlated indicators that fit its look, then the export's flaws."""

from collections.abc import Iterable
from statistics import NormalDist

import numpy as np

from oneclick.sample.profile import Profile

# Numbers are held as whole multiples of their last digit, so that nothing is rounded twice.
DECIMALS = {
    "marketing_contacts_6m": 1,
    "promo_share": 2,
    "revenue_two_months_ago": 1,
    "revenue_previous": 1,
    "revenue_current": 1,
    "monthly_profit": 2,
}

Customers = dict[str, np.ndarray]
"""One array per indicator; labels by their position, numbers in units of their last digit."""


def draw_customers(profile: Profile, start: int, stop: int, rng: np.random.Generator) -> Customers:
    """Draw the customers from number ``start`` up to ``stop`` of a shop, flaws included."""
    customers = _draw_flawless(profile, start, stop, rng)
    _add_flaws(customers, profile, start, stop, rng)
    return customers


def _draw_flawless(profile: Profile, start: int, stop: int, rng: np.random.Generator) -> Customers:
    size = stop - start
    groups = list(profile.groups.values())
    names = list(profile.looks["steady"].indicators)
    # Shares are kept to the customer: chance in them would move a small shop's ROC-AUC by 0.01.
    bounds = np.cumsum([group.share for group in groups])[:, None] * (start, stop)
    counts = np.diff(np.rint(bounds).astype(int), axis=1).ravel()
    group = rng.permutation(np.repeat(np.arange(len(groups)), np.diff(counts, prepend=0)))
    normals = rng.standard_normal((size, len(names)))
    drawn = {name: np.empty(size, dtype=np.int64) for name in names}
    for number, member in enumerate(groups):
        rows = np.flatnonzero(group == number)
        other = "fading" if member.look == "steady" else "steady"
        scores = normals[rows] @ profile.looks[member.look].mixing().T
        for column, name in enumerate(names):
            look = other if name in member.exceptions else member.look
            drawn[name][rows] = _value_at_score(profile, look, name, scores[:, column])
    for name, share in profile.whole_rubles.items():
        whole = rng.random(size) < share
        drawn[name][whole] = drawn[name][whole] // 10 * 10
    declined = np.array([group.declined for group in groups])[group]
    profit = np.interp(rng.random(size), profile.quantile_shares, profile.monthly_profit)
    return drawn | {
        "declined": declined.astype(np.int64),
        "allows_contact": (rng.random(size) < profile.allows_contact).astype(np.int64),
        "monthly_profit": _in_last_digits("monthly_profit", profit),
    }


def _value_at_score(profile: Profile, look: str, name: str, scores: np.ndarray) -> np.ndarray:
    """Return the values that lie as high in their distribution as the scores in the normal one."""
    table = profile.looks[look].indicators[name]
    if name in profile.labels:
        values, shares = np.arange(len(table)), list(table)
    elif isinstance(table, dict):
        values, shares = _in_last_digits(name, np.array(list(table))), list(table.values())
    else:
        knots = _normal_quantiles(profile.quantile_shares)
        return _in_last_digits(name, np.interp(scores, knots, table))
    bounds = _normal_quantiles(np.cumsum(shares)[:-1] / np.sum(shares))
    return values[np.searchsorted(bounds, scores)]


def _normal_quantiles(shares: Iterable[float]) -> list[float]:
    # The least and greatest value stand for the outermost of some thousand customers.
    return [NormalDist().inv_cdf(min(max(share, 0.0005), 0.9995)) for share in shares]


def _in_last_digits(name: str, values: np.ndarray) -> np.ndarray:
    return np.rint(values * 10 ** DECIMALS.get(name, 0)).astype(np.int64)


def _add_flaws(
    customers: Customers, profile: Profile, start: int, stop: int, rng: np.random.Generator
) -> None:
    quirks = profile.quirks

    def due(per_shop: int) -> int:
        """Flaws among these customers: rounded up over the whole shop, so each occurs."""
        before, after = (-(-at * per_shop // profile.per_customers) for at in (start, stop))
        return after - before

    counts = [due(quirks.inactive), due(quirks.revenue_outliers)] + [due(quirks.cloned)] * 2
    declined = rng.permutation(np.flatnonzero(customers["declined"]))
    flawed = declined[: sum(counts)]
    inactive, outlier, original, clone = np.split(flawed, np.cumsum(counts)[:-1])
    for name in ("revenue_two_months_ago", "revenue_previous", "promo_share"):
        customers[name][inactive] = 0
    customers["revenue_current"][outlier] *= profile.revenue_outlier_factor
    for name, values in customers.items():
        if name != "monthly_profit":
            values[clone] = values[original]

    standard = np.setdiff1d(np.flatnonzero(customers["service_tier"] == 0), flawed)
    misspelt = rng.choice(standard, due(quirks.misspelt_tiers), replace=False)
    customers["service_tier"][misspelt] = len(profile.labels["service_tier"])
