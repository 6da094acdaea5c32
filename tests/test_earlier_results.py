"""Commands that put right what earlier runs have left."""

import json
import shlex
from pathlib import Path

import pytest
from kedro.framework.startup import bootstrap_project

from oneclick.earlier_results import Commands, describe_outdated, every_pipeline
from oneclick.pipeline_registry import MAIN_JOB
from tests.end_to_end.shop import PROJECT

STAGES = dict.fromkeys(MAIN_JOB, "run-1")


@pytest.fixture
def results(tmp_path) -> Path:
    """The snapshot of a run that is called run-9."""
    bootstrap_project(PROJECT)
    run = tmp_path / "snapshots/.runs/2026-11/run-9"
    (run / "08_reporting").mkdir(parents=True)
    published = tmp_path / "snapshots/2026-11"
    published.symlink_to(run)
    return published


def record(results: Path, runs: dict[str, str]) -> None:
    """Note which run made the results of each stage; names of datasets stand for themselves."""
    every = every_pipeline()
    made_by = {}
    for name, run in runs.items():
        made = every[name].all_outputs() if name in every else [name]
        made_by |= dict.fromkeys(made, run)
    told = results.resolve().with_name(f".{results.resolve().name}.json")
    told.write_text(json.dumps(made_by))


def test_a_snapshot_of_one_run_holds_nothing_outdated(results):
    record(results, STAGES)

    assert describe_outdated(Commands(results)) == ({}, "")


@pytest.mark.parametrize(
    ("later", "stages"),
    [
        ({"segmentation": "run-2"}, "reporting"),
        ({"data_processing": "run-2"}, "exploration,data_science,segmentation,reporting"),
        # a month that was scored by its own model: to train again makes the letters outdated, too
        (
            {"data_processing": "run-2", "segmentation": "run-2"}
            | dict.fromkeys(("decline_scores", "scored_by", "decline_reasons"), "run-2"),
            "exploration,data_science,segmentation,reporting",
        ),
    ],
)
def test_the_command_makes_anew_all_that_it_makes_outdated_itself(results, later, stages):
    record(results, STAGES | later)

    outdated, command = describe_outdated(Commands(results))

    assert "report_html" in outdated
    assert command == f"kedro run --pipelines {stages} --params snapshot=2026-11"


def test_a_damaged_record_is_none(results):
    results.resolve().with_name(".run-9.json").write_text("")

    assert describe_outdated(Commands(results)) == ({}, "")


def test_a_command_decides_as_the_campaign_did_but_for_what_is_given(results):
    facts = {"starts_on": "2026-12-01", "budget": 20_000_000.0, "language": "en"}
    summary = results / "08_reporting/campaign_summary.json"
    summary.write_text(json.dumps(facts), encoding="utf-8")
    given = {"budget": None, "campaign": {"power": 0.9}, "raw": "my exports"}
    commands = Commands(results, given, environment="spark", language="ru")

    told = shlex.split(commands.write(["segmentation"]))
    drawn = commands.write(["reporting"])

    assert told[:-1] == [
        "kedro",
        "run",
        "--env",
        "spark",
        "--pipelines",
        "segmentation",
        "--params",
    ]
    assert told[-1] == (
        "starts_on=2026-12-01,budget=null,language=en,campaign.power=0.9,raw=my exports,"
        "snapshot=2026-11"
    )
    assert "starts_on" not in drawn
    assert "budget=20000000" in Commands(results).write([])
