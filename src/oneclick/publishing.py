"""Results of a run appear whole or not at all.

A snapshot's results live in one folder per run, ``<snapshots>/.runs/<snapshot>/<run>``. Which run
of each snapshot is shown, and which snapshot's model is in service, stands in one folder of links,
``<snapshots>/.runs/.index/now``; ``<snapshots>/<snapshot>`` and the folder of models lead through
it. A run writes into a folder of its own; replacing the index is one atomic rename, so a reader
sees the old results and model or the new ones, never a mixture, whenever the run is killed.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from oneclick.errors import OneclickError

RUNS_FOLDER = ".runs"
MODELS_LAYER = "06_models"
_KEPT = 2  # finished runs of a snapshot that stay on the disk
_PLACE = ".tables"  # of a snapshot's runs; tells where their tables with customers are
_IN_SERVICE = ".model"  # of the index; no snapshot's name begins with a point


class Publication:
    """The folder one run writes into, from its lock to its appearance.

    Args:
        published: The snapshot's path as everybody reads it, ``data/snapshots/<snapshot>``.
        run_id: Name of the run; sorts by time.
        place: Where the run keeps tables with a row per customer, ``files`` or ``warehouse``.
    """

    def __init__(self, published: Path, run_id: str, place: str = "files") -> None:
        self.published = published
        self.runs = published.parent / RUNS_FOLDER / published.name
        self.final = self.runs / run_id
        self.staging = self.runs / f"{run_id}.unfinished"
        self._place = place
        self._lock: IO[str] | None = None

    def begin(self) -> None:
        """Take the snapshot's lock, clear what killed runs left, make the staging folder.

        Raises:
            OneclickError: Another run is writing this snapshot, its tables are in another place,
                or a plain folder is in the way.
        """
        if self.published.exists() and not self.published.is_symlink():
            raise OneclickError(
                f"{self.published} is a plain folder, but results are published there as a link. "
                "Move it away and run again."
            )
        self.runs.mkdir(parents=True, exist_ok=True)
        self._lock = (self.runs / ".lock").open("a")
        try:
            # The kernel lets go of the lock when the process ends, however it ends.
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise OneclickError(
                f"Another run is writing the snapshot '{self.published.name}' right now. "
                "Wait until it ends, or choose another name with --params snapshot=NAME."
            ) from None
        made = place_of_tables(self.runs) or self._place
        if made != self._place and self.published.exists():
            self._release()
            raise OneclickError(
                f"The snapshot '{self.published.name}' has its tables in the {made}, and this run "
                f"would put its own in the {self._place}: the others would stay, out of date. Name "
                "the environment that made it (--env), or another snapshot: --params snapshot=NAME"
            )
        for leftover in self.runs.glob("*.unfinished"):
            shutil.rmtree(leftover)
        for told in self.runs.glob(".*.json"):
            if not told.with_name(told.stem[1:]).exists():  # a run that was killed before it ended
                told.unlink()
        self.staging.mkdir()

    def catch_up(self, run_id: str) -> None:
        """Publish a later run that was killed after its tables in the warehouse had appeared."""
        killed = Publication(self.published, run_id)
        shown = self.published.resolve().name if self.published.exists() else ""
        if killed.final.is_dir() and run_id > shown:
            shutil.rmtree(self.runs.parent / ".index" / run_id, ignore_errors=True)
            killed._switch(None)

    def publish(
        self,
        models_link: Path,
        made: Iterable[str] = (),
        at_once: Callable[[], None] | None = None,
    ) -> None:
        """Make the staged results the snapshot's results.

        What this run did not write is taken over from the run before by hard links, so the new
        folder is complete in itself and costs no copy.

        Args:
            models_link: Where the model in service is found, ``data/06_models``; led to this
                snapshot if the run made a model.
            made: Names of the results that this run has made; see `runs_of_results`.
            at_once: Publishes what lies elsewhere; called when nothing but the links is left to do.
        """
        made_a_model = (self.staging / MODELS_LAYER).exists()
        flush(path for path in self.staging.rglob("*") if path.is_file())
        if self.published.exists():  # its files are on the disk already
            _take_over(self.published.resolve(), self.staging)
        flush(path for path in (*self.staging.rglob("*"), self.staging) if path.is_dir())
        (self.runs / _PLACE).write_text(self._place)
        made_by = runs_of_results(self.published) | dict.fromkeys(made, self.final.name)
        _made_by(self.final).write_text(json.dumps(made_by, indent=0, sort_keys=True))
        flush([_made_by(self.final), self.runs / _PLACE, self.runs])
        self.staging.rename(self.final)
        if at_once is not None:
            at_once()
        self._switch(models_link if made_a_model else None)
        self._forget_old_runs()
        self._release()

    def abandon(self, *, in_doubt: bool = False) -> None:
        """Throw the staged results away; the published ones stay as they were.

        Args:
            in_doubt: What lies elsewhere may have been published; then finished files are kept for
                the next run, which finds out and catches up.
        """
        shutil.rmtree(self.staging, ignore_errors=True)
        if not in_doubt and self.published.resolve() != self.final.resolve():
            shutil.rmtree(self.final, ignore_errors=True)
        self._release()

    def _switch(self, models_link: Path | None) -> None:
        """Show this run and, if it made one, put its model in service."""
        name, index = self.published.name, self.runs.parent / ".index"
        index.mkdir(exist_ok=True)
        changes = {name: Path(os.path.relpath(self.final, index / self.final.name))}
        links = {self.published: name}
        if models_link is not None:
            changes[_IN_SERVICE] = Path(name, MODELS_LAYER)
            links[models_link] = _IN_SERVICE
        _replace_index(index, self.final.name, changes, links)

    def _forget_old_runs(self) -> None:
        finished = sorted(
            path for path in self.runs.iterdir() if path.is_dir() and path.suffix != ".unfinished"
        )
        for old in finished[:-_KEPT]:
            if old != self.final:
                shutil.rmtree(old, ignore_errors=True)
                _made_by(old).unlink(missing_ok=True)

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def runs_of_results(published: Path) -> dict[str, str]:
    """Return which run made each result of a snapshot, as far as it is known."""
    try:
        return json.loads(_made_by(published.resolve()).read_text())
    except (OSError, ValueError):  # of an earlier version, or damaged
        return {}


def _made_by(run: Path) -> Path:
    return run.with_name(f".{run.name}.json")


def month_in_service(models: Path) -> str | None:
    """Return the snapshot whose model scores now; ``models`` is where that model is found."""
    return models.resolve().parents[1].name if models.exists() else None


def place_of_tables(runs: Path) -> str | None:
    """Return where the published run of a snapshot keeps its tables, ``files`` or ``warehouse``."""
    told = runs / _PLACE
    return told.read_text() if told.exists() else None


def put_in_service(snapshots: Path, month: str, run_id: str) -> None:
    """Let the model that a snapshot has score from now on; nothing else changes.

    Args:
        snapshots: The folder of snapshots.
        month: Name of the snapshot.
        run_id: A name for the change; sorts by time.

    Raises:
        OneclickError: The snapshot has no model.
    """
    if not (snapshots / month / MODELS_LAYER).exists():
        having = ", ".join(months_with_model(snapshots)) or "none"
        raise OneclickError(f"The snapshot '{month}' has no model. These have one: {having}.")
    changes = {_IN_SERVICE: Path(month, MODELS_LAYER)}
    _replace_index(snapshots / RUNS_FOLDER / ".index", run_id, changes, {})


def months_with_model(snapshots: Path) -> list[str]:
    """Return the snapshots that have a model of their own."""
    return sorted(path.parent.name for path in snapshots.glob(f"*/{MODELS_LAYER}"))


def _replace_index(
    index: Path, run_id: str, changes: dict[str, Path], links: dict[Path, str]
) -> None:
    """Replace the index by one with these changes, in one step; ``links`` lead through it."""
    now, new = index / "now", index / run_id
    with (index / ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another snapshot's run may end in this moment
        for link, key in links.items():
            _replace_link(link, now / key)  # leads nowhere until the index names it
        shown = {link.name: link.readlink() for link in now.iterdir()} if now.exists() else {}
        new.mkdir()
        for key, target in (shown | changes).items():
            (new / key).symlink_to(target)
        kept = {now.readlink().name, new.name} if now.exists() else {new.name}
        _replace_link(now, new)
        for old in index.iterdir():  # a reader may be on its way through the one before
            if old.is_dir() and not old.is_symlink() and old.name not in kept:
                shutil.rmtree(old, ignore_errors=True)


def _replace_link(link: Path, target: Path) -> None:
    new = link.parent / f".{link.name}.new"
    new.unlink(missing_ok=True)
    new.symlink_to(os.path.relpath(target, link.parent))
    new.replace(link)


def _take_over(earlier: Path, staging: Path) -> None:
    made = {path.relative_to(staging) for path in staging.rglob("*")}
    for source in earlier.rglob("*"):
        name = source.relative_to(earlier)
        if source.is_file() and _result(name) not in made:
            target = staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(source, target)
            except OSError:  # a file system without hard links
                shutil.copy2(source, target)
                flush([target])


def _result(name: Path) -> Path:
    """The result that a file belongs to: itself, or the folder ``x.parquet`` that it is a part of.

    Spark writes a table as a folder; parts of two runs must not meet in one.
    """
    return next((folder for folder in reversed(name.parents) if folder.suffix), name)


def flush(paths: Iterable[Path]) -> None:
    """Bring files or folders to the disk, so that what is published survives a power cut."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
