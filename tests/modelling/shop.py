"""A tiny made-up shop whose decline follows a curved boundary, and settings to match."""

from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from oneclick.modelling.evaluation import Task
from oneclick.modelling.features import as_model_frame, clone_groups
from oneclick.modelling.parameters import (
    Candidates,
    Choice,
    ContactEconomics,
    Effort,
    Explaining,
    Features,
    Judging,
    Training,
)

PARAMETERS = Path(__file__).parents[2] / "conf/base/data_science/parameters.yml"
CATEGORIES = ("Товары для детей", "Домашний текстиль", "Кухонная посуда")
QUICK = Effort(folds=3, repeats=2, inner_folds=3, search_size=2, bootstrap=100, background=100)
ECONOMICS = ContactEconomics(
    value_at_stake=200,
    save_rate=0.3,
    incentive=10,
    redemption=1,
    contact_cost=1,
    capacity=0.2,
)


def configured() -> dict:
    """The shipped parameters, with what kedro would fill in."""
    text = PARAMETERS.read_text(encoding="utf-8")
    text = text.replace("${runtime_params:effort, standard}", "standard")
    text = text.replace("${seed}", "2026").replace("${globals:processes}", "2")
    return yaml.safe_load(text)


def models() -> dict:
    """The typed groups of the shipped parameters."""
    values = configured()
    kinds = {
        "training": Training,
        "features": Features,
        "candidates": Candidates,
        "choice": Choice,
        "contact_economics": ContactEconomics,
        "judging": Judging,
        "explaining": Explaining,
    }
    return {name: kind.model_validate(values[name]) for name, kind in kinds.items()}


FEATURES = models()["features"]


def make_customers(size: int = 240, seed: int = 0, declined_share: float = 0.4) -> pd.DataFrame:
    """Customers of whom those with few pages and few minutes, or much promo, decline."""
    random = np.random.default_rng(seed)
    values = {name: random.normal(10, 3, size) for name in FEATURES.numeric}
    customers = pd.DataFrame(
        {
            "customer_id": 1000 + np.arange(size),
            **values,
            "service_tier": random.choice(["премиум", "стандарт"], size),
            "favourite_category": random.choice(CATEGORIES, size),
            "allows_contact": random.random(size) < 0.7,
            "monthly_profit": random.normal(4, 1, size),
        }
    )
    pages, minutes = (customers[name] - 10 for name in ("pages_per_visit", "minutes_current"))
    risk = -pages - minutes - 0.15 * pages * minutes + random.normal(0, 3, size)
    customers["declined"] = risk > np.quantile(risk, 1 - declined_share)
    return customers


def make_task(
    customers: pd.DataFrame, candidates: Candidates, effort: Effort = QUICK, seed: int = 7
) -> Task:
    """The task of evaluating candidates on the labelled customers."""
    frame = as_model_frame(customers, FEATURES)
    return Task(
        frame=frame,
        declined=customers["declined"].to_numpy(bool),
        groups=clone_groups(frame),
        candidates=candidates,
        features=FEATURES,
        effort=effort,
        seed=seed,
    )


def choose(*names: str) -> Candidates:
    """Some of the shipped candidates, with smaller forests."""
    every = models()["candidates"]
    chosen = {name: every[name] for name in names}
    if "extra_trees" in chosen:
        small = {"parameters": {"n_estimators": 10}}
        chosen["extra_trees"] = chosen["extra_trees"].model_copy(update=small)
    return Candidates(chosen)
