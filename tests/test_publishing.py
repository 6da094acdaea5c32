"""Results appear whole or not at all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from oneclick.errors import ConnectionLostError, OneclickError
from oneclick.publishing import (
    RUNS_FOLDER,
    Publication,
    month_in_service,
    months_with_model,
    put_in_service,
    runs_of_results,
)
from tests.end_to_end.shop import contents


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def published(tmp_path) -> Path:
    return tmp_path / "snapshots" / "2026-12"


@pytest.fixture
def models(tmp_path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "06_models"


def begun_run(published: Path, run_id: str, files: dict[str, str]) -> Publication:
    publication = Publication(published, run_id)
    publication.begin()
    for name, text in files.items():
        write(publication.staging, name.replace("__", "/"), text)
    return publication


def finished_run(published: Path, models: Path, run_id: str, **files: str) -> None:
    begun_run(published, run_id, files).publish(models_link=models)


def stopped_run(
    published: Path, models: Path, run_id: str, why: type[BaseException], **files: str
) -> Publication:
    """A run that is stopped between the last two steps of publishing."""
    publication = begun_run(published, run_id, files)

    def stop() -> None:
        raise why

    with pytest.raises(why):
        publication.publish(models, at_once=stop)
    return publication


def test_nothing_is_seen_before_the_end_and_everything_after_it(published, models):
    publication = Publication(published, "run-1")
    publication.begin()
    write(publication.staging, "03_primary/customers", "new")
    assert not published.exists()

    publication.publish(models_link=models)

    assert (published / "03_primary/customers").read_text() == "new"


def test_a_run_of_one_pipeline_keeps_what_the_others_made(published, models):
    finished_run(published, models, "run-1", a="1", b="1")
    finished_run(published, models, "run-2", b="2")

    assert (published / "a").read_text() == "1"
    assert (published / "b").read_text() == "2"


def test_a_table_in_parts_is_taken_over_whole_or_not_at_all(published, models):
    finished_run(published, models, "run-1", **{"a.parquet__part-1": "1", "b.parquet__part-1": "1"})
    finished_run(published, models, "run-2", **{"a.parquet__part-2": "2", "b.parquet": "2"})

    assert contents(published / "a.parquet") == {"part-2": b"2"}
    assert (published / "b.parquet").read_text() == "2"

    finished_run(published, models, "run-3", c="3")

    assert contents(published / "a.parquet") == {"part-2": b"2"}


def test_it_is_known_which_run_made_each_result(published, models):
    assert runs_of_results(published) == {}
    for run_id, made in (("run-1", ["a", "b"]), ("run-2", ["b"]), ("run-3", [])):
        begun_run(published, run_id, {"c": run_id}).publish(models, made)

    assert runs_of_results(published) == {"a": "run-1", "b": "run-2"}
    # And what has been said of runs that are gone is gone as well
    runs = published.parent / RUNS_FOLDER / published.name
    assert sorted(path.name for path in runs.glob("*.json")) == [".run-2.json", ".run-3.json"]


def test_an_abandoned_run_leaves_the_earlier_results(published, models):
    finished_run(published, models, "run-1", a="1")
    publication = Publication(published, "run-2")
    publication.begin()
    write(publication.staging, "a", "half")

    publication.abandon()

    assert (published / "a").read_text() == "1"
    assert not publication.staging.exists()


def test_an_open_reader_keeps_the_file_it_reads(published, models):
    finished_run(published, models, "run-1", a="old")
    with (published / "a").open() as reader:
        finished_run(published, models, "run-2", a="new")
        assert reader.read() == "old"


def test_the_model_in_service_changes_with_the_results_of_its_run(published, models):
    finished_run(published, models, "run-1", **{"06_models__model": "one"})
    assert (models / "model").read_text() == "one"

    finished_run(published, models, "run-2", a="no model made")
    assert (models / "model").read_text() == "one"

    finished_run(published, models, "run-3", **{"06_models__model": "three"})
    assert (models / "model").read_text() == "three"


def test_a_second_run_of_the_snapshot_is_refused_while_one_runs(published, models):
    first = Publication(published, "run-1")
    first.begin()

    with pytest.raises(OneclickError, match="Another run is writing the snapshot '2026-12'"):
        Publication(published, "run-2").begin()

    first.abandon()
    finished_run(published, models, "run-3", a="3")
    assert (published / "a").read_text() == "3"


def test_what_a_killed_run_left_is_cleared_by_the_next(published, models):
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from oneclick.publishing import Publication\n"
        f"p = Publication(Path({str(published)!r}), 'run-1'); p.begin()\n"
        "(p.staging / 'half').write_text('half'); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "PYTHONPATH": "src"}
    killed = subprocess.run([sys.executable, "-c", script], env=environment, check=False)
    assert killed.returncode == -9

    finished_run(published, models, "run-2", a="2")

    runs = published.parent / ".runs" / "2026-12"
    left = [".lock", ".run-2.json", ".tables", "run-2"]
    assert sorted(path.name for path in runs.iterdir()) == left


def test_tables_of_one_snapshot_do_not_lie_in_two_places(published, models):
    finished_run(published, models, "run-1", a="1")

    with pytest.raises(
        OneclickError, match=r"'2026-12' has its tables in the files.*snapshot=NAME"
    ):
        Publication(published, "run-2", "warehouse").begin()

    finished_run(published, models, "run-3", a="3")  # and nothing is left locked


def test_only_the_last_runs_stay_on_disk(published, models):
    for number in range(1, 6):
        finished_run(published, models, f"run-{number}", a=str(number))

    runs = published.parent / ".runs" / "2026-12"
    assert sorted(path.name for path in runs.glob("run-*")) == ["run-4", "run-5"]


def test_a_plain_folder_in_the_way_is_never_replaced(published):
    published.mkdir(parents=True)

    with pytest.raises(OneclickError, match="plain folder"):
        Publication(published, "run-1").begin()


def test_a_run_killed_after_its_tables_appeared_elsewhere_is_caught_up_with(published, models):
    # Given a run that was killed between the last two steps of publishing
    finished_run(published, models, "run-1", a="1", b="1")
    killed = stopped_run(published, models, "run-2", KeyboardInterrupt, a="2")
    assert (published / "a").read_text() == "1"

    killed.catch_up("run-2")
    killed.catch_up("run-1")  # what has been published already is not taken back
    killed.abandon()

    assert (published / "a").read_text() == "2"
    assert (published / "b").read_text() == "1"


def test_files_are_kept_while_it_is_unknown_whether_their_tables_have_appeared(published, models):
    finished_run(published, models, "run-1", a="1")
    doubtful = stopped_run(published, models, "run-2", ConnectionLostError, a="2")
    doubtful.abandon(in_doubt=True)
    assert (published / "a").read_text() == "1"

    later = Publication(published, "run-3")
    later.begin()
    later.catch_up("run-2")  # they had

    assert (published / "a").read_text() == "2"
    later.abandon()


def test_a_deleted_snapshot_is_gone_and_others_go_on(published, models):
    # Given two snapshots, one of them with the model in service
    other = published.with_name("2027-01")
    finished_run(published, models, "run-1", **{"06_models__model": "one"})
    finished_run(other, models, "run-2", a="2")

    # When it is deleted as docs/personal_data.md says
    published.unlink()
    shutil.rmtree(published.parent / RUNS_FOLDER / published.name)

    # Then nothing of it is left, the other goes on, and it may be made again
    assert not (models / "model").exists()
    finished_run(other, models, "run-3", b="3")
    assert contents(other) == {"a": b"2", "b": b"3"}
    assert not published.exists()
    finished_run(published, models, "run-4", **{"06_models__model": "four"})
    assert contents(published) == {"06_models/model": b"four"}
    assert (models / "model").read_text() == "four"


def test_an_earlier_model_is_put_into_service_again(published, models):
    # Given two months with a model, and one without
    second, scored = published.with_name("2027-01"), published.with_name("2027-02")
    finished_run(published, models, "run-1", **{"06_models__model": "one"})
    finished_run(second, models, "run-2", **{"06_models__model": "two"})
    finished_run(scored, models, "run-3", a="3")

    # When the first model is taken back, and a month without one is named
    put_in_service(published.parent, published.name, "run-4")
    with pytest.raises(OneclickError, match=f"'2027-02' has no model.*{published.name}, 2027-01"):
        put_in_service(published.parent, "2027-02", "run-5")

    # Then it serves, every month shows what it did, and the next training takes its place
    assert (models / "model").read_text() == "one"
    assert month_in_service(models) == published.name
    assert months_with_model(published.parent) == [published.name, "2027-01"]
    assert contents(second) == {"06_models/model": b"two"}
    finished_run(second, models, "run-6", **{"06_models__model": "new"})
    assert (models / "model").read_text() == "new"
