"""The main job on a small fabricated shop, as a user runs it."""

import json
import shlex
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from oneclick.sample.shop import write_shop
from tests.end_to_end.full_disk import load_project, message_of_writing, saved_outputs
from tests.end_to_end.shop import contents, make_project, run_kedro

pytestmark = pytest.mark.slow
CUSTOMERS = 300

# Notes which other machines a program asks for.
LISTENER = """
import sys
from pathlib import Path

def note(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        asked = arguments[1][0]
    elif event == "socket.getaddrinfo":
        asked = arguments[0]
    else:
        return
    with (Path(__file__).parent / "asked.txt").open("a") as file:
        print(asked, file=file)

sys.addaudithook(note)
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("exports") / "shop with spaces"
    write_shop(folder, CUSTOMERS, seed=1)
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory, shop) -> Path:
    project = make_project(tmp_path_factory.mktemp("project") / "oneclick")
    (project / "listener").mkdir()
    (project / "listener/sitecustomize.py").write_text(LISTENER)
    finished = run_kedro(
        *(project, "run", "--params", f"raw={shop},snapshot=2026-11,effort=quick"),
        PYTHONPATH=str(project / "listener"),
    )
    assert finished.returncode == 0, finished.stderr
    assert "Warning" not in finished.stderr, finished.stderr
    assert "leaked" not in finished.stderr, finished.stderr
    (project / "printed.txt").write_text(finished.stderr + finished.stdout)
    return project


@pytest.fixture
def results(project) -> Path:
    return project / "data/snapshots/2026-11"


def test_every_customer_is_in_the_register_or_among_the_rejected(results, shop):
    exported = set(pd.read_csv(shop / "market_file.csv")["id"])
    register = pd.read_parquet(results / "07_model_output/campaign_register.parquet")
    rejected = pd.read_parquet(results / "02_intermediate/rejected_rows.parquet")

    assert register.customer_id.is_unique
    assert set(register.customer_id) | set(rejected.customer_id) == exported
    assert set(register.customer_id) & set(rejected.customer_id) == set()


def test_customers_of_the_training_set_are_scored_out_of_fold(results):
    scores = pd.read_parquet(results / "07_model_output/decline_scores.parquet")
    customers = pd.read_parquet(results / "03_primary/customers.parquet")

    assert scores.customer_id.tolist() == customers.customer_id.tolist()
    assert scores.p_decline.between(0, 1).all()
    assert set(scores.score_source) == {"out_of_fold"}


def test_the_report_is_one_russian_file(results):
    report = (results / "08_reporting/report.html").read_text(encoding="utf-8")

    assert '<html lang="ru"' in report
    assert "http://" not in report.replace("http://www.w3.org", "")
    assert "https://" not in report


def test_no_other_machine_is_asked_for_anything(project):
    asked = project / "listener/asked.txt"
    others = set(asked.read_text().split()) if asked.exists() else set()

    assert others <= {"127.0.0.1", "::1", "localhost"}


def test_the_run_ends_with_a_summary(project):
    printed = (project / "printed.txt").read_text()

    for expected in ("customers", "ROC-AUC", "campaign", "report.html"):
        assert expected in printed.split("Snapshot 2026-11")[1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's always full device")
def test_a_full_disk_is_told_with_the_file_and_harms_nothing(project, results):
    before = contents(results)
    catalog, publishing = load_project(project, results.name)
    outputs = dict(saved_outputs(catalog))
    assert len(outputs) > 70

    told = {}
    for output, data in outputs.items():
        told[output] = message_of_writing(catalog, publishing, output, data)
        assert contents(results) == before, output

    wrong = {
        output: message
        for output, message in told.items()
        if not message.startswith(f"The disk is full: {output} (")
    }
    assert wrong == {}


def test_the_same_input_gives_the_same_bytes_on_a_russian_machine(project, shop, tmp_path):
    # Given a machine with decimal commas, another time zone and another order of sets
    russian = tmp_path / "ru_RU.UTF-8"
    if localedef := shutil.which("localedef"):
        subprocess.run([localedef, "-i", "ru_RU", "-f", "UTF-8", russian], check=False)
    elsewhere = {"LC_ALL": "ru_RU.UTF-8", "LOCPATH": str(tmp_path), "TZ": "Asia/Vladivostok"}
    first = contents(project / "data/snapshots/2026-11")

    # When it runs the same job
    again = run_kedro(
        *(project, "run", "--params", f"raw={shop},snapshot=2026-11,effort=quick"),
        **elsewhere,
        PYTHONHASHSEED="7",
    )

    # Then every file is the same
    assert again.returncode == 0, again.stderr
    second = contents(project / "data/snapshots/2026-11")
    assert second.keys() == first.keys()
    assert [name for name in first if first[name] != second[name]] == []
    if not russian.exists():
        pytest.skip("the same bytes, but no ru_RU here: apt-get install locales")


@pytest.mark.parametrize("stage", ["exploration", "segmentation", "reporting"])
def test_a_stage_alone_works_on_what_was_saved(project, stage):
    before = contents(project / "data/snapshots/2026-11")

    finished = run_kedro(project, "run", "--pipeline", stage, "--params", "snapshot=2026-11")

    assert finished.returncode == 0, finished.stderr
    assert contents(project / "data/snapshots/2026-11") == before


MIXTURES = {
    # What is asked for after tables were read anew, and what is to be made anew
    "reporting": "exploration,data_science,segmentation,reporting",
    "segmentation": "data_science,segmentation",
    "data_processing,segmentation": "data_processing,data_science,segmentation",
}


def test_what_does_not_belong_together_is_not_mixed(project, shop, tmp_path):
    # Given a campaign that goes out within a budget, and tables that were read anew after it
    mine = tmp_path / "mine"
    shutil.copytree(project, mine, symlinks=True, ignore=shutil.ignore_patterns("listener"))
    decided = "snapshot=2026-11,starts_on=2026-12-01,budget=900"
    campaign = run_kedro(mine, "run", "--pipelines", "segmentation", "--params", decided)
    cleaning = f"raw={shop},snapshot=2026-11"
    read = run_kedro(mine, "run", "--pipeline", "data_processing", "--params", cleaning)
    assert campaign.returncode == read.returncode == 0, campaign.stderr + read.stderr
    for told in ("campaign    older than customers: ", "report.html (older than "):
        assert told in read.stderr
    results = mine / "data/snapshots/2026-11"
    before = contents(results)

    # When runs go on from what is left of before
    for asked, stages in MIXTURES.items():
        wanted = f"{cleaning},starts_on=2026-12-02,effort=quick"
        refused = run_kedro(mine, "run", "--pipelines", asked, "--params", wanted)

        # Then each is refused, with the command that makes all of it anew as it was asked for
        assert refused.returncode == 1
        assert "are older than customers. Make all of them anew: " in refused.stderr
        params = f"starts_on=2026-12-02,budget=900,raw={shop},snapshot=2026-11,effort=quick"
        assert f"kedro run --pipelines {stages} --params '{params}'" in refused.stderr
    assert contents(results) == before

    # And the command that the reading ended with makes them anew as they were decided
    command = shlex.split(read.stderr.split("make anew   kedro ")[1].splitlines()[0])
    assert command[-1] == "starts_on=2026-12-01,budget=900,snapshot=2026-11"
    again = run_kedro(mine, *command[:-1], f"{command[-1]},effort=quick")
    assert again.returncode == 0, again.stderr
    assert "older than" not in again.stderr
    assert "within a budget of 900 RUB" in again.stderr


def test_a_report_mixes_no_languages(project, tmp_path):
    mine = tmp_path / "mine"
    shutil.copytree(project, mine, symlinks=True, ignore=shutil.ignore_patterns("listener"))
    english = "snapshot=2026-11,language=en"

    # Given Russian charts of the exploration, and then letters in English
    refused = run_kedro(mine, "run", "--pipelines", "segmentation,reporting", "--params", english)
    letters = run_kedro(mine, "run", "--pipelines", "segmentation", "--params", english)
    also_refused = run_kedro(
        mine, "run", "--pipelines", "exploration,reporting", "--params", "snapshot=2026-11"
    )
    # And a budget that the next run forgets
    forgotten = run_kedro(mine, "run", "--pipeline", "segmentation", "--params", "snapshot=2026-11")

    assert letters.returncode == forgotten.returncode == 0, letters.stderr + forgotten.stderr
    for finished, language in ((refused, "ru"), (also_refused, "en")):
        assert finished.returncode == 1
        assert f"were made with language={language}" in finished.stderr
    anew = f"--pipelines exploration,segmentation,reporting --params {english}"
    assert anew in refused.stderr
    assert "The campaign before had language=en, this one has ru" in forgotten.stderr


def test_segmentation_before_training_says_what_to_run(project):
    finished = run_kedro(project, "run", "--pipeline", "segmentation", "--params", "snapshot=new")

    assert finished.returncode == 1
    assert "Run first: kedro run" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_the_model_in_service_is_the_last_one_trained(project):
    info = json.loads((project / "data/06_models/model_info.json").read_text(encoding="utf-8"))

    assert info["snapshot"] == "2026-11"
    assert run_kedro(project, "use").stdout == "2026-11  in service\n"


def test_without_any_model_it_is_said_how_to_get_one(tmp_path):
    listed = run_kedro(make_project(tmp_path / "new"), "use")

    assert listed.stdout == "No snapshot has a model yet. Train one: kedro run\n"


def without_file(shop: Path) -> None:
    (shop / "money.csv").unlink()


def empty_file(shop: Path) -> None:
    (shop / "market_time.csv").write_text("")


def without_column(shop: Path) -> None:
    table = pd.read_csv(shop / "market_file.csv", dtype=str)
    table.drop(columns="Страниц_за_визит").to_csv(shop / "market_file.csv", index=False)


def unknown_periods(shop: Path) -> None:
    table = pd.read_csv(shop / "market_money.csv", dtype=str)
    table.assign(Период="май").to_csv(shop / "market_money.csv", index=False)


def text_for_numbers(shop: Path) -> None:
    table = pd.read_csv(shop / "market_file.csv", dtype=str)
    table.assign(Длительность="давно").to_csv(shop / "market_file.csv", index=False)


def one_class(shop: Path) -> None:
    table = pd.read_csv(shop / "market_file.csv", dtype=str)
    table.assign(**{"Покупательская активность": "Снизилась"}).to_csv(
        shop / "market_file.csv", index=False
    )


def few_customers(shop: Path) -> None:
    write_shop(shop, 60, seed=1)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (without_file, ["money", "missing"]),
        (empty_file, ["market_time.csv", "empty"]),
        (without_column, ["market_file.csv", "Страниц_за_визит"]),
        (unknown_periods, ["market_money", "period", "'май'", "текущий_месяц"]),
        (text_for_numbers, ["market_file", "days_since_registration", "'давно'"]),
        (one_class, ["market_file", "Покупательская активность", "«Снизилась»"]),
        (few_customers, ["100"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_bad_input_ends_in_one_message_and_harms_nothing(project, shop, tmp_path, spoil, expected):
    spoilt = tmp_path / "shop"
    shutil.copytree(shop, spoilt)
    spoil(spoilt)
    before = contents(project / "data/snapshots/2026-11")

    finished = run_kedro(project, "run", "--params", f"raw={spoilt},snapshot=2026-11,effort=quick")

    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    message = finished.stderr.split("Error: ")[1]
    assert all(word in message for word in expected), message
    assert contents(project / "data/snapshots/2026-11") == before
