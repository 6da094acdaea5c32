"""Each page of docs/how_to, done as it says, in a copy of a finished project."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from oneclick.engines import connect
from tests.browser.finished import finished_project
from tests.docs.how_to import PAGES, commands, follow
from tests.end_to_end.shop import run_kedro

pytestmark = pytest.mark.slow
RESULTS = "data/snapshots/sample"


@pytest.fixture
def project(tmp_path) -> Path:
    return shutil.copytree(finished_project(), tmp_path / "shop", symlinks=True)


def do(page: str, project: Path) -> None:
    follow(page, project)
    for command in commands(page):
        run(command, project)


def run(command: list[str], project: Path) -> None:
    # kedro leaves the path to this project's code in the environment of whoever looks at it
    finished = run_kedro(project, *command, PYTHONPATH=str(project / "src"))
    assert finished.returncode == 0, finished.stderr


def test_every_page_is_shown_here():
    text = Path(__file__).read_text(encoding="utf-8")
    assert [page.name for page in PAGES.glob("*.md") if f'"{page.name}"' not in text] == []


def test_a_model_takes_part(project):
    do("add_a_model.md", project)

    trial = project / "data/snapshots/trial/08_reporting/model_comparison.parquet"
    comparison = pd.read_parquet(trial)
    auc = comparison[comparison.metric == "roc_auc"].set_index("candidate")["mean"]
    assert 0.75 < auc["naive_bayes"] < 0.93


def test_a_segment_has_its_customers(project):
    do("add_a_segment.md", project)

    segments = pd.read_parquet(project / RESULTS / "07_model_output/segments.parquet")
    customers = pd.read_parquet(project / RESULTS / "03_primary/customers.parquet")
    hunters = set(segments.customer_id[segments.segment == "promo_hunters"])
    cell = segments[(segments.risk_band == "high") & (segments.profit_band == "low")]
    often = customers.customer_id[customers.promo_share >= 0.8]
    assert hunters == set(cell.customer_id) & set(often) != set()
    summary = pd.read_parquet(project / RESULTS / "08_reporting/segment_summary.parquet")
    assert summary.set_index("segment").customers["promo_hunters"] == len(hunters)


def test_an_offer_is_made(project):
    do("add_an_offer.md", project)

    register = pd.read_parquet(project / RESULTS / "07_model_output/campaign_register.parquet")
    written = register[register.contacted & (register.offer_id == "gift_advice")]
    assert len(written) > 0
    assert written.message.str.contains("14 дней.", regex=False).all()


def test_an_engine_is_used(project):
    before = (project / RESULTS / "03_primary/customers.parquet").read_bytes()

    do("add_an_engine.md", project)

    assert (project / RESULTS / "03_primary/customers.parquet").read_bytes() == before
    records = sorted((project / "data/runs").glob("*.json"))
    assert json.loads(records[-1].read_text(encoding="utf-8"))["environment"] == "small_machine"
    told = yaml.safe_load((project / "conf/small_machine/globals.yml").read_text("utf-8"))
    limit = connect(told["engine"]).raw_sql("SELECT current_setting('memory_limit')").fetchone()
    assert limit == ("476.8 MiB",)


def test_a_table_is_joined(project):
    raw = project / "data/01_raw/sample"
    behaviour = pd.read_csv(raw / "market_file.csv")
    ids, status = behaviour["id"], behaviour["Покупательская активность"]
    sent_back = ids % 7 + 3 * (status == "Снизилась")
    returns = pd.DataFrame({"id": ids, "Возвраты_штук_квартал": sent_back})
    returns.to_csv(raw / "returns.csv", index=False)
    offers = project / "conf/base/segmentation/parameters_offers.yml"
    text = offers.read_text(encoding="utf-8")
    text = text.replace("[promo_share, favourite", "[returned_items_quarter, favourite")
    offers.write_text(text, encoding="utf-8")

    do("add_a_table.md", project)

    customers = pd.read_parquet(project / RESULTS / "03_primary/customers.parquet")
    expected = customers.customer_id % 7 + 3 * customers.declined.astype(int)
    assert (customers.returned_items_quarter == expected).all()
    accounting = pd.read_parquet(project / RESULTS / "08_reporting/row_accounting.parquet")
    assert accounting.set_index("table").read["sent_back"] == len(ids)
    # And it is a reason that an offer answers, and a table of the report, under its own name
    register = pd.read_parquet(project / RESULTS / "07_model_output/campaign_register.parquet")
    reason = register[register.reason_1 == "returned_items_quarter"].reason_1_text
    assert len(reason) > 0 and reason.str.startswith("Возвраты за квартал: ").all()
    assert (register.answered_reason == "returned_items_quarter").any()
    report = (project / RESULTS / "08_reporting/report.html").read_text(encoding="utf-8")
    assert "sent_back" in report
    # And a read-out finds it among the tables of a later month
    behaviour.assign(Длительность=behaviour["Длительность"] + 30).to_csv(
        raw / "market_file.csv", index=False
    )
    run(["run", "--pipeline", "readout", "--params", f"outcome_raw={raw}"], project)
    assert (project / RESULTS / "02_intermediate/outcome/sent_back.parquet").exists()
