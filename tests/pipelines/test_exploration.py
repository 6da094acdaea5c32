from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest
from kedro.pipeline import Pipeline

from oneclick.exploration.parameters import ExplorationParameters
from oneclick.parameters import Wording
from oneclick.pipelines.exploration.pipeline import create_pipeline
from oneclick.report.parameters import ReportParameters
from oneclick.texts import Language

NUMERIC = (
    "marketing_contacts_6m", "marketing_contacts_current", "days_since_registration",
    "promo_share", "categories_per_visit", "unpaid_items_quarter", "service_errors",
    "pages_per_visit", "revenue_two_months_ago", "revenue_previous", "revenue_current",
    "minutes_previous", "minutes_current", "monthly_profit",
)  # fmt: skip


def fabricated_customers(size: int = 160) -> pd.DataFrame:
    draw = np.random.default_rng(5)
    declined = np.arange(size) % 5 < 2
    table = pd.DataFrame({"customer_id": np.arange(900_000, 900_000 + size), "declined": declined})
    for name in NUMERIC:
        table[name] = draw.normal(10, 2, size).round(1)
    table["pages_per_visit"] -= 4 * declined
    table["service_tier"] = np.where(draw.random(size) < 0.3, "премиум", "стандарт")
    table["allows_contact"] = draw.random(size) < 0.7
    table["favourite_category"] = draw.choice(["Товары для детей", "Кухонная посуда"], size)
    return table


def explore(customers: pd.DataFrame, language: Language = "ru") -> dict[str, Any]:
    parameters = ExplorationParameters(
        max_rows=100_000, bins=20, max_levels=12, drawn_pairs=4, fence_factor=3,
    )  # fmt: skip
    given = {
        "customers": ibis.memtable(customers),
        "params:exploration": parameters,
        "params:profit_value.profit_unit_rub": 1000,
        "params:report": report_in(language),
    }
    return run_in_memory(create_pipeline(), given)


def report_in(language: Language, snapshot: str = "2026-10") -> ReportParameters:
    unit = Wording(ru="тыс. ₽", en="thousand ₽")
    return ReportParameters(language=language, snapshot=snapshot, processes=1, profit_unit=unit)


def run_in_memory(pipeline: Pipeline, data: dict[str, Any]) -> dict[str, Any]:
    """Return all that a pipeline makes; charts as the catalog would load them."""
    for node in pipeline.nodes:
        data = data | node.run({name: data[name] for name in node.inputs})
    return data


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return explore(fabricated_customers())


def test_every_indicator_is_looked_at(made: dict[str, Any]) -> None:
    assert set(made["histograms"]["feature"]) == set(NUMERIC)
    assert set(made["level_mix"]["feature"]) == {
        "service_tier", "allows_contact", "favourite_category",
    }  # fmt: skip
    assert made["dependencies"].iloc[0]["second"] == "pages_per_visit"


def test_no_table_holds_a_customer(made: dict[str, Any]) -> None:
    tables = {name: table for name, table in made.items() if isinstance(table, pd.DataFrame)}

    assert all("customer_id" not in table for table in tables.values())
    assert all(len(table) < 3_000 for table in tables.values())


def test_customers_whose_class_is_not_known_can_be_explored() -> None:
    customers = fabricated_customers(120)
    customers["declined"] = pd.array([None] * 120, dtype="boolean")

    made = explore(customers)

    assert set(made["histograms"]["group"]) == {"unlabelled"}
    assert "declined" not in set(made["dependencies"]["first"])
