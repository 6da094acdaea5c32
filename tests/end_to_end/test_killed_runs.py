"""Runs that are killed, or fail while they publish, leave the earlier results as they were."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from oneclick.errors import explain
from oneclick.publishing import Publication
from oneclick.sample.shop import write_shop
from tests.end_to_end.shop import contents, make_project, run_kedro

KILLS = int(os.environ.get("ONECLICK_KILLS", "4"))


@pytest.fixture(scope="module")
def shops(tmp_path_factory) -> list[Path]:
    """Two months of exports, so that old and new results differ."""
    folders = [tmp_path_factory.mktemp("shop") for _ in range(2)]
    for seed, folder in enumerate(folders):
        write_shop(folder, 300, seed=seed)
    return folders


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    return make_project(tmp_path_factory.mktemp("project") / "oneclick")


def cleaning(shop: Path, snapshot: str) -> list[str]:
    return ["run", "--pipelines", "data_processing", "--params", f"raw={shop},snapshot={snapshot}"]


def succeeds(project: Path, arguments: list[str]) -> dict[str, bytes]:
    finished = run_kedro(project, *arguments)
    assert finished.returncode == 0, finished.stderr
    return contents(project / "data/snapshots" / arguments[-1].partition("snapshot=")[2])


@pytest.mark.slow
def test_runs_killed_at_any_moment_leave_old_or_new_results_whole(project, shops):
    # Given the results of either month
    began = time.monotonic()
    whole = [succeeds(project, cleaning(shop, f"month{at}")) for at, shop in enumerate(shops)]
    seconds = (time.monotonic() - began) / 2
    assert whole[0] != whole[1]
    published = project / "data/snapshots/month0"
    staging = project / "data/snapshots/.runs/month0"
    records = project / "data/runs"
    moments = np.random.default_rng(5)
    cut_short = 0

    for kill in range(KILLS):
        # When a run of the other month, which publishes under the first one's name, is killed
        before = contents(published)
        other = shops[1] if before == whole[0] else shops[0]
        left = set(records.glob("*.json"))
        running = subprocess.Popen(
            [sys.executable, "-m", "kedro", *cleaning(other, "month0")],
            cwd=project,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while running.poll() is None and set(records.glob("*.json")) <= left:
            time.sleep(0.005)
        if kill:  # the first is killed at once; some of the others finish before
            time.sleep(moments.uniform(0, 0.7 * seconds))
        running.send_signal(signal.SIGKILL)
        cut_short += running.wait() == -signal.SIGKILL

        # Then everything is as before, or everything is new
        after = contents(published)
        assert after in whole, f"kill {kill}"

    assert cut_short > 0
    # And the next run succeeds and clears what the killed ones left
    assert succeeds(project, cleaning(shops[0], "month0")) == whole[0]
    assert list(staging.glob("*.unfinished")) == []
    assert "unfinished" in run_kedro(project, "runs").stdout


PUBLISH = """
import os, signal, sys
from pathlib import Path
from oneclick.publishing import Publication

published, die_at = Path(sys.argv[1]), int(sys.argv[2])
calls = 0

def step(event, arguments):
    global calls
    if event in ("os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.mkdir"):
        calls += 1
        if calls == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

