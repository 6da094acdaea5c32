import ibis
import pandas as pd
import pytest
import yaml
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.offers import check_catalogue
from oneclick.campaign.parameters import ReadoutParameters, SegmentParameters
from oneclick.pipelines.readout.pipeline import create_pipeline
from tests.campaign.test_readout import offers_of, register_and_outcomes


@pytest.fixture
def catalog(project) -> DataCatalog:
    """A register of 3 000 randomised customers and what they did next, γ = 0.3."""
    register, outcomes = register_and_outcomes(3000, 0.3)
    folder, connection = project / "conf/base", ibis.duckdb.connect()
    segmentation = yaml.safe_load((folder / "segmentation/parameters.yml").read_text("utf-8"))
    readout = yaml.safe_load((folder / "readout/parameters.yml").read_text("utf-8"))["readout"]
    data = {
        "campaign_register": connection.create_table("campaign_register", register),
        "outcome_customers": connection.create_table("outcome_customers", outcomes),
        "params:profit_value": ValueParameters(**segmentation["profit_value"]),
        "params:readout": ReadoutParameters(**readout),
        "params:segmentation": SegmentParameters(**segmentation["segmentation"]),
        "campaign_offer_catalogue": offers_of(
            check_catalogue(folder / "segmentation/parameters_offers.yml")
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


def test_tables_of_the_campaigns_own_month_are_noticed(
    catalog,
) -> None:
    # Given outcome tables in which everybody's profit is what it was before the campaign
    outcomes, register = catalog["outcome_customers"].load(), catalog["campaign_register"].load()
    before = register.select("customer_id", "monthly_profit")
    same = outcomes.drop("monthly_profit").join(before, "customer_id")
    catalog["outcome_customers"] = MemoryDataset(same, copy_mode="assign")
    # When the campaign is read out
    summary = SequentialRunner().run(create_pipeline(), catalog)["readout_summary"].load()
    # Then its headline says so, and nothing is measured
    assert "tables of the same month" in summary["headline"]
    assert summary["save_rates_for_catalogue"] == {}
