"""Tables as the pipelines before the report make them, small and with known figures."""

from typing import Any

import numpy as np
import pandas as pd

CANDIDATES = ("svc_rbf", "knn", "logistic", "decision_tree")
FEATURES = ("pages_per_visit", "minutes_previous", "promo_share", "favourite_category")
SEGMENTS = (
    ("high_risk_low_profit", "Высокий риск, небольшая прибыль"),
    ("high_risk_valuable", "Высокий риск, ценные клиенты"),
    ("low_risk_low_profit", "Низкий риск, небольшая прибыль"),
    ("low_risk_valuable", "Низкий риск, ценные клиенты"),
)
OFFERS = (("basket_reminder", "Напоминание о корзине"), ("loyalty_bonus", "Бонусы за покупку"))


def data_quality() -> dict[str, Any]:
    tables = [("behaviour", 1300, 1296, 0, 0, 4), ("revenue", 3900, 3888, 0, 1, 11)]
    names = ("table", "read", "kept", "duplicate", "faulty", "set_aside")
    return {
        "tables": [dict(zip(names, row, strict=True)) for row in tables],
        "repaired": [
            {"table": "behaviour", "column": "service_tier", "from": "стандартт",
             "to": "стандарт", "rows": 10},
        ],
        "rejected": [
            {"table": "revenue", "column": "revenue_current", "reason": "implausible_revenue",
             "rows": 1, "customers": 1, "example": "106862.2"},
            {"table": "revenue", "column": "revenue_previous",
             "reason": "not_active_in_all_months", "rows": 3, "customers": 3, "example": "0"},
        ],
        "customers": {"in": 1300, "kept": 1296, "rejected": 4, "declined": 494, "unlabelled": 0},
        "profit_exceeds_revenue": 242,
    }  # fmt: skip


