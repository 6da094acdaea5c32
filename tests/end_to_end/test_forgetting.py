"""A customer asks to be erased: their rows leave every result, and all others stay as they were."""

import fcntl
import json
import re
import shutil
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from oneclick.sample.shop import write_shop
from tests.end_to_end.shop import contents, make_project, run_kedro

pytestmark = pytest.mark.slow
MONTH, NEXT = "2026-10", "2026-11"
# They hold training customers without ids; all who are forgotten but one were trained on.
NAMELESS = ("model_background", "explanation_points", "worked_examples")
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
        file.write("400007;99\r\n№400008;1\r\n")
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
    training = pd.read_parquet(results / "05_model_input/training_set.parquet")
    examples = pd.read_parquet(results / "08_reporting/worked_examples.parquet")
    safe = examples[examples["example"] == "safe"].set_index("feature")
    figures = [safe.loc[name, "value"] for name in ("revenue_current", "revenue_previous")]
    theirs = training[(training[["revenue_current", "revenue_previous"]] == figures).all(axis=1)]
    return {
        "contacted": int(register.loc[register.contacted, "customer_id"].iloc[3]),
        "control": int(register.loc[register.arm == "control", "customer_id"].iloc[0]),
        "example": int(theirs["customer_id"].item()),
        "conflicting": 400007,
        "unreadable": 400008,
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
    if path.suffix == ".xlsx":
        with ZipFile(path) as book:
            text = " ".join(book.read(name).decode() for name in book.namelist())
        return set(re.findall(r"[\w.]+", text))
    return set(re.findall(r"[\w.]+", path.read_text(encoding="utf-8")))


def test_no_file_holds_the_ids(before, after, forgotten):
    def holding(project: Path, number: int) -> list[str]:
        files = kept_files(project).items()
        return [
            name
            for name, path in files
            if path.suffix != ".skops" and str(number) in words_in(path)
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
    ids = list(forgotten.values())

    assert set(old) == set(new)
    for name, path in old.items():
        if path.read_bytes() == new[name].read_bytes():
            continue
        if path.suffix == ".parquet":
            tables = pq.read_table(path), pq.read_table(new[name])
            assert tables[1].schema.equals(tables[0].schema, check_metadata=True)
            assert_rows_are_kept(path.stem, *tables, ids)
        elif path.suffix == ".csv":
            lines = [file.read_bytes().splitlines(keepends=True) for file in (path, new[name])]
            theirs = tuple(str(number).encode() for number in ids)
            assert lines[1] == [line for line in lines[0] if not line.startswith(theirs)]
        elif path.suffix == ".xlsx":
            assert_sheets_are_kept(path, new[name], ids)
        else:  # quotes an unreadable id
            quoted = path.read_text(encoding="utf-8").replace(str(forgotten["unreadable"]), "…")
            assert path.name == "data_quality.json"
            assert new[name].read_text(encoding="utf-8") == quoted


def assert_rows_are_kept(name: str, old: pa.Table, new: pa.Table, ids: list[int]) -> None:
    rows = old.to_pandas()
    if name in NAMELESS:
        kept, whole = new.to_pandas().astype("str"), rows.astype("str")
        gone = {"model_background": 4, "explanation_points": 4 * 15, "worked_examples": 15}[name]
        assert len(whole) - len(kept) == gone
        assert pd.concat([kept, whole]).drop_duplicates(keep=False).shape[0] == gone
        return
    quoting = rows.get("faults", rows.get("value", pd.Series("", rows.index))).str.contains("№")
    theirs = rows["customer_id"].isin(ids) | quoting.fillna(False).astype(bool)
    assert new.equals(old.filter(pa.array(~theirs)))


def assert_sheets_are_kept(old: Path, new: Path, ids: list[int]) -> None:
    books = [openpyxl.load_workbook(path) for path in (old, new)]
    for before, after in zip(*books, strict=True):
        rows, kept = ([row for row in sheet.values if any(row)] for sheet in (before, after))
        assert kept == [row for row in rows if row[0] not in ids]
    texts = [ZipFile(path).read("xl/sharedStrings.xml").decode() for path in (old, new)]
    values = {
        cell for book in (books[1],) for sheet in book for row in sheet.values for cell in row
    }
    left = {re.sub("<.*?>", "", si) for si in re.findall("<si>.*?</si>", texts[1])}
    assert len(left) - 1 <= len(values)


def test_it_says_what_it_did_and_what_it_could_not(after, forgotten):
    printed = (after / "printed.txt").read_text(encoding="utf-8")

    for month in (MONTH, NEXT):
        assert re.search(rf"^{month}: \d\d files changed, \d+ rows removed$", printed, re.M)
    assert f"the model of {MONTH}, which holds rows" in printed
    assert "exports" in printed and "stop list" in printed and "backups" in printed
    assert set(re.findall(r"\b4\d{5}\b", printed)) == set()


def test_the_model_in_service_lost_its_customers_too(after, forgotten):
    scores = pd.read_parquet(after / "data/06_models/training_scores.parquet")

    assert not scores["customer_id"].isin(forgotten.values()).any()


def test_to_repeat_it_is_harmless(after, forgotten):
    files = contents(after / "data")

    printed = forget(after, *forgotten.values())

    assert contents(after / "data") == files
    assert printed.count(": 0 files changed, 0 rows removed") == 2
    assert f"Found nowhere: {', '.join(map(str, forgotten.values()))}" in printed


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
