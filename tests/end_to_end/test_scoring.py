"""A new month with the model in service, as a user scores it."""

import json
import shutil
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest

from oneclick.sample.shop import write_shop
from tests.end_to_end.shop import contents, make_project, run_kedro

pytestmark = pytest.mark.slow
STATUS = "Покупательская активность"


@pytest.fixture(scope="module")
def shops(tmp_path_factory) -> dict[str, Path]:
    """The month of training, the next one without and with status, and a strange one."""
    folder = tmp_path_factory.mktemp("exports")
    shops = {name: folder / name for name in ("trained", "labelled", "new", "strange")}
    write_shop(shops["trained"], 400, seed=1)
    write_shop(shops["labelled"], 400, seed=2)
    for name in ("new", "strange"):
        shutil.copytree(shops["labelled"], shops[name])
    edit(shops["new"] / "market_file.csv", lambda table: table.drop(columns=STATUS))
    edit(shops["strange"] / "market_file.csv", browse_twice_as_much)
    return shops


def edit(path: Path, change) -> None:
    change(pd.read_csv(path, dtype=str)).to_csv(path, index=False)


def browse_twice_as_much(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(Страниц_за_визит=table["Страниц_за_визит"].astype(float) * 2)


@pytest.fixture(scope="module")
def project(tmp_path_factory, shops) -> Path:
    project = make_project(tmp_path_factory.mktemp("project") / "oneclick")
    few = "candidates: {logistic: {estimator: sklearn.linear_model.LogisticRegression, "
    few += "parameters: {max_iter: 1000}, search: {C: [0.1]}, explainable: exact, complexity: 1}}"
    (project / "conf/local").mkdir(exist_ok=True)
    (project / "conf/local/parameters.yml").write_text(few + "\n")
    finished = run_kedro(
        *(project, "run", "--pipelines", "data_processing,data_science"),
        *("--params", f"raw={shops['trained']},snapshot=trained,effort=quick"),
    )
    assert finished.returncode == 0, finished.stderr
    return project


def score(project: Path, shop: Path, snapshot: str) -> Path:
    finished = run_kedro(
        *(project, "run", "--pipeline", "scoring"),
        *("--params", f"raw={shop},snapshot={snapshot},effort=quick"),
    )
    assert finished.returncode == 0, finished.stderr
    (project / "printed.txt").write_text(finished.stderr, encoding="utf-8")
    return project / "data/snapshots" / snapshot


def read_json(results: Path, name: str) -> dict:
    return json.loads((results / f"08_reporting/{name}.json").read_text(encoding="utf-8"))


def read_scores(results: Path) -> pd.DataFrame:
    return pd.read_parquet(results / "07_model_output/decline_scores.parquet")


def test_a_month_without_status_gets_scores_reasons_and_a_campaign(project, shops):
    results = score(project, shops["new"], "new")

    customers = pd.read_parquet(results / "03_primary/customers.parquet")
    register = pd.read_parquet(results / "07_model_output/campaign_register.parquet")
    reasons = pd.read_parquet(results / "07_model_output/decline_reasons.parquet")
    scores = read_scores(results)
    assert customers["declined"].isna().all()
    trained = read_scores(project / "data/snapshots/trained")["customer_id"]
    seen = scores["customer_id"].isin(trained)
    assert set(scores.loc[seen, "score_source"]) == {"in_sample"}
    assert set(scores.loc[~seen, "score_source"]) <= {"model"}
    assert scores["p_decline"].between(0, 1).all()
    for table in (scores, reasons, register):
        assert set(table["customer_id"]) == set(customers["customer_id"])
    assert register["message"].notna().any()
    nobody = {"customers": 0, "declined": 0}
    assert read_json(results, "realised_decline") == {"unseen": nobody, "seen": nobody}
    # And customers of the same kind are not said to have changed
    assert not read_json(results, "drift_summary")["retrain"]
    record = json.loads(sorted((project / "data/runs").glob("*.json"))[-1].read_text())
    assert record["model"]["trained_on"] == "trained"
    # And the model was read from the run that made it, whatever is put in service meanwhile
    folder, name = record["inputs"]["service_model"]["path"].split("/06_models/")
    assert folder.startswith("data/snapshots/.runs/trained/")
    assert name == "decline_model.skops"


def test_a_known_status_tells_how_the_model_did_and_changes_no_score(project, shops):
    results = score(project, shops["labelled"], "labelled")

    outcome = read_json(results, "realised_decline")
    realised = outcome["seen"]
    unlabelled = read_scores(project / "data/snapshots/new")
    pd.testing.assert_frame_equal(read_scores(results), unlabelled)
    assert realised["customers"] + outcome["unseen"]["customers"] == len(unlabelled)
    assert 0.6 < realised["roc_auc"]["low"] < realised["roc_auc"]["value"] < 1
    assert realised["observed"]["value"] == realised["declined"] / realised["customers"]
    # And the run ends with the model, whether it still fits, and how it did
    summary = (project / "printed.txt").read_text(encoding="utf-8").split("Snapshot labelled")[1]
    for told in (
        "model       logistic of snapshot trained, trained 0 days ago, ROC-AUC 0.",
        "no need to train again",
        "flattering, of customers seen in training "
        f"{realised['declined']} of {realised['customers']} have declined",
    ):
        assert told in summary


def test_a_month_that_was_scored_has_no_report_of_another_model(project, shops):
    # Given a month with a model of its own that was scored by that of another month
    results = score(project, shops["trained"], "trained")
    for name, key in (("drift_summary", "model_snapshot"), ("scored_by", "snapshot")):
        path = results / f"08_reporting/{name}.json"
        told = json.loads(path.read_text(encoding="utf-8")) | {key: "another"}
        path.write_text(json.dumps(told), encoding="utf-8")
    before = contents(results)

    report = ("run", "--pipelines", "exploration,reporting", "--params", "snapshot=trained")
    finished = run_kedro(project, *report)

    assert finished.returncode == 1
    assert "The scores of trained are by the model of another" in finished.stderr
    assert contents(results) == before


def test_letters_that_may_be_out_are_not_replaced_by_a_what_if(project, shops):
    # Given a campaign that has a start
    dates = "snapshot=dated,effort=quick,starts_on=2026-12-01"
    scoring = ("run", "--pipeline", "scoring", "--params", f"raw={shops['labelled']},{dates}")
    assert run_kedro(project, *scoring).returncode == 0
    results = project / "data/snapshots/dated"
    before = contents(results)

    # When another budget is tried, and then the campaign made anew on purpose
    what_if = ("run", "--pipeline", "segmentation", "--params", "snapshot=dated,budget=100")
    refused = run_kedro(project, *what_if)
    unchanged = contents(results) == before
    anew = run_kedro(project, *what_if[:-1], f"{what_if[-1]},starts_on=2026-12-02")

    # Then only the latter replaces the register
    assert refused.returncode == 1
    assert "starts on 2026-12-01" in refused.stderr
    assert unchanged
    assert anew.returncode == 0, anew.stderr
    register = pd.read_parquet(results / "07_model_output/campaign_register.parquet")
    assert set(register.valid_from.dropna().astype(str)) == {"2026-12-02"}


def test_customers_of_the_training_snapshot_keep_their_honest_scores(project, shops):
    trained = project / "data/snapshots/trained"
    before = read_scores(trained)
    assert set(before["score_source"]) == {"out_of_fold"}

    score(project, shops["trained"], "trained")

    pd.testing.assert_frame_equal(read_scores(trained), before)


def test_a_shifted_column_is_told_in_a_sentence(project, shops):
    results = score(project, shops["strange"], "strange")

    drift = read_json(results, "drift_summary")
    assert "pages_per_visit" in drift["moved"]
    assert drift["retrain"]
    assert any("Pages per visit" in text for text in drift["sentences"]["en"])


def truncated(project: Path) -> None:
    model = project / "data/06_models/decline_model.skops"
    content = model.read_bytes()
    model.unlink()  # results of a run may share the file
    model.write_bytes(content[: len(content) // 2])


def with_a_type_that_runs_code(project: Path) -> None:
    model = project / "data/06_models/decline_model.skops"
    with ZipFile(model) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    schema = json.loads(entries["schema.json"])
    schema |= {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode"}
    schema["content"] = {"module_path": "os", "function": "system"}
    entries["schema.json"] = json.dumps(schema).encode()
    model.unlink()
    with ZipFile(model, "w") as forged:
        for name, content in entries.items():
            forged.writestr(name, content)


def made_for_other_features(project: Path) -> None:
    path = project / "conf/base/data_science/parameters.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    - service_errors\n", ""), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (truncated, ["decline_model.skops", "is no model file"]),
        (with_a_type_that_runs_code, ["decline_model.skops", "nobody has reviewed", "system"]),
        (made_for_other_features, ["other features", "'trained'", "Train again"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_model_that_cannot_be_trusted_is_refused(project, shops, tmp_path, spoil, expected):
    spoilt = tmp_path / "oneclick"
    shutil.copytree(project, spoilt, symlinks=True)
    spoil(spoilt)
    before = contents(spoilt / "data/snapshots/trained")

    finished = run_kedro(
        *(spoilt, "run", "--pipeline", "scoring"),
        *("--params", f"raw={shops['new']},snapshot=refused"),
    )

    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    message = finished.stderr.split("Error: ")[1]
    assert all(words in message for words in expected), message
    assert not (spoilt / "data/snapshots/refused").exists()
    assert contents(spoilt / "data/snapshots/trained") == before
    assert "failed at take_model" in run_kedro(spoilt, "runs").stdout


def test_without_a_model_it_says_how_to_get_one(shops, tmp_path):
    project = make_project(tmp_path / "oneclick")

    finished = run_kedro(
        project, "run", "--pipeline", "scoring", "--params", f"raw={shops['new']},snapshot=new"
    )

    assert finished.returncode == 1
    assert "There is no model in service" in finished.stderr
    assert "Train one on a month" in finished.stderr


def test_another_machine_gives_the_same_bytes(project, shops):
    # Given the results of this machine's locale, and tables whose rows stand in another order
    first = contents(score(project, shops["labelled"], "labelled"))
    shuffled = shops["labelled"].with_name("shuffled")
    shutil.copytree(shops["labelled"], shuffled)
    for name in ("market_file", "market_money", "market_time"):
        edit(shuffled / f"{name}.csv", lambda table: table.sample(frac=1, random_state=1))

    # When a machine of another time zone and order of sets, whose programs take files for ASCII
    # unless told otherwise, scores them
    elsewhere = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    elsewhere |= {"TZ": "Asia/Vladivostok", "PYTHONHASHSEED": "7"}
    finished = run_kedro(
        *(project, "run", "--pipeline", "scoring"),
        *("--params", f"raw={shuffled},snapshot=labelled,effort=quick"),
        **elsewhere,
    )

    # Then only the lines that rejected rows stood in differ
    assert finished.returncode == 0, finished.stderr
    second = contents(project / "data/snapshots/labelled")
    assert second.keys() == first.keys()
    assert {name for name in first if first[name] != second[name]} <= {
        f"02_intermediate/{name}.parquet"
        for name in ("behaviour", "revenue", "time_on_site", "joined_customers", "rejected_rows")
    }
