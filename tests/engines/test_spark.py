"""The same tables on DuckDB and on Spark give the same results."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.end_to_end.shop import PROJECT, make_project, run_kedro
from tests.engines.spark import needs_spark

pytestmark = [pytest.mark.slow, *needs_spark]

TABLES = (
    "02_intermediate/rejected_rows",
    "03_primary/customers",
    "05_model_input/training_set",
    "07_model_output/decline_scores",
    "07_model_output/decline_reasons",
    "07_model_output/segments",
    "07_model_output/reason_texts",
    "07_model_output/offers_assigned",
    "07_model_output/campaign_register",
    "08_reporting/row_accounting",
    "08_reporting/segment_profiles",
    "08_reporting/campaign_capacities",
    "08_reporting/drift",
)
FILES = (
    "06_models/decline_model.skops",
    "07_model_output/campaign_crm.csv",
    "07_model_output/campaign_excel.csv",
    "08_reporting/data_quality.json",
    "08_reporting/segment_thresholds.json",
    "08_reporting/usual_ranges.json",
    "08_reporting/campaign_summary.json",
)
ENGINES = {"duckdb": (), "spark": ("--env", "spark")}


@pytest.fixture(scope="module")
def projects(tmp_path_factory) -> dict[str, Path]:
    """A project per engine that has run the main job on the committed sample."""
    made = {}
    for engine, choice in ENGINES.items():
        project = make_project(tmp_path_factory.mktemp(engine) / "oneclick")
        run(
            project,
            *choice,
            "--params",
            f"effort=quick,snapshot=sample,raw={PROJECT / 'data/01_raw/sample'}",
        )
        made[engine] = project
    return made


def run(project: Path, *arguments: str) -> None:
    finished = run_kedro(project, "run", *arguments)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def assert_same_results(projects: dict[str, Path], snapshot: str) -> None:
    duckdb, spark = (projects[engine] / "data/snapshots" / snapshot for engine in ENGINES)
    compared = [name for name in TABLES if (duckdb / f"{name}.parquet").exists()]
    assert len(compared) >= 11
    for name in compared:
        ours, theirs = (in_order(folder / f"{name}.parquet") for folder in (duckdb, spark))
        # Texts, ids and counts are identical; figures may differ where a sum was taken otherwise.
        pd.testing.assert_frame_equal(ours, theirs, rtol=0, atol=1e-9, obj=name)
    for name in FILES:
        if (duckdb / name).exists():
            assert (duckdb / name).read_bytes() == (spark / name).read_bytes(), name


def in_order(path: Path) -> pd.DataFrame:
    table = pd.read_parquet(path)
    if "customer_id" not in table.columns:
        return table
    keys = [name for name in table.columns if table[name].dtype != "bool"]
    return table.sort_values(keys if path.stem == "rejected_rows" else "customer_id").reset_index(
        drop=True
    )


def test_the_main_job_gives_the_same_on_both_engines(projects):
    assert_same_results(projects, "sample")

    register = pd.read_parquet(
        projects["spark"] / "data/snapshots/sample/07_model_output/campaign_register.parquet"
    )
    assert set(register.score_source) == {"out_of_fold"}


@pytest.mark.reference
def test_a_month_is_scored_the_same_on_both_engines(projects, reference_folder):
    # Given the shop's real tables as a month that the model has not seen
    wanted = f"raw={reference_folder},snapshot=reference"
    for engine, choice in ENGINES.items():
        run(projects[engine], *choice, "--pipeline", "scoring", "--params", wanted)

    assert_same_results(projects, "reference")
    scores = pd.read_parquet(
        projects["spark"] / "data/snapshots/reference/07_model_output/decline_scores.parquet"
    )
    # Then the workers of Spark have scored everybody
    assert len(scores) == 1296
    assert set(scores.score_source) == {"model"}


def test_a_run_of_spark_and_one_of_duckdb_may_follow_each_other(projects):
    # Given results of Spark, tables in folders, when DuckDB does the segmentation again
    project = projects["spark"]
    run(project, "--pipeline", "segmentation")

    results = project / "data/snapshots/sample"
    assert (results / "07_model_output/segments.parquet").is_file()
    assert (results / "03_primary/customers.parquet").is_dir()
    assert_same_results(projects, "sample")
    summary = json.loads((results / "08_reporting/campaign_summary.json").read_text("utf-8"))
    assert summary["contacted"] > 0
