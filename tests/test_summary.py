"""The lines that a run ends with."""

import json
import os
import time
from pathlib import Path

import pytest

from oneclick.summary import summarise_run

AUC = {"mean": 0.914, "ci_low": 0.89, "ci_high": 0.937}
TRAINED = {"champion": "svc_rbf", **AUC, "leak_alarm": False}
SCORED = {
    "model_snapshot": "2026-11",
    "champion": "knn",
    "roc_auc": AUC,
    "moved": ["pages_per_visit", "promo_share", "minutes_current"],
    "retrain": True,
    "verdict": {"en": "Train again on a labelled month."},
}
COUNTS = {"customers": 1200, "declined": 300}
SHARES = {
    "observed": {"value": 0.25, "low": 0.23, "high": 0.27},
    "predicted": {"value": 0.3, "low": 0.29, "high": 0.31},
    "roc_auc": {"value": 0.9, "low": 0.88, "high": 0.92},
}


@pytest.fixture
def results(tmp_path) -> Path:
    folder = tmp_path / "2026-12"
    (folder / "08_reporting").mkdir(parents=True)
    return folder


def write(results: Path, name: str, facts: dict) -> None:
    path = results / f"08_reporting/{name}.json"
    path.write_text(json.dumps(facts), encoding="utf-8")


def write_scored(results: Path) -> None:
    write(results, "drift_summary", SCORED)
    write(results, "scored_by", {"snapshot": SCORED["model_snapshot"]})


def test_a_scored_month_tells_its_model_and_whether_it_still_fits(results):
    # Given a model that was trained twelve days ago
    info = results.parent / "2026-11/06_models/model_info.json"
    info.parent.mkdir(parents=True)
    info.write_text("{}")
    os.utime(info, (0, time.time() - 12.5 * 86_400))
    write_scored(results)
    write(results, "realised_decline", {"unseen": COUNTS | SHARES, "seen": COUNTS})

    assert summarise_run(results) == [
        "Snapshot 2026-12",
        "  model       knn of snapshot 2026-11, trained 12 days ago, "
        "ROC-AUC 0.914 (95 % 0.890–0.937), out of fold",
        "  drift       moved: pages_per_visit, promo_share, minutes_current. "
        "Train again on a labelled month.",
        "  realised    of customers unseen by the model that scored them "
        "300 of 1200 have declined: 25.0% (95 % 23.0%–27.0%), "
        "30.0% predicted; ROC-AUC 0.900 (95 % 0.880–0.920)",
        "              flattering, of customers seen in training 300 of 1200 have declined",
    ]


NONE = {"customers": 0, "declined": 0}
UNSEEN = "realised    of customers unseen by the model that scored them 300 of 1200 have declined"
UNKNOWN = "realised    unknown: no customer with a status is new to the model"
FLATTERING = "flattering, of customers seen in training 300 of 1200 have declined"


@pytest.mark.parametrize(
    ("unseen", "seen", "lines"),
    [(NONE, NONE, []), (COUNTS, NONE, [UNSEEN]), (NONE, COUNTS, [UNKNOWN, FLATTERING])],
)
def test_realised_decline_is_told_as_far_as_it_is_known(results, unseen, seen, lines):
    write_scored(results)
    write(results, "realised_decline", {"unseen": unseen, "seen": seen})

    assert [line.strip() for line in summarise_run(results)[3:]] == lines


@pytest.mark.parametrize(("month", "champion"), [("2026-11", "knn "), ("2026-12", "svc_rbf,")])
def test_the_model_that_gave_the_scores_is_told(results, month, champion):
    write(results, "champion_choice", TRAINED)
    write(results, "drift_summary", SCORED)
    write(results, "scored_by", {"snapshot": month})

    assert summarise_run(results)[1].startswith(f"  model       {champion}")


