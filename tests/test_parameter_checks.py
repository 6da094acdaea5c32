"""Mistakes of the person who runs it end in one message that says where to mend them."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from oneclick.campaign.offers import OfferCatalogue
from oneclick.errors import OneclickError
from oneclick.modelling.parameters import Choice
from oneclick.parameter_checks import check_names, check_values, list_unknown_values
from oneclick.pipelines.sample_data.pipeline import SampleShop
from tests.end_to_end.shop import make_project, run_kedro

OFFERS = "conf/base/segmentation/parameters_offers.yml"


@pytest.fixture
def conf(project, tmp_path, monkeypatch) -> Path:
    shutil.copytree(project / "conf", tmp_path / "conf", symlinks=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "conf"


@pytest.fixture(scope="module")
def own_project(tmp_path_factory) -> Path:
    return make_project(tmp_path_factory.mktemp("project") / "oneclick")


def change(path: Path, old: str, new: str) -> int:
    """Replace a text's first occurrence and return its line."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("column: pages_per_visit", "column: pages", ["navigation_help", "pages"]),
        ("incentive_cost: 60", "incentive_cost: -60", ["basket_reminder", "incentive_cost", "-60"]),
        ("high: 0.37", "high: 1.37", ["basket_reminder", "save_rate.high", "1.37"]),
        ("id: loyalty_bonus", "id: rare_buyer_offer", ["rare_buyer_offer", "twice"]),
    ],
)
def test_a_mistake_in_the_catalogue_is_told_by_offer_and_line(conf, old, new, expected):
    path = conf.parent / OFFERS
    line = change(path, old, new)
    catalogue = yaml.safe_load(path.read_text(encoding="utf-8"))

    with pytest.raises(OneclickError) as caught:
        check_values(conf, {"offer_catalogue": OfferCatalogue}, {}, catalogue)

    for words in (OFFERS, f"line {line}", *expected):
        assert words in str(caught.value)


def test_the_catalogue_is_checked_before_anything_runs(project, conf, tmp_path):
    change(conf.parent / OFFERS, "incentive_cost: 60", "incentive_cost: -60")
    bootstrap_project(project)

    with (
        KedroSession.create(project, conf_source=str(conf)) as session,
        pytest.raises(OneclickError, match=r"basket_reminder.*parameters_offers\.yml, line \d+"),
    ):
        session.run(pipeline_names=["segmentation"])


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"budget": -1}, ["campaign.budget", "0 or more", "--params budget"]),
        ({"seed": -1}, ["training.seed", "equal to 0", "--params seed"]),
        ({"effort": "fast"}, ["'fast'", "quick, standard, thorough"]),
        (
            {"campaign": {"control_share": 2}},
            ["found: 2", "--params campaign.control_share."],
        ),
        ({"campaign": {"budget": "abc"}}, ["valid number", "change --params campaign.budget."]),
        ({"campaign": {"contrl_share": 0.1}}, ["campaign.contrl_share", "not permitted"]),
        ({"snapshoot": "2026-12"}, ["snapshoot", "Did you mean snapshot?"]),
        ({"snapshot": "../elsewhere"}, ["cannot be the name of a snapshot"]),
        ({"snapshot": "2026-12.unfinished"}, ["cannot be the name", "without '.unfinished'"]),
        ({"snapshot": 2026.1}, ["snapshot=2026.1", "2026-10"]),
        ({"raw": 2026.1}, ["raw=2026.1 is read as a number", "raw=./2026.10"]),
        ({"outcome_raw": 202611}, ["outcome_raw=202611 is read as a number"]),
        ({"raw": "exports"}, ["replace the results of the snapshot 'sample'", "snapshot=2026-11"]),
        ({"budget": float("nan")}, ["campaign.budget", "finite number"]),
    ],
    ids=str,
)
def test_a_wrong_parameter_is_told_with_its_place(own_project, given, expected):
    bootstrap_project(own_project)

    with (
        KedroSession.create(own_project, runtime_params=given) as session,
        pytest.raises(OneclickError) as caught,
    ):
        session.run(pipeline_names=["data_science", "segmentation"])

    for words in expected:
        assert words in str(caught.value)


def test_the_home_of_a_user_is_found(own_project):
    bootstrap_project(own_project)
    given = {"raw": "~/no such folder", "snapshot": "new"}
    with (
        KedroSession.create(own_project, runtime_params=given) as session,
        pytest.raises(Exception, match=f"There is no folder {Path.home()}/no such folder"),
    ):
        session.run(pipeline_names=["data_processing"])


