import ibis
import pandas as pd
import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.parameters import ReadoutParameters, SegmentParameters
from oneclick.errors import OneclickError
from oneclick.pipelines.readout.pipeline import create_pipeline
from tests.campaign.shipped import read_catalogue
from tests.campaign.test_readout import offers_of, register_and_outcomes


@pytest.fixture
def catalog(project) -> DataCatalog:
    """A register of 3 000 randomised customers and what they did 30 days later, γ = 0.3."""
    register, outcomes = register_and_outcomes(3000, 0.3)
    customers = register[["customer_id"]].assign(days_since_registration=400.0)
    customers.loc[::9, "days_since_registration"] = None
    outcomes["days_since_registration"] = customers["days_since_registration"] + 30
    outcomes.loc[:9, "days_since_registration"] = 5  # registered anew
    folder, connection = project / "conf/base", ibis.duckdb.connect()
    segmentation = yaml.safe_load((folder / "segmentation/parameters.yml").read_text("utf-8"))
    readout = yaml.safe_load((folder / "readout/parameters.yml").read_text("utf-8"))["readout"]
    data = {
        "customers": connection.create_table("customers", customers),
        "campaign_register": connection.create_table("campaign_register", register),
        "outcome_customers": connection.create_table("outcome_customers", outcomes),
        "params:profit_value": ValueParameters(**segmentation["profit_value"]),
        "params:readout": ReadoutParameters(**readout),
        "params:segmentation": SegmentParameters(**segmentation["segmentation"]),
        "campaign_offer_catalogue": offers_of(
            read_catalogue(folder / "segmentation/parameters_offers.yml")
        ),
        "campaign_summary": {"control_share": 0.2, "salt": "2026Q4"},
        "params:snapshot": "2026-10",
        "params:campaign.language": "en",
    }
    entries = {name: MemoryDataset(value, copy_mode="assign") for name, value in data.items()}
    entries["matched_outcomes"] = MemoryDataset(copy_mode="assign")
    return DataCatalog(datasets=entries)


def test_the_readout_pipeline_measures_the_campaign(catalog) -> None:
    found = SequentialRunner().run(create_pipeline(), catalog)
    summary = found["readout_summary"].load()
    effects = found["readout_effects"].load()
    assert summary["randomised"] == summary["with_outcome"] == 3000
    assert "reduced the share of declines by " in summary["headline"]
    assert set(effects["scope"]) == {"all", "segment", "offer", "risk_group"}
    assert isinstance(found["readout_save_rates"].load(), pd.DataFrame)
    assert summary["save_rates_for_catalogue"]


def test_the_last_month_of_a_quarter_gives_no_save_rates(catalog) -> None:
    catalog["params:snapshot"] = MemoryDataset("2026-12")
    summary = SequentialRunner().run(create_pipeline(), catalog)["readout_summary"].load()
    assert summary["save_rates_for_catalogue"] == {}
    assert "This quarter's letters" in summary["headline"]


def run_days_later(catalog, days: float | None) -> dict:
    outcomes = catalog["outcome_customers"].load()
    shift = ibis.null("float64") if days is None else days - 30
    shifted = outcomes.mutate(days_since_registration=outcomes.days_since_registration + shift)
    catalog["outcome_customers"] = MemoryDataset(shifted, copy_mode="assign")
    found = SequentialRunner().run(create_pipeline(), catalog)
    return {name: dataset.load() for name, dataset in found.items()}


@pytest.mark.parametrize(
    ("days", "said"), [(0, "on the same day as those"), (-61, "61 days before those")]
)
def test_tables_that_are_not_later_than_the_campaign_are_refused(catalog, days, said) -> None:
    with pytest.raises(OneclickError, match=rf"{said}.*snapshot=2026-10,outcome_raw=FOLDER"):
        run_days_later(catalog, days)


@pytest.mark.parametrize(("days", "lags"), [(30, True), (84, True), (91, False)])
def test_profit_is_said_to_lag_until_three_months_have_passed(catalog, days, lags) -> None:
    found = run_days_later(catalog, days)
    effects, summary = found["readout_effects"], found["readout_summary"]
    assert summary["days_later"] == days
    assert any("mean over three months" in note for note in summary["notes"]) == lags
    noted = effects[effects["enough"]].set_index("outcome")["note"].str.contains("three months")
    assert noted["profit"].all() == lags
    assert not noted["revenue"].any()


def test_without_days_since_registration_the_distance_is_unknown(catalog) -> None:
    found = run_days_later(catalog, None)
    assert found["readout_summary"]["days_later"] is None
    assert any("mean over three months" in note for note in found["readout_summary"]["notes"])


def test_the_summary_holds_the_effect_that_its_headline_tells(catalog) -> None:
    summary = run_days_later(catalog, 30)["readout_summary"]
    effect = summary["effect"]
    assert effect["low"] < effect["value"] < effect["high"] < 0
    assert f"by {-100 * effect['value']:.1f} percentage points" in summary["headline"]
    assert summary["alarms"] == []