def test_customers_without_a_status_are_not_told_as_steady(results):
    counts = {"in": 1300, "kept": 1296, "rejected": 4, "declined": 0, "unlabelled": 1296}
    write(results, "data_quality", {"customers": counts, "profit_exceeds_revenue": 0})

    assert summarise_run(results)[1].endswith("1296 kept, none with a status")


@pytest.mark.parametrize(("cleaned", "before"), [(9, True), (-9, False)])
def test_a_campaign_of_earlier_customers_is_told_as_such(results, cleaned, before):
    counts = {"in": 1300, "kept": 1296, "rejected": 4, "declined": 494, "unlabelled": 0}
    profit = {"low": 1.0, "median": 2.0, "high": 3.0}
    campaign = {"contacted": 1, "consented": 2, "control": 1, "expected_profit": profit}
    write(results, "campaign_summary", campaign)
    write(results, "data_quality", {"customers": counts})
    later = time.time() + cleaned
    os.utime(results / "08_reporting/data_quality.json", (later, later))

    told = next(line for line in summarise_run(results) if "contacted" in line)
    assert ("of the customers before: 1 contacted" in told) == before


@pytest.mark.parametrize(("odd", "warned"), [(242, False), (1296, True)])
def test_profit_in_another_unit_is_warned_of(results, odd, warned):
    counts = {"in": 1300, "kept": 1296, "rejected": 4, "declined": 494, "unlabelled": 0}
    write(results, "data_quality", {"customers": counts, "profit_exceeds_revenue": odd})

    told = [line for line in summarise_run(results) if "WARNING" in line]
    assert [f"{odd} of 1296" in line for line in told] == [True] * warned


@pytest.mark.parametrize("register", ["campaign_register.parquet", "campaign_register.parquet/0"])
@pytest.mark.parametrize(("drawn", "written", "outdated"), [(9, 1, True), (1, 9, False)])
def test_a_report_older_than_the_campaign_is_told_so(results, register, drawn, written, outdated):
    # Given a report and a register, a file or a folder of files, made so many seconds ago
    report, made = results / "08_reporting/report.html", results / "07_model_output" / register
    for path, age in ((report, drawn), (made, written)):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (time.time() - age, time.time() - age))

    # When the run is summed up
    told = summarise_run(results)[-1]

    # Then the line of the report says what to do, if anything
    hint = " (older than the campaign: kedro run --pipeline reporting draws it again)"
    assert told == f"  files       {report}{hint * outdated}"


def test_the_readout_of_an_earlier_campaign_is_told_as_such(results):
    write(results, "readout_summary", {"headline": "Nothing shows."})
    register = results / "07_model_output/campaign_register.parquet"
    register.parent.mkdir(parents=True)
    register.touch()

    for later, said in ((-9, "Nothing shows."), (9, "of the campaign before: Nothing shows.")):
        os.utime(register, (time.time() + later, time.time() + later))
        assert summarise_run(results)[1] == f"  read-out    {said}"


@pytest.mark.parametrize("alarms", [[], ["Осторожно: …"]])
def test_a_readout_in_russian_is_told_in_figures(results, alarms):
    effect = {"value": 0.012, "low": -0.0304, "high": 0.0544}
    told = {"headline": "Эффект не виден", "alarms": alarms, "effect": effect, "days_later": 31}
    write(results, "readout_summary", told)

    said = "declines +1.2 points (95 % −3.0 to +5.4), 31 days later"
    beware = "; beware, the arms are unlike: see readout_summary.json" if alarms else ""
    assert summarise_run(results)[1] == f"  read-out    {said}{beware}"


def test_an_old_report_of_a_month_that_was_scored_cannot_be_drawn_again(results):
    write_scored(results)
    for name in ("08_reporting/report.html", "07_model_output/campaign_register.parquet"):
        (results / name).parent.mkdir(parents=True, exist_ok=True)
        (results / name).touch()
        os.utime(results / name, (len(name), len(name)))

    assert summarise_run(results)[-1].endswith("scoring by a model of another month draws none)")