def test_an_option_that_has_another_name_in_its_group_is_named_as_it_was_typed(conf):
    shop = {"customers": "abc", "seed": 1, "folder": "data/01_raw/big"}
    with pytest.raises(OneclickError, match="change --params sample_customers"):
        kinds, given = {"sample_shop": SampleShop}, {"sample_customers": "abc"}
        check_values(conf, kinds, given, {"sample_shop": shop})


def test_a_mistake_in_a_file_names_the_file(conf):
    parameters = {"choice": {"rule": "dice", "effort": "quick"}}

    with pytest.raises(OneclickError) as caught:
        check_values(conf, {"choice": Choice}, {}, parameters)

    assert "choice.rule" in str(caught.value)
    assert "conf/base/data_science/parameters.yml" in str(caught.value)


def test_every_documented_name_is_known(conf):
    check_names(conf, dict.fromkeys(("raw", "snapshot", "budget", "effort", "campaign"), ""))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["segmentation", "--params", "budget=-1"], "Parameter campaign.budget: budget is -1 RUB"),
        (["segmentatoin"], "There is no pipeline 'segmentatoin' here. Did you mean segm"),
        (["what"], "There is no pipeline 'what' here. Choose from data_processing, "),
        (["overview"], "overview is the main job as kedro viz shows it. Run it: kedro run"),
        (["exploration", "--runner", "ThreadRunner"], "Steps share one connection to the engine"),
        (["exploration", "--async"], "Steps share one connection to the engine"),
        (
            ["data_processing", "--nodes", "check_profitt"],
            "There is no node 'check_profitt' here. Did you mean check_profit?",
        ),
        (
            ["data_processing", "--tags", "what"],
            "There is no tag 'what' here. Choose from data_processing.",
        ),
        (
            ["data_processing", "--to-outputs", "costumers"],
            "There is no dataset 'costumers' here. Did you mean customers",
        ),
        (
            ["data_processing", "--env", "what"],
            "There is no environment 'what' here. Choose from base, local, spark, warehouse.",
        ),
        (
            ["reporting", "--from-nodes", "write_summary"],
            "This run begins after chapter_campaign, chapter_card, ",
        ),
        (["segmentation", "--params", "snapshot=new"], "No earlier run has made "),
        (["scoring", "--params", "snapshot=new"], "There is no model in service in "),
    ],
)
def test_the_command_line_prints_and_records_one_message(own_project, arguments, expected):
    finished = run_kedro(own_project, "run", "--pipelines", *arguments)

    assert finished.returncode == 1
    message = finished.stderr.split("Error: ")[1].strip()
    assert message.startswith(expected)
    assert "Traceback" not in finished.stderr
    assert "pydantic" not in finished.stderr
    # And the refused run is among the others
    path = max((own_project / "data/runs").iterdir())
    record = json.loads(path.read_text(encoding="utf-8"))
    assert (record["status"], record["message"]) == ("refused", message)
    assert record["pipelines"] == arguments[:1]
    last = run_kedro(own_project, "runs").stdout.splitlines()[-1]
    assert last.split()[3] == arguments[0]
    assert " refused " in last


def test_a_value_that_no_customer_can_have_is_warned_of_by_offer_and_segment(conf):
    files = (
        "data_processing/parameters",
        "segmentation/parameters",
        "segmentation/parameters_offers",
    )
    parameters = {}
    for file in files:
        parameters |= yaml.safe_load((conf / f"base/{file}.yml").read_text(encoding="utf-8"))
    assert list(list_unknown_values(parameters)) == []

    # Given a shop whose best tier has another name
    tiers = parameters["cleaning"]["tables"]["behaviour"]["columns"]["service_tier"]["values"]
    tiers["gold"] = tiers.pop("премиум")
    only = [{"column": "service_tier", "one_of": ["стандарт", "premium"]}]
    parameters["segmentation"]["segments"].insert(0, {"key": "plain", "only": only})

    warnings = list(list_unknown_values(parameters))

    assert [warning.partition(", which no customer can have")[0] for warning in warnings] == [
        "The offer «premium_benefit» suits service_tier «премиум»",
        "The segment «plain» asks for service_tier «premium»",
    ]
    assert "know are стандарт, gold." in warnings[0]
