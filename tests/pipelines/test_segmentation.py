import json
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pytest
import yaml

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.parameters import CampaignParameters, ExportParameters, SegmentParameters
from oneclick.campaign.schemas import SegmentMeasures, SegmentProfiles, SegmentSummary
from oneclick.datasets.table_csv_dataset import TableCsvDataset
from oneclick.datasets.workbook_dataset import WorkbookDataset
from oneclick.pipelines.segmentation.pipeline import create_pipeline
from oneclick.report.charts.campaign import draw_profiles, draw_segments
from oneclick.report.charts.style import as_svg
from oneclick.report.sections.segments import write_segments
from tests.campaign.fabricated import fabricate, tables
from tests.campaign.shipped import read_catalogue
from tests.pipelines.test_exploration import report_in


@pytest.fixture(scope="module")
def parameters(project) -> dict[str, Any]:
    folder = project / "conf/base/segmentation"
    shipped = yaml.safe_load((folder / "parameters.yml").read_text(encoding="utf-8"))
    filled = {"snapshot": "2026-12", "language": "ru", "budget": 8000.0, "starts_on": None}
    return {
        "params:segmentation": SegmentParameters(**shipped["segmentation"]),
        "params:offer_catalogue": read_catalogue(folder / "parameters_offers.yml"),
        "params:campaign": CampaignParameters(**(shipped["campaign"] | filled)),
        "params:campaign.language": "ru",
        "params:profit_value": ValueParameters(**shipped["profit_value"]),
        "params:campaign_export": ExportParameters(**shipped["campaign_export"]),
    }


def run(
    frames: dict[str, pd.DataFrame], parameters: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Return all that the pipeline makes of the frames; the files for people lie in the folder."""
    connection = ibis.duckdb.connect()
    excel = {"sep": ";", "decimal": ",", "encoding": "utf-8-sig", "line_end": "\r\n"}
    files = {
        "campaign_excel": TableCsvDataset(filepath=str(folder / "excel.csv"), **excel),
        "campaign_crm": TableCsvDataset(filepath=str(folder / "crm.csv")),
        "campaign_workbook": WorkbookDataset(filepath=str(folder / "campaign.xlsx")),
    }
    data = parameters | tables(frames, connection)
    for node in create_pipeline().nodes:
        for name, made in node.run({name: data[name] for name in node.inputs}).items():
            if name in files:
                files[name].save(made)
            elif isinstance(made, ir.Table):
                data[name] = connection.create_table(name, made)
            else:
                data[name] = made
    return data


def test_the_same_customers_in_any_order_give_the_same_bytes(parameters, tmp_path) -> None:
    # Given a shop, and the same shop with its rows shuffled
    frames = fabricate(400, 31)
    shuffled = {name: frame.sample(frac=1, random_state=3) for name, frame in frames.items()}
    # When both are segmented and get a campaign
    first, again = (
        run(shop, parameters, tmp_path / name)
        for name, shop in (("first", frames), ("again", shuffled))
    )
    # Then the files are equal byte by byte, and so are the tables
    for file in ("excel.csv", "crm.csv", "campaign.xlsx"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "again" / file).read_bytes()
    pd.testing.assert_frame_equal(
        first["campaign_register"].execute(), again["campaign_register"].execute()
    )
    for name in ("segment_summary", "segment_profiles", "segment_measures", "campaign_capacities"):
        pd.testing.assert_frame_equal(first[name], again[name])
    # And what is said in figures can be written as JSON
    summary = first["campaign_summary"]
    assert json.loads(json.dumps(summary)) == again["campaign_summary"]
    # And the figures belong to each other
    register = first["campaign_register"].execute()
    assert len(register) == 400
    assert register["contacted"].sum() == summary["contacted"] > 0
    assert register.loc[register["contacted"], "worst_case_cost"].sum() <= 8000


def test_every_node_is_named_by_a_verb() -> None:
    names = {node.name for node in create_pipeline().nodes}
    assert {"assign_segments", "assign_offers", "build_register", "build_workbook"} <= names


def test_segments_without_customers_keep_their_rows_but_are_not_told_of(
    parameters, tmp_path
) -> None:
    # Given a profit that nobody makes
    nobody = parameters["params:segmentation"].model_copy(update={"profit_threshold_rub": 1e5})

    made = run(fabricate(300, 5), parameters | {"params:segmentation": nobody}, tmp_path)

    # Then valuable segments have a row with nobody in it, and the tables keep their promises
    by_profit = made["segment_summary"].groupby("profit_band")["customers"].sum()
    assert by_profit.to_dict() == {"low": 300, "high": 0}
    SegmentSummary.validate(made["segment_summary"])
    SegmentProfiles.validate(made["segment_profiles"])
    SegmentMeasures.validate(made["segment_measures"])
    assert (made["segment_profiles"]["n_segment"] > 0).all()
    # And the report tells of the others only
    report = report_in("ru", "2026-12")
    names = ("segment_summary", "segment_thresholds", "segment_profiles", "segment_measures")
    charts = {
        "segments": as_svg(draw_segments, made["segment_summary"], report.words),
        "profiles": as_svg(draw_profiles, made["segment_profiles"], report.words),
    }
    chapter = write_segments(*(made[name] for name in names), report, **charts)
    assert "Высокий риск, небольшая прибыль" in str(chapter)
    assert "Высокий риск, ценные клиенты" not in str(chapter)
