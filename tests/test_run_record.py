"""A run leaves one small file that says what it read, what came out, and nothing of a customer."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from oneclick.run_record import RunRecord, compare_runs, describe_checkout

ABOUT = {"snapshot": "2026-12", "pipelines": ["__default__"], "environment": "local"}
CUSTOMERS = {"in": 1300, "kept": 1296, "rejected": 4, "declined": 494, "unlabelled": 0}
FIGURES = {
    "data_quality": {
        "tables": [{"table": "profit", "read": 1300, "kept": 1296}],
        "customers": CUSTOMERS,
        "rejected": [{"example": "a customer's value"}],
    },
    "champion_choice": {"champion": "svc", "mean": 0.91, "ci_low": 0.88, "ci_high": 0.94},
    "evaluation": {"calibration": {"ece": 0.02, "chance_p95": 0.03, "bias_shows": False}},
    "campaign_summary": {
        "consented": 959,
        "contacted": 464,
        "control": 142,
        "budget": None,
        "worst_case_cost": 54350.0,
        "expected_profit": {"low": 1.0, "median": 188719.97, "high": 3.0},
    },
}
MADE = set(FIGURES)


@pytest.fixture
def export(tmp_path) -> Path:
    path = tmp_path / "money.csv"
    path.write_text("id;Прибыль\n1;4,5\n", encoding="utf-8")
    return path


@pytest.fixture
def results(tmp_path) -> Path:
    folder = tmp_path / "snapshots/2026-12"
    (folder / "08_reporting").mkdir(parents=True)
    for name, figures in FIGURES.items():
        (folder / f"08_reporting/{name}.json").write_text(json.dumps(figures))
    return folder


@pytest.fixture
def begin(tmp_path, export):
    def begin(run_id: str = "run-1") -> RunRecord:
        return RunRecord(tmp_path / "runs", tmp_path, run_id, ABOUT, {"money": export})

    return begin


def read(record: RunRecord) -> dict:
    return json.loads(record.path.read_text(encoding="utf-8"))


def test_a_published_run_is_described(begin, results, export):
    record = begin()
    record.begin_step("join_tables")
    record.finish(results, MADE)

    found = read(record)
    assert found["status"] == "published"
    assert found["inputs"]["money"] == {
        "path": "money.csv",
        "sha256": hashlib.sha256(export.read_bytes()).hexdigest(),
        "bytes": export.stat().st_size,
    }
    assert found["customers"] == CUSTOMERS
    assert found["model"]["roc_auc"] == {"mean": 0.91, "ci_low": 0.88, "ci_high": 0.94}
    assert found["model"]["calibration"]["bias_shows"] is False
    assert found["campaign"]["contacted"] == 464
    assert list(found["seconds_per_step"]) == ["join_tables"]
    assert None not in found["versions"].values()
    assert found["started"] <= found["ended"]
    assert "customer's value" not in json.dumps(found)


def test_a_scored_month_is_told_by_the_model_that_scored_it(begin, results, tmp_path):
    # Given a month that was trained on, and scored afterwards by a newer month's model
    auc = {"mean": 0.92, "ci_low": 0.9, "ci_high": 0.94}
    drift = {"model_snapshot": "2027-01", "champion": "knn", "roc_auc": auc, "moved": []}
    path = results / "08_reporting/drift_summary.json"
    path.write_text(json.dumps(drift | {"retrain": False}))

    record = begin()
    record.finish(results, {"drift_summary"})

    assert read(record)["model"] == {"champion": "knn", "trained_on": "2027-01", "roc_auc": auc}
    assert "knn of 2027-01  0.920 (0.900–0.940)" in compare_runs(tmp_path / "runs")[1]


def test_a_run_claims_nothing_that_an_earlier_one_made(begin, results, tmp_path):
    record = begin()
    record.finish(results, {"segments", "campaign_summary"})

    found = read(record)
    assert found["campaign"]["contacted"] == 464
    assert "model" not in found
    assert "customers" not in found
    assert "ROC-AUC" in compare_runs(tmp_path / "runs")[0]
    assert "0.910" not in compare_runs(tmp_path / "runs")[1]


def test_each_read_out_of_a_campaign_is_kept(begin, results, tmp_path):
    # Given a campaign that is read out after one month and after three
    rates = {"navigation_help": {"low": 0.1, "median": 0.2, "high": 0.3, "measured": True}}
    told = {"headline": "…", "alarms": [], "save_rates_for_catalogue": rates}
    effects = {30: {"value": -0.0764, "low": -0.0991, "high": -0.0519}, 91: None}
    for days, effect in effects.items():
        summary = json.dumps(told | {"effect": effect, "days_later": days})
        (results / "08_reporting/readout_summary.json").write_text(summary)
        begin(f"run-{days}").finish(results, {"readout_summary"})

    # Then the second leaves the figures of the first
    first = json.loads((tmp_path / "runs/run-30.json").read_text(encoding="utf-8"))["readout"]
    assert first["effect"] == effects[30]
    assert first["save_rates_for_catalogue"] == rates
    # and stands beside it
    _, *lines = compare_runs(tmp_path / "runs")
    assert lines[0].endswith("declines −7.6 points (95 % −9.9 to −5.2), 30 days later")
    assert lines[1].endswith("effect on activity unknown, 91 days later")
    assert "464" not in lines[0]


def test_what_ifs_are_told_apart_by_their_parameters(tmp_path):
    offers = {"campaign": {"control_share": 0.1, "salt": "a salt of many words that goes on"}}
    for given in ({"snapshot": "2026-12", "raw": "x", "budget": 5000}, offers, None):
        about = ABOUT | ({"parameters": given} if given else {})
        RunRecord(tmp_path / "runs", tmp_path, f"run-{len(str(given))}", about, {}).refuse("no")

    table = compare_runs(tmp_path / "runs")
    column = table[0].index("parameters")
    shown = sorted(line[column : table[0].index("status")].strip() for line in table[1:])
    assert shown == ["budget=5000", "campaign.control_share=0.1 campaign.sal…", "–"]


def test_a_failed_run_says_why_and_where(begin):
    record = begin()
    record.begin_step("join_tables")
    record.fail("money.csv is empty")

    found = read(record)
    assert (found["status"], found["message"]) == ("failed", "money.csv is empty")
    assert found["failed_step"] == "join_tables"


def test_a_killed_run_stays_unfinished(begin):
    assert read(begin())["status"] == "unfinished"


def test_an_input_is_recorded_as_it_was_before_the_run(begin, results, export, tmp_path):
    before = hashlib.sha256(export.read_bytes()).hexdigest()
    record = begin()
    (tmp_path / "made by the run").write_text("other content")
    (tmp_path / "made by the run").replace(export)
    record.finish(results, MADE)

    assert read(record)["inputs"]["money"]["sha256"] == before


def test_runs_stand_side_by_side_the_newest_last(begin, results, tmp_path):
    begin("run-1").finish(results, MADE)
    begin("run-2").fail("no")
    (tmp_path / "runs/run-3.json").write_text("{")

    header, first, second, note = compare_runs(tmp_path / "runs")

    assert header.startswith("snapshot")
    for told in ("published", "1296 of 1300", "svc", "0.910 (0.880–0.940)"):
        assert first.index(told) >= 0
    assert first.endswith("464 contacted, 188,720 RUB expected")
    assert "0.020, chance ≤ 0.030" in first
    assert "failed" in second
    assert "run-3.json is no run record" in note
    assert first.index("published") == header.index("status") == second.index("failed")


def test_without_runs_it_says_how_to_start_one(tmp_path):
    assert "kedro run" in compare_runs(tmp_path / "runs")[0]


def test_a_record_that_cannot_be_written_harms_no_run(begin, results, tmp_path, caplog):
    (tmp_path / "runs").write_text("a file in the way")

    begin().finish(results, MADE)

    assert "could not be written" in caplog.text


def test_the_commit_and_whether_files_were_changed(tmp_path):
    assert describe_checkout(tmp_path) is None

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", tmp_path, *arguments], check=True, capture_output=True)

    git("init")
    (tmp_path / "a").write_text("1")
    git("add", "a")
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-m", "first")

    clean = describe_checkout(tmp_path)
    (tmp_path / "a").write_text("2")

    assert clean is not None
    assert len(clean["commit"]) == 40
    assert not clean["dirty"]
    assert describe_checkout(tmp_path) == clean | {"dirty": True}
