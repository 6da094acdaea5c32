"""Runs on the warehouse, as a user starts them: the same results, whole or not at all."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import ibis
import pandas as pd
import pytest
import yaml

from oneclick.modelling.parameters import Features, Training
from oneclick.modelling.training_set import draw_training_set
from oneclick.sample.shop import write_shop
from oneclick.tables.sampling import draw_customers
from tests.end_to_end.shop import contents, make_project, run_kedro
from tests.engines.server import PASSWORD, load_exports

pytestmark = pytest.mark.slow
RUN = ("run", "--env", "warehouse")
TABLES = {
    "02_intermediate/rejected_rows": ["table", "line", "column", "customer_id", "reason"],
    "03_primary/customers": ["customer_id"],
    "07_model_output/segments": ["customer_id"],
    "07_model_output/campaign_register": ["customer_id"],
}


@pytest.fixture(scope="module")
def shop(server, warehouse, tmp_path_factory) -> Path:
    """A project whose small shop has gone through the whole job on the warehouse."""
    exports = tmp_path_factory.mktemp("exports")
    write_shop(exports, 300, seed=1)
    load_exports(warehouse.con, exports, "2026-11")
    project = make_project(tmp_path_factory.mktemp("project") / "oneclick")
    finished = run_kedro(
        project, *RUN, "--params", "snapshot=2026-11,effort=quick", **server.environment()
    )
    assert finished.returncode == 0, finished.stderr
    assert "Warning" not in finished.stderr, finished.stderr
    assert PASSWORD not in finished.stderr + finished.stdout
    return project


def test_tables_stay_and_figures_come_out(shop, warehouse):
    files = contents(shop / "data/snapshots/2026-11")

    assert set(warehouse.tables("oneclick_2026-11")) >= {"customers", "campaign_register"}
    assert warehouse.tables("oneclick_2026-11.unfinished") == []
    assert {"08_reporting/report.html", "07_model_output/campaign_crm.csv"} <= set(files)
    register = warehouse.relation("oneclick_2026-11", "campaign_register")
    with_customers = [name for name in files if name.startswith(("02_", "03_"))]
    assert with_customers == []
    sent = pd.read_csv(shop / "data/snapshots/2026-11/07_model_output/campaign_crm.csv")
    assert len(sent) == register.contacted.sum().execute() > 0


def test_the_record_names_the_engine_and_no_password(shop):
    [record] = (shop / "data/runs").glob("*.json")
    text = record.read_text(encoding="utf-8")
    assert '"environment": "warehouse"' in text
    assert PASSWORD not in text


@pytest.mark.parametrize(
    "month", ["sample", pytest.param("reference", marks=pytest.mark.reference)]
)
def test_results_are_those_of_duckdb(month, shop, server, warehouse, tmp_path, request):
    # Given the same tables as files and in the warehouse, and the same model in service
    exports = Path(__file__).parents[2] / "data/01_raw/sample"
    if month == "reference":
        exports = request.getfixturevalue("reference_folder")
    load_exports(warehouse.con, exports, month)
    project = make_project(tmp_path / "oneclick")
    shutil.copytree(shop / "data/06_models", project / "data/06_models")

    # When both are scored
    scoring = ("--pipelines", "scoring", "--params", f"snapshot={month},effort=quick")
    there = run_kedro(project, "run", *scoring[:3], f"{scoring[3]},raw={exports}")
    assert there.returncode == 0, there.stderr
    here = run_kedro(shop, *RUN, *scoring, **server.environment())
    assert here.returncode == 0, here.stderr

    # Then tables and files are the same
    files = project / "data/snapshots" / month
    for place, order in TABLES.items():
        expected = pd.read_parquet(files / f"{place}.parquet")
        found = warehouse.relation(f"oneclick_{month}", Path(place).name).execute()
        pair = (in_order(table, order) for table in (found, expected))
        pd.testing.assert_frame_equal(*pair, rtol=0, atol=1e-9)
    written = contents(shop / "data/snapshots" / month)
    different = [
        name
        for name, content in contents(files).items()
        if not name.endswith(".parquet") and written[name] != content
    ]
    assert different == []
    # And the same customers are drawn, for training and to look at
    customers = [
        warehouse.relation(f"oneclick_{month}", "customers"),
        ibis.duckdb.connect().read_parquet(files / "03_primary/customers.parquet"),
    ]
    told = yaml.safe_load((project / "conf/base/data_science/parameters.yml").read_text())
    training = Training(max_rows=200, min_rows=100, min_class_rows=10, seed=7)
    draws = (
        lambda table: draw_training_set(table, Features(**told["features"]), training),
        lambda table: draw_customers(table, 150),
    )
    for draw in draws:
        pd.testing.assert_frame_equal(*map(draw, customers), check_dtype=False)


def in_order(table: pd.DataFrame, order: list[str]) -> pd.DataFrame:
    """Sorted rows, in which nothing known is None for every type."""
    ordered = table.sort_values(order).reset_index(drop=True).astype(object)
    return ordered.where(ordered.notna(), None)


def fingerprints(warehouse, schema: str) -> dict[str, str]:
    """A hash of the rows of every table, in any order."""
    question = 'SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM "{}"."{}" t'
    return {
        name: warehouse.con.execute(question.format(schema, name)).fetchone()[0]
        for name in warehouse.tables(schema)
    }


def test_a_killed_run_leaves_tables_and_files_as_they_were(shop, server, warehouse):
    # Given a run with another budget, killed when it has written a part of its tables
    results = shop / "data/snapshots/2026-11"
    before = fingerprints(warehouse, "oneclick_2026-11"), contents(results)
    params = "snapshot=2026-11,budget=500"
    segmentation = (*RUN, "--pipelines", "segmentation", "--params", params)
    running = subprocess.Popen(
        [sys.executable, "-m", "kedro", *segmentation],
        cwd=shop,
        env={**os.environ, **server.environment()},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while running.poll() is None and len(warehouse.tables("oneclick_2026-11.unfinished")) < 2:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL

    # Then nothing has changed
    assert (fingerprints(warehouse, "oneclick_2026-11"), contents(results)) == before

    # And the next run publishes tables and files
    finished = run_kedro(shop, *segmentation, **server.environment())
    assert finished.returncode == 0, finished.stderr
    after = fingerprints(warehouse, "oneclick_2026-11")
    assert after["campaign_register"] != before[0]["campaign_register"]
    assert after["customers"] == before[0]["customers"]
    assert warehouse.tables("oneclick_2026-11.unfinished") == []


def test_a_run_killed_between_tables_and_files_is_caught_up_with_by_any_other(
    shop, server, warehouse
):
    # Given a run whose budget reaches nobody, killed when its tables had just appeared
    results = shop / "data/snapshots/2026-11"
    before = contents(results)
    kill_amid_publishing = (
        "import os, oneclick.publishing; from kedro.framework.cli import main\n"
        "oneclick.publishing.Publication._switch = lambda *_: os.kill(os.getpid(), 9)\n"
        "main()"
    )
    segmentation = (*RUN, "--pipeline", "segmentation", "--params", "snapshot=2026-11,budget=1")
    killed = subprocess.run(
        [sys.executable, "-c", kill_amid_publishing, *segmentation],
        cwd=shop,
        env={**os.environ, **server.environment(), "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert contents(results) == before
    register = warehouse.relation("oneclick_2026-11", "campaign_register")
    assert register.contacted.sum().execute() == 0

    # When a run follows that makes files only
    finished = run_kedro(
        shop,
        *RUN,
        "--pipeline",
        "reporting",
        "--params",
        "snapshot=2026-11",
        **server.environment(),
    )
    assert finished.returncode == 0, finished.stderr

    # Then files and tables are of one run; nobody is on its list
    assert len(pd.read_csv(results / "07_model_output/campaign_crm.csv")) == 0
    report = "08_reporting/report.html"
    assert (results / report).read_bytes() != before[report]

    # And files of another environment may not come beside them
    refused = run_kedro(shop, "run", "--params", "snapshot=2026-11")
    assert "'2026-11' has its tables in the warehouse" in refused.stderr


def test_a_customer_is_forgotten_in_files_and_tables(shop, server, warehouse):
    customer = int(warehouse.relation("oneclick_2026-11", "segments").customer_id.min().execute())

    first = run_kedro(shop, "forget", str(customer), **server.environment())
    then = run_kedro(shop, "forget", str(customer), "--env", "warehouse", **server.environment())

    assert (first.returncode, then.returncode) == (0, 0), first.stderr + then.stderr
    assert "tables of 2026-11 in the warehouse: repeat with --env" in first.stdout
    assert "in the warehouse" not in then.stdout
    tables = [warehouse.relation("oneclick_2026-11", Path(path).name) for path in TABLES]
    assert all(not (table.customer_id == customer).any().execute() for table in tables)
    scores = pd.read_parquet(shop / "data/06_models/training_scores.parquet")
    assert customer not in set(scores["customer_id"])