def model_comparison() -> pd.DataFrame:
    rows = []
    for rank, candidate in enumerate(CANDIDATES):
        auc = 0.912 - 0.008 * rank
        for metric, value in (("roc_auc", auc), ("brier", 0.088 + 0.004 * rank)):
            rows.append(
                {
                    "candidate": candidate, "metric": metric, "mean": value, "std_error": 0.004,
                    "ci_low": value - 0.01, "ci_high": value + 0.01,
                    "difference": value - 0.912 if metric == "roc_auc" else 0.004 * rank,
                    "p_value": None if rank == 0 else 0.3 / rank,
                    "champion": rank == 0, "explainable": "exact", "complexity": rank,
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def roc_curve() -> pd.DataFrame:
    x = np.linspace(0, 1, 60)
    parts = [
        pd.DataFrame(
            {"candidate": name, "champion": rank == 0, "false_positive_rate": x,
             "true_positive_rate": x ** (0.1 + 0.05 * rank), "threshold": [None, *(1 - x[1:])]}
        )
        for rank, name in enumerate(CANDIDATES)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def precision_recall_curve() -> pd.DataFrame:
    x = np.linspace(0, 1, 60)
    parts = [
        pd.DataFrame(
            {"candidate": name, "champion": rank == 0, "recall": x,
             "precision": 0.38 + 0.6 * (1 - x ** (6 - rank)), "threshold": 1 - x}
        )
        for rank, name in enumerate(CANDIDATES)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def calibration() -> pd.DataFrame:
    predicted = np.array([0.04, 0.08, 0.12, 0.18, 0.25, 0.35, 0.5, 0.75, 0.9, 0.96])
    noise = np.array([0.01, -0.02, 0.01, 0.02, -0.03, 0.03, -0.02, 0.02, -0.01, 0.01])
    half = 1.96 * np.sqrt(predicted * (1 - predicted) / 130)
    return pd.DataFrame(
        {"bin": range(10), "customers": 130, "mean_predicted": predicted,
         "observed_share": predicted + noise, "chance_low": (predicted - half).clip(0),
         "chance_high": (predicted + half).clip(max=1)}
    )  # fmt: skip


def score_distribution() -> pd.DataFrame:
    low = np.linspace(0, 0.95, 20)
    shape = np.exp(-4 * low) * 200
    parts = [
        pd.DataFrame({"declined": declined, "p_low": low, "p_high": low + 0.05,
                      "customers": counts.round().astype(int)})
        for declined, counts in ((False, shape), (True, shape[::-1] * 0.6))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def lift_table() -> pd.DataFrame:
    share = np.linspace(0.05, 1, 20)
    ceiling = np.minimum(1 / 0.381, 1 / share)
    lift = np.minimum(ceiling * 0.97, 1 + (ceiling - 1) * 0.93)
    return pd.DataFrame(
        {"share": share, "lift": lift,
         "lift_ceiling": ceiling, "low": lift * 0.96, "high": np.minimum(lift * 1.03, ceiling)}
    )  # fmt: skip


def learning_curve() -> pd.DataFrame:
    mean = np.array([0.88, 0.9, 0.907, 0.91, 0.912])
    return pd.DataFrame(
        {"customers": [80, 160, 320, 640, 1036], "mean": mean, "ci_low": mean - 0.012,
         "ci_high": mean + 0.012}
    )  # fmt: skip


def group_metrics() -> pd.DataFrame:
    rows = [
        ("service_tier", "премиум", 374, 0.905),
        ("service_tier", "стандарт", 922, 0.915),
        ("tenure", "0–180", 60, np.nan), ("tenure", "181–365", 200, 0.92),
        ("favourite_category", "Товары для детей", 329, 0.9),
        ("favourite_category", "Домашний текстиль", 250, 0.91),
    ]  # fmt: skip
    return pd.DataFrame(
        [
            {"grouping": grouping, "group": group, "customers": n, "declined": int(n * 0.38),
             "roc_auc": auc, "ci_low": auc - 0.03, "ci_high": auc + 0.03, "mean_predicted": 0.38,
             "observed_share": 0.38}
            for grouping, group, n, auc in rows
        ]
    )  # fmt: skip


def champion_choice() -> dict[str, Any]:
    return {
        "champion": "svc_rbf",
        "metric": "roc_auc", "mean": 0.912, "ci_low": 0.902, "ci_high": 0.922,
        "verdict": {"ru": "Выбран метод опорных векторов.", "en": "The SVC was chosen."},
        "leak_alarm": False, "leak_limit": 0.927, "leak_message": None,
        "no_signal": False, "no_signal_message": None,
        "without_current_month": {"roc_auc": 0.905, "ci_low": 0.895, "ci_high": 0.915,
                                  "difference": -0.007, "left_out": ["revenue_current"]},
        "effort": {"name": "quick", "folds": 5, "repeats": 2, "inner_folds": 3, "search_size": 12},
        "customers": 1296, "declined": 494, "labelled": 1296,
    }  # fmt: skip


def model_info() -> dict[str, Any]:
    return {"champion": "logistic", "snapshot": "2026-10", "customers": 1296, "declined": 494,
            "settings": {"C": 0.1},
            "features": {"numeric": ["pages_per_visit"],
                         "categorical": ["service_tier"]}}  # fmt: skip


def explanation_info() -> dict[str, Any]:
    return {"method": "exact interventional, full background", "far_from_published": 0.2}


def evaluation() -> dict[str, Any]:
    def figure(value: float, half: float = 0.01) -> dict[str, float]:
        return {"value": value, "low": value - half, "high": value + half}

    return {
        "champion": "svc_rbf", "customers": 1296, "declined": 494, "prevalence": 0.381,
        "metrics": {
            "roc_auc": figure(0.912), "pr_auc": figure(0.9), "brier": figure(0.088),
            "brier_skill": figure(0.62), "log_loss": figure(0.3), "accuracy": figure(0.89),
        },
        "threshold": {"value": 0.164, "save_rate": 0.293, "value_at_stake": 3600.0,
                      "incentive": 120.0, "redemption": 0.4, "contact_cost": 3.0},
        "at_threshold": {"precision": figure(0.72), "recall": figure(0.9),
                         "accuracy": figure(0.83), "contacted_share": figure(0.48),
                         "expected_profit": figure(210.0, 20)},
        "confusion": {
            cell: {"value": float(count), "low": count - 20.0, "high": count + 20.0}
            for cell, count in {
                "true_positive": 445, "false_positive": 173,
                "false_negative": 49, "true_negative": 629,
            }.items()
        },
        "lift": {"share": 0.2, "value": 2.6, "low": 2.5, "high": 2.62, "ceiling": 2.623},
        "calibration": {"ece": 0.019, "chance_p95": 0.03, "bins": 10,
                        "bias_shows": False},
    }  # fmt: skip


def feature_importance() -> pd.DataFrame:
    return pd.DataFrame({"feature": FEATURES, "mean_absolute": [0.9, 0.6, 0.4, 0.2]})


def permutation_importance() -> pd.DataFrame:
    mean = np.array([0.09, 0.05, 0.02, 0.004])
    return pd.DataFrame(
        {"feature": FEATURES, "mean": mean, "ci_low": mean - 0.004, "ci_high": mean + 0.004}
    )


def explanation_points() -> pd.DataFrame:
    draw = np.random.default_rng(7)
    rows = []
    for point in range(60):
        for weight, feature in zip((0.9, 0.6, 0.4), FEATURES, strict=False):
            value = float(draw.normal(8, 3))
            rows.append((point, feature, value, None, weight * (8 - value) / 3))
        rows.append((point, FEATURES[3], None, "Товары для детей", float(draw.normal(0.1, 0.1))))
    return pd.DataFrame(rows, columns=["point", "feature", "value", "level", "contribution"])


def worked_examples() -> pd.DataFrame:
    kinds = (
        ("early_warning", 0.71, False),
        ("already_declined", 0.93, True),
        ("safe", 0.04, False),
    )
    rows = []
    for example, p, declined in kinds:
        sign = -1 if example == "safe" else 1
        for feature, contribution in zip(FEATURES, (1.2, 0.6, 0.3, -0.1), strict=True):
            text = feature == "favourite_category"
            rows.append(
                {"example": example, "p_decline": p, "declined": declined, "monthly_profit": 5.2,
                 "base": -0.4, "feature": feature,
                 "value": None if text else 0.4 if feature == "promo_share" else 4.0,
                 "level": "Товары для детей" if text else None, "contribution": sign * contribution,
                 "typical": None if text else 0.24 if feature == "promo_share" else 8.0}
            )  # fmt: skip
    return pd.DataFrame(rows)


def segment_summary() -> pd.DataFrame:
    sizes, risks = (380, 74, 700, 142), (0.88, 0.86, 0.1, 0.1)
    return pd.DataFrame(
        [
            {"position": position, "segment": key, "segment_name": name,
             "risk_band": "high" if p > 0.5 else "low",
             "profit_band": "high" if position % 2 else "low",
             "customers": n, "share": n / 1296, "mean_p_decline": p, "declined": int(n * p),
             "already_declined": int(n * p), "early_warning": int(n * 0.1),
             "consented": int(n * 0.74), "mean_profit": 3600.0 + 1800 * (position % 2),
             "profit_at_stake": n * p * 3500.0}
            for position, ((key, name), n, p) in enumerate(zip(SEGMENTS, sizes, risks, strict=True))
        ]
    )  # fmt: skip


def segment_thresholds() -> dict[str, Any]:
    return {"p_medium": 0.16, "p_high": 0.62, "offers_pay": True, "profit_threshold_rub": 5000.0,
            "labelled": True}  # fmt: skip


def segment_profiles() -> pd.DataFrame:
    rows = []
    for position, (key, name) in enumerate(SEGMENTS):
        sign = -1 if position < 2 else 1
        for feature, level, effect in (
            ("pages_per_visit", None, 1.2), ("minutes_previous", None, 0.9),
            ("unpaid_items_quarter", None, -0.7), ("promo_share", None, -0.5),
            ("favourite_category", "Товары для детей", -0.08),
            ("favourite_category", "Мелкая бытовая техника и электроника", 0.12),
        ):  # fmt: skip
            rows.append(
                {"position": position, "segment": key, "segment_name": name, "feature": feature,
                 "level": level, "kind": "level" if level else "numeric", "n_segment": 300,
                 "n_rest": 996, "value_segment": 0.3 if level or feature == "promo_share" else 5.0,
                 "value_rest": 0.2 if level or feature == "promo_share" else 8.0,
                 "effect": sign * effect, "effect_low": sign * effect - 0.05,
                 "effect_high": sign * effect + 0.05, "distinct": True}
            )  # fmt: skip
    return pd.DataFrame(rows)


def segment_measures() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"position": position, "segment": key, "segment_name": name, "offer_id": offer,
             "offer_name": offer_name, "difference": 0.2, "difference_low": 0.1,
             "difference_high": 0.3, "recommended": rank == 1, "rank": rank if rank == 1 else None}
            for position, (key, name) in enumerate(SEGMENTS)
            for rank, (offer, offer_name) in enumerate(OFFERS, start=1)
        ]
    )  # fmt: skip


def campaign_capacities() -> pd.DataFrame:
    share = np.array([0.05, 0.1, 0.2, 0.3, 0.5])
    customers = (share * 1296).round().astype(int)
    profit = np.array([30e3, 58e3, 108e3, 140e3, 150e3])
    return pd.DataFrame(
        {"capacity_share": share, "customers": customers, "expected_declines": customers * 0.9,
         "declined_caught": (customers * 0.9).astype(int), "share_caught": share * 2.3,
         "expected_saves": customers * 0.25, "expected_cost": customers * 100.0,
         "worst_case_cost": customers * 250.0, "expected_profit_low": profit * 0.4,
         "expected_profit_median": profit, "expected_profit_high": profit * 1.7}
    )  # fmt: skip


def _campaign(keys: list[dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for position, key in enumerate(keys):
        n = 400 - 60 * position
        rows.append(
            {**key, "customers": n, "consented": int(n * 0.74), "contacted": int(n * 0.5),
             "control": int(n * 0.12), "mean_p_decline": 0.8 - 0.2 * position,
             "expected_declines": n * 0.4, "expected_cost": n * 60.0, "worst_case_cost": n * 150.0,
             "expected_profit_low": n * 50.0, "expected_profit_median": n * 140.0,
             "expected_profit_high": n * 260.0}
        )  # fmt: skip
    return pd.DataFrame(rows)


def campaign_segments() -> pd.DataFrame:
    return _campaign(
        [
            {"position": position, "segment": key, "segment_name": name}
            for position, (key, name) in enumerate(SEGMENTS)
        ]
    )


def campaign_groups() -> pd.DataFrame:
    groups = (
        ("already_declined", "Уже снизили активность"),
        ("early_warning", "Раннее предупреждение"),
        ("steady", "Стабильные"),
    )
    return _campaign([{"risk_group": key, "risk_group_name": name} for key, name in groups])


def campaign_cube() -> pd.DataFrame:
    """What the summary needs of it: why those of the early warning get no letter."""
    reasons = {None: 31, "no_consent": 18, "contact_limit": 11, "control_group": 1}
    return pd.DataFrame(
        [
            {"risk_group": "early_warning", "no_contact_reason": reason, "customers": n}
            for reason, n in reasons.items()
        ]
    )


def campaign_offers() -> pd.DataFrame:
    return _campaign([{"offer_id": key, "offer_name": name} for key, name in OFFERS])


def campaign_exclusions() -> pd.DataFrame:
    rows = (
        ("no_consent", "нет согласия", 337),
        ("contact_limit", "лимит контактов", 240),
        ("control_group", "контрольная группа", 95),
        ("not_worth_it", "не окупается", 244),
    )
    return pd.DataFrame(
        [
            {"reason": reason, "label": label, "customers": n, "share": n / 1296}
            for reason, label, n in rows
        ]
    )


def campaign_offer_catalogue() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"offer_id": key, "offer_name": name, "text": "Оплатите в один клик.",
             "contact_cost": 3.0, "incentive_cost": 60.0, "redemption": 0.3, "save_rate_low": 0.15,
             "save_rate_median": 0.25, "save_rate_high": 0.37, "valid_days": 7,
             "conditions": "неоплаченные товары: от 3", "break_even_p": 0.05}
            for key, name in OFFERS
        ]
    )  # fmt: skip


def campaign_summary() -> dict[str, Any]:
    return {
        "customers": 1296, "consented": 959, "contactable": 720, "worth_it": 475, "planned": 475,
        "contacted": 380, "treatment": 380, "control": 95, "labelled": True,
        "expected_cost": 38_000.0, "worst_case_cost": 95_000.0,
        "expected_profit": {"low": 60_000.0, "median": 148_000.0, "high": 255_000.0},
        "expected_saves": {"low": 48.0, "median": 79.0, "high": 118.0}, "budget": None,
        "budget_covers": "worst_case", "budget_used": 95_000.0, "shadow_price": 0.0,
        "shadow_price_text": "Бюджет не ограничивает кампанию.", "horizon_months": 3,
        "share_lost": 0.3, "profit_unit": "тыс. ₽", "profit_unit_rub": 1000.0,
        "control_share": 0.2, "salt": "2026Q4",
        "smallest_visible_effect": 0.14, "expected_effect": 0.2,
        "treated_for_expected_effect": 225, "controls_for_expected_effect": 57,
        "sample_text": "Эффект будет виден от 14 %.",
        "assumption_text": "Доли удержанных — предположения.",
        "pays_text": "Письма окупятся, если удержат хотя бы 3 клиентов.",
        "profit_unit_text": "Прибыль прочитана как тысячи рублей.", "starts_on": None,
    }  # fmt: skip
