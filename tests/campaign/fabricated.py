"""A small fabricated shop with its scores and reasons, for the tests of the campaign."""

import ibis
import numpy as np
import pandas as pd

CATEGORIES = ("Товары для детей", "Домашний текстиль", "Кухонная посуда")
RANGES = {
    "marketing_contacts_6m": (1, 7),
    "marketing_contacts_current": (3, 6),
    "days_since_registration": (120, 1080),
    "promo_share": (0.1, 1),
    "categories_per_visit": (1, 7),
    "unpaid_items_quarter": (0, 10),
    "service_errors": (0, 10),
    "pages_per_visit": (1, 20),
    "revenue_two_months_ago": (4000, 5700),
    "revenue_previous": (2900, 6900),
    "revenue_current": (2800, 7800),
    "minutes_previous": (5, 24),
    "minutes_current": (4, 24),
}


def fabricate(n: int, seed: int) -> dict[str, pd.DataFrame]:
    """Return customers, scores and reasons of n customers; probabilities are the true ones."""
    rng = np.random.default_rng(seed)
    numbers = {name: rng.uniform(*ends, n).round(1) for name, ends in RANGES.items()}
    numbers["marketing_contacts_current"] = rng.integers(3, 6, n).astype(float)
    p = np.where(rng.random(n) < 0.4, rng.beta(8, 2, n), rng.beta(1, 8, n))
    ids = 215_000 + np.arange(n)
    customers = pd.DataFrame(
        {
            "customer_id": ids,
            "declined": rng.random(n) < p,
            "service_tier": rng.choice(["премиум", "стандарт"], n, p=[0.3, 0.7]),
            "allows_contact": rng.random(n) < 0.74,
            **numbers,
            "favourite_category": rng.choice(CATEGORIES, n),
            "monthly_profit": rng.normal(4, 1, n).clip(0.5).round(2),
        }
    )
    scores = pd.DataFrame({"customer_id": ids, "p_decline": p, "score_source": "out_of_fold"})
    reasons = {"customer_id": ids}
    picks = np.array([rng.permutation(list(RANGES))[:3] for _ in range(n)]).reshape(n, 3)
    for slot in (1, 2, 3):
        reasons[f"reason_{slot}"] = picks[:, slot - 1]
        reasons[f"contribution_{slot}"] = np.full(n, 1.0 / slot)
    return {
        "customers": customers,
        "decline_scores": scores,
        "decline_reasons": pd.DataFrame(reasons),
    }


def tables(
    frames: dict[str, pd.DataFrame], connection: ibis.BaseBackend
) -> dict[str, ibis.expr.types.Table]:
    """Put the frames into an engine."""
    return {
        name: connection.create_table(name, frame, overwrite=True) for name, frame in frames.items()
    }
