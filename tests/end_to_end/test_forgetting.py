"""A customer asks to be erased: their rows leave every result, and all others stay as they were."""

import fcntl
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from oneclick.sample.shop import write_shop
from tests.end_to_end.shop import contents, make_project, run_kedro

pytestmark = pytest.mark.slow
MONTH, NEXT = "2026-10", "2026-11"
LISTS = ("campaign_excel.csv", "campaign_crm.csv", "campaign.xlsx")
CANDIDATE = (
    "candidates: {svc: {estimator: sklearn.svm.SVC, parameters: {kernel: linear}, "
    "search: {C: [0.1]}, explainable: exact, complexity: 1}}\n"
)


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    """A project with two months: trained, read out and segmented anew; then scored."""
    exports = tmp_path_factory.mktemp("exports")
    for name, seed in {MONTH: 1, NEXT: 2}.items():
        write_shop(exports / name, 400, seed=seed)
    with (exports / MONTH / "money.csv").open("a", encoding="utf-8") as file:
        file.write("400007;99\r\n")
    project = make_project(tmp_path_factory.mktemp("project") / "oneclick")
    (project / "conf/local").mkdir(exist_ok=True)
    (project / "conf/local/parameters.yml").write_text(CANDIDATE)
    run(project, "--params", f"raw={exports / MONTH},snapshot={MONTH},effort=quick")
    params = f"snapshot={MONTH},outcome_raw={exports / NEXT}"
    run(project, "--pipeline", "readout", "--params", params)
    run(project, "--pipeline", "segmentation", "--params", f"snapshot={MONTH}")
    params = f"raw={exports / NEXT},snapshot={NEXT},effort=quick"
    run(project, "--pipeline", "scoring", "--params", params)
    return project


@pytest.fixture(scope="module")
def forgotten(before) -> dict[str, int]:
    results = before / "data/snapshots" / MONTH
    register = pd.read_parquet(results / "07_model_output/campaign_register.parquet")
    return {
        "contacted": int(register.loc[register.contacted, "customer_id"].iloc[3]),
        "control": int(register.loc[register.arm == "control", "customer_id"].iloc[0]),
        "conflicting": 400007,
    }


@pytest.fixture(scope="module")
def after(before, forgotten) -> Path:
    project = before.with_name("forgotten")
    shutil.copytree(before, project, symlinks=True)
    printed = forget(project, *forgotten.values())
    (project / "printed.txt").write_text(printed, encoding="utf-8")
    return project


def run(project: Path, *arguments: str) -> None:
    finished = run_kedro(project, "run", *arguments)
    assert finished.returncode == 0, finished.stderr


def forget(project: Path, *ids: int) -> str:
    finished = run_kedro(project, "forget", *map(str, ids))
    assert (finished.returncode, finished.stderr) == (0, "")
    return finished.stdout


def kept_files(project: Path) -> dict[str, Path]:
    """Every file of every run that is kept, and the records."""
    data = project / "data"
    files = [path for path in (*data.rglob(".runs/**/*"), *data.glob("runs/*")) if path.is_file()]
    return {str(path.relative_to(data)): path for path in files}


def words_in(path: Path) -> set[str]:
    """Every cell of a table and every word of a text."""
    if path.suffix == ".parquet":
        cells = {str(cell) for column in pq.read_table(path).columns for cell in column.to_pylist()}
        return cells | {word for cell in cells for word in re.findall(r"\d+", cell)}
    return set(re.findall(r"[\w.]+", path.read_text(encoding="utf-8")))


def test_no_file_holds_the_ids(before, after, forgotten):
    def holding(project: Path, number: int) -> list[str]:
        files = kept_files(project).items()
        return [
            name
            for name, path in files
            if path.suffix not in (".skops", ".xlsx") and str(number) in words_in(path)
        ]

    for kind, number in forgotten.items():
        assert len(holding(before, number)) > 5, kind
        assert holding(after, number) == [], kind


def test_counts_of_faults_never_quote_an_id_that_can_be_read(before, forgotten):
    quality = before / f"data/snapshots/{MONTH}/08_reporting/data_quality.json"
    rejected = json.loads(quality.read_text(encoding="utf-8"))["rejected"]
    examples = {row["reason"]: row["example"] for row in rejected}

    assert examples["conflicting_duplicate"] == ""
    assert str(forgotten["conflicting"]) not in words_in(quality)


def test_all_other_rows_are_as_they_were(before, after, forgotten):
    old, new = kept_files(before), kept_files(after)
    theirs = pa.array(forgotten.values())

    assert {name.rpartition("/")[2] for name in set(old) - set(new)} == {*LISTS}
    for name, path in new.items():
        if path.read_bytes() != old[name].read_bytes():
            tables = pq.read_table(old[name]), pq.read_table(path)
            assert tables[1].schema.equals(tables[0].schema, check_metadata=True)
            kept = pc.invert(pc.is_in(tables[0]["customer_id"], theirs))
            assert tables[1].equals(tables[0].filter(kept))


def test_it_says_what_it_did_and_what_it_could_not(after, forgotten):
    printed = (after / "printed.txt").read_text(encoding="utf-8")

    for month in (MONTH, NEXT):
        assert re.search(rf"^{month}: removed \d+ rows, campaign", printed, re.M)
    assert f"the model of {MONTH}" in printed
    assert "exports" in printed and "stop list" in printed and "backups" in printed
    assert set(re.findall(r"\b4\d{5}\b", printed)) == set()


def test_the_model_in_service_lost_its_customers_too(after, forgotten):
    scores = pd.read_parquet(after / "data/06_models/training_scores.parquet")

    assert not scores["customer_id"].isin(forgotten.values()).any()


def test_to_repeat_it_is_harmless(after, forgotten):
    files = contents(after / "data")

    printed = forget(after, *forgotten.values())

    assert contents(after / "data") == files
    assert printed.count(": removed 0 rows\n") == 2


def test_nothing_changes_while_a_run_is_writing_or_for_a_wrong_id(before, forgotten):
    files = contents(before / "data")
    with (before / f"data/snapshots/.runs/{NEXT}/.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        locked = run_kedro(before, "forget", str(forgotten["contacted"]))
    wrong = run_kedro(before, "forget", str(forgotten["contacted"]), "4 00")

    assert (locked.returncode, wrong.returncode) == (1, 1)
    assert f"Error: Another run is writing the snapshot '{NEXT}' right now" in locked.stderr
    assert "Error: '4 00' is no customer's id" in wrong.stderr
    assert contents(before / "data") == files


def test_later_runs_work_and_do_not_bring_the_customers_back(after, forgotten, tmp_path):
    project = tmp_path / "later"
    shutil.copytree(after, project, symlinks=True)

    run(project, "--pipeline", "segmentation", "--params", f"snapshot={MONTH}")
    run(project, "--pipeline", "reporting", "--params", f"snapshot={MONTH}")

    register = project / f"data/snapshots/{MONTH}/07_model_output/campaign_register.parquet"
    assert not pd.read_parquet(register)["customer_id"].isin(forgotten.values()).any()
