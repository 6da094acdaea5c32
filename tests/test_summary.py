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
RARE = {name: figure for name, figure in SHARES.items() if name != "roc_auc"}
UNRANKED = f"{UNSEEN}: 25.0% (95 % 23.0%–27.0%), 30.0% predicted"
UNKNOWN = "realised    unknown: no customer with a status is new to the model"
FLATTERING = "flattering, of customers seen in training 300 of 1200 have declined"


@pytest.mark.parametrize(
    ("unseen", "seen", "lines"),
    [
        (NONE, NONE, []),
        (COUNTS, NONE, [UNSEEN]),
        (COUNTS | RARE, NONE, [UNRANKED]),
        (NONE, COUNTS, [UNKNOWN, FLATTERING]),
    ],
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


def test_a_model_no_better_than_guessing_is_a_warning(results):
    doubt = {"ru": "Похоже на угадывание.", "en": "Nothing shows that it tells them apart."}
    write(results, "champion_choice", TRAINED | {"no_signal_message": doubt})

    assert summarise_run(results)[2] == "  WARNING     Nothing shows that it tells them apart."


def test_customers_without_a_status_are_not_told_as_steady(results):
    counts = {"in": 1300, "kept": 1296, "rejected": 4, "declined": 0, "unlabelled": 1296}
    write(results, "data_quality", {"customers": counts, "profit_exceeds_revenue": 0})

    assert summarise_run(results)[1].endswith("1296 kept, none with a status")


CAMPAIGN = {
    "contacted": 1,
    "consented": 2,
    "control": 1,
    "budget": None,
    "expected_profit": {"low": 1.0, "median": 2.0, "high": 3.0},
}


@pytest.mark.parametrize("older", [True, False])
def test_what_is_older_than_what_it_is_made_from_is_told_so(results, older):
    # Given a model, a campaign, a read-out and a report
    write(results, "champion_choice", TRAINED)
    write(results, "campaign_summary", CAMPAIGN)
    write(results, "readout_summary", {"headline": "Nothing shows."})
    report = results / "08_reporting/report.html"
    report.touch()

    # When some of them are outdated, and the run is summed up
    outdated = {
        "champion_choice": ["behaviour", "customers"],
        "campaign_summary": ["customers", "decline_scores"],
        "readout_summary": ["campaign_register"],
        "report_html": ["histograms"],
    }
    told = summarise_run(results, outdated, "kedro run") if older else summarise_run(results)

    # Then each says of what there is something newer, and how to make them anew
    expected = [
        ("model", "older than customers: ", "svc_rbf, ROC-AUC 0.914 "),
        ("campaign", "older than decline_scores: ", "1 contacted of 2 who consent"),
        ("read-out", "older than campaign_register: ", "Nothing shows."),
    ]
    for line, (subject, mark, text) in zip(told[1:], expected, strict=False):
        assert line.startswith(f"  {subject:<12}{mark * older}{text}")
    assert told[4:] == [
        f"  files       {report}{' (older than histograms)' * older}",
        *["  make anew   kedro run"] * older,
    ]


def test_a_budget_stands_beside_the_letters_that_it_allows(results):
    write(results, "campaign_summary", CAMPAIGN | {"budget": 20_000.0})

    assert "1 contacted within a budget of 20,000 RUB of 2" in summarise_run(results)[1]


@pytest.mark.parametrize(
    ("served", "told"),
    [(None, []), ("2026-12", []), ("2026-11", ["of 2026-11 (back: kedro use 2026-11)"])],
)
def test_a_model_that_takes_the_place_of_another_month_s_is_told(results, served, told):
    lines = [line for line in summarise_run(results, served=served) if "in service" in line]

    assert [line.split("that ")[1] for line in lines] == told


def test_columns_that_say_nothing_of_customers_are_told(results):
    counts = {"in": 1300, "kept": 1296, "rejected": 4, "declined": 494, "unlabelled": 0}
    gaps = [("promo_share", 1, False), ("pages_per_visit", 0.49, False), ("service_tier", 0, True)]
    names = ("column", "missing", "constant")
    told = [dict(zip(names, gap, strict=True)) for gap in gaps]
    write(results, "data_quality", {"customers": counts, "gaps": told})

    assert summarise_run(results)[2] == (
        "  columns     promo_share is empty for 100.0%; service_tier is the same for all: "
        "exported whole?"
    )


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ((0, 0, 0), ["nobody consents"]),
        ((970, 0, 0), ["all who consent have had as many contacts"]),
        ((970, 723, 0), ["no offer both suits and pays"]),
        ((970, 723, 5), []),
    ],
)
def test_a_campaign_that_writes_to_nobody_says_why(results, counts, said):
    numbers = dict(zip(("consented", "contactable", "worth_it"), counts, strict=True))
    profit = dict.fromkeys(("low", "median", "high"), 0.0)
    write(
        results,
        "campaign_summary",
        numbers | {"contacted": 0, "control": 0, "expected_profit": profit},
    )

    told = [line for line in summarise_run(results) if "WARNING" in line]
    assert [line.split("nobody is written to: ")[1][:14] for line in told] == [
        each[:14] for each in said
    ]


@pytest.mark.parametrize(("odd", "warned"), [(242, False), (1296, True)])
def test_profit_in_another_unit_is_warned_of(results, odd, warned):
    counts = {"in": 1300, "kept": 1296, "rejected": 4, "declined": 494, "unlabelled": 0}
    write(results, "data_quality", {"customers": counts, "profit_exceeds_revenue": odd})

    told = [line for line in summarise_run(results) if "WARNING" in line]
    assert [f"{odd} of 1296" in line for line in told] == [True] * warned


@pytest.mark.parametrize("alarms", [[], ["Осторожно: …"]])
def test_a_readout_in_russian_is_told_in_figures(results, alarms):
    effect = {"value": 0.012, "low": -0.0304, "high": 0.0544}
    told = {"headline": "Эффект не виден", "alarms": alarms, "effect": effect, "days_later": 31}
    write(results, "readout_summary", told)

    said = "declines +1.2 points (95 % −3.0 to +5.4), 31 days later"
    beware = "; beware, the arms are unlike: see readout_summary.json" if alarms else ""
    assert summarise_run(results)[1] == f"  read-out    {said}{beware}"