publication = Publication(published, sys.argv[3])
publication.begin()
(publication.staging / "06_models").mkdir()
(publication.staging / "a").write_text("new")
(publication.staging / "06_models/model").write_text("new")
sys.addaudithook(step)
publication.publish(models_link=published.parent / "models")
"""


def publish(published: Path, die_at: int, run_id: str) -> int:
    command = [sys.executable, "-c", PUBLISH, str(published), str(die_at), run_id]
    environment = {**os.environ, "PYTHONPATH": "src"}
    return subprocess.run(command, env=environment, check=False).returncode


@pytest.mark.parametrize("earlier", [["12", "12"], ["11"], ["12", "11"]], ids=" then ".join)
def test_a_kill_between_any_two_steps_of_publishing_shows_no_mixture(tmp_path, earlier):
    seen = []
    for die_at in range(1, 100):
        # Given runs of these months, the last of which has its model in service
        published = tmp_path / str(die_at) / "12"
        model = published.parent / "models/model"
        for run, month in enumerate(earlier):
            publication = Publication(published.with_name(month), f"run-{run}")
            publication.begin()
            for name in ("06_models/model", "a", "kept"):
                path = publication.staging / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(f"of {month}")
            publication.publish(models_link=published.parent / "models")
        before = (contents(published), model.read_text())

        # When the process dies at one of the steps of publishing a month
        died = publish(published, die_at, "run-2") == -signal.SIGKILL

        # Then its results and the model in service are both the old or both the new ones
        new = {**before[0], "06_models/model": b"new", "a": b"new"}
        seen.append((contents(published), model.read_text()))
        assert seen[-1] in (before, (new, "new"))
        # And the next run publishes
        assert publish(published, 0, "run-3") == 0
        assert (contents(published), model.read_text()) == (new, "new")
        if not died:
            break
    assert before in seen
    assert (new, "new") in seen
    assert not died


def test_months_that_end_in_the_same_moment_are_all_shown(tmp_path):
    # Given runs of six months
    months = [tmp_path / f"snapshots/{month}" for month in range(6)]

    # When all of them publish at once
    command = [sys.executable, "-c", PUBLISH]
    environment = {**os.environ, "PYTHONPATH": "src"}
    running = [
        subprocess.Popen([*command, str(month), "0", f"run-{month.name}"], env=environment)
        for month in months
    ]

    # Then each is there, and one of their models is in service
    assert [process.wait() for process in running] == [0] * 6
    assert all(contents(month) == {"06_models/model": b"new", "a": b"new"} for month in months)
    assert (tmp_path / "snapshots/models/model").read_text() == "new"


@pytest.mark.slow
def test_a_disk_that_fills_up_while_publishing_harms_nothing(project, shops, monkeypatch):
    def fail(folder: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = succeeds(project, cleaning(shops[0], "full"))
    monkeypatch.setattr("oneclick.publishing.flush", fail)
    given = {"raw": str(shops[0]), "snapshot": "full"}
    bootstrap_project(project)

    with (
        KedroSession.create(project, runtime_params=given) as session,
        pytest.raises(OSError, match="No space left") as caught,
    ):
        session.run(pipeline_names=["data_processing"])

    assert "The disk is full" in explain(caught.value)
    assert contents(project / "data/snapshots/full") == before
    record = json.loads(sorted((project / "data/runs").glob("*.json"))[-1].read_text())
    assert record["status"] == "failed"
    assert "The disk is full" in record["message"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_clears_up_and_is_recorded(project, shops, number):
    # Given a run that is at work
    name = f"stopped{number}"
    staging = project / "data/snapshots/.runs" / name
    running = subprocess.Popen(
        [sys.executable, "-m", "kedro", *cleaning(shops[0], name)],
        cwd=project, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "src"},
    )  # fmt: skip
    while not list(staging.glob("*.unfinished/*")):
        assert running.poll() is None
        time.sleep(0.05)

    # When it is stopped
    running.send_signal(number)
    _, told = running.communicate()

    # Then it says so, leaves nothing, and its record tells why
    assert running.returncode == 1
    assert "Error: Interrupted." in told and "Traceback" not in told
    assert [path for path in staging.iterdir() if path.is_dir()] == []
    record = json.loads(max((project / "data/runs").glob("*.json")).read_text(encoding="utf-8"))
    assert (record["snapshot"], record["status"]) == (name, "failed")
    assert record["message"].startswith("Interrupted.")


@pytest.mark.slow
def test_a_second_run_of_a_snapshot_is_refused_while_one_runs(project, shops):
    published = project / "data/snapshots/busy"
    first = Publication(published, "run-1")
    first.begin()

    refused = run_kedro(project, *cleaning(shops[0], "busy"))

    assert refused.returncode == 1
    assert "Another run is writing the snapshot 'busy'" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert first.staging.exists()
    first.abandon()
