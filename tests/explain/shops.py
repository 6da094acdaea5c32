"""Customers to explain: the shop's own, cleaned in a few lines, and a tiny made-up shop."""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

BEHAVIOUR = [
    "customer_id",
    "declined",
    "service_tier",
    "allows_contact",
    "marketing_contacts_6m",
    "marketing_contacts_current",
    "days_since_registration",
    "promo_share",
    "favourite_category",
    "categories_per_visit",
    "unpaid_items_quarter",
    "service_errors",
    "pages_per_visit",
]


def read_reference(folder: Path) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the 15 features and the label of the 1 296 customers that cleaning keeps."""
    behaviour = pd.read_csv(folder / "market_file.csv", header=0, names=BEHAVIOUR)
    behaviour = behaviour.set_index("customer_id")
    months = {}
    for file, name, count in (
        ("market_money.csv", "revenue", 3),
        ("market_time.csv", "minutes", 2),
    ):
        table = pd.read_csv(folder / file, header=0, names=["id", "month", "amount"])
        table = table.pivot_table(index="id", columns="month", values="amount")
        past = ["two_months_ago", "previous"][3 - count :]
        order = sorted(table.columns, key=_ago, reverse=True)
        for one, column in zip([*past, "current"], order, strict=True):
            months[f"{name}_{one}"] = table[column]
    customers = behaviour.join(pd.DataFrame(months))
    customers = customers[
        (customers["revenue_two_months_ago"] > 0) & (customers["revenue_current"] < 100_000)
    ]
    customers["service_tier"] = customers["service_tier"].str.replace("тт", "т")
    declined = customers.pop("declined").eq("Снизилась").to_numpy()
    return customers.drop(columns="allows_contact").reset_index(drop=True).astype(
        {"promo_share": float}
    ), declined


def _ago(month: str) -> int:
    return 2 if month.startswith("препре") else int(month.startswith("пре"))


def make_shop(customers: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Return five features, three numbers and two categories, and a noisy label."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "pages": random.integers(1, 8, customers).astype(float),
            "tier": random.choice(["plain", "premium"], customers),
            "revenue": random.normal(5000, 800, customers),
            "category": random.choice(["toys", "linen", "kitchen"], customers),
            "minutes": random.normal(13, 3, customers),
        }
    )
    risk = 4 - frame["pages"] + (frame["category"] == "toys") + random.normal(0, 1, customers)
    return frame, (risk > risk.median()).to_numpy()


def make_pipeline_of(frame: pd.DataFrame, estimator: object) -> Pipeline:
    """Return the pipeline of the project in small: median, scale, one-hot."""
    numbers = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name])]
    texts = [name for name in frame if name not in numbers]
    fill = SimpleImputer(strategy="median", keep_empty_features=True)
    parts = [
        ("numeric", make_pipeline(fill, StandardScaler()), numbers),
        ("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False), texts),
    ]
    columns = ColumnTransformer([part for part in parts if part[2]])
    return Pipeline([("columns", columns), ("model", estimator)])
