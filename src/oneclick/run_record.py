"""What ran when, on which files, with what outcome: one small JSON file for each run.

Records lie beside the snapshots, not in them: results are the same bytes for the same input, and
a record holds the clock. It holds figures and file names only, nothing of a single customer.
"""

import hashlib
import json
import logging
import os
import platform
import subprocess
import threading
import time
from collections.abc import Mapping, Set
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from io import BufferedReader
from pathlib import Path
from typing import Any

from oneclick.parameter_checks import list_given
from oneclick.summary import describe_effect, read_facts

logger = logging.getLogger(__name__)

PACKAGES = ("oneclick", "kedro", "scikit-learn", "pandas", "duckdb", "ibis-framework", "shap")
_TOLD_BEFORE = ("snapshot", "raw", "outcome_raw")  # say which month, not what if
_WIDEST = 40  # characters of the parameters of a run


class RunRecord:
    """The record of one run, on disk from its first moment on.

    A run that is killed leaves its record as it began: with the status ``unfinished``, and without
    the digests of its inputs, which are found while the run works.

    Args:
        folder: Where records are kept, ``data/runs``.
        project: Folder of the project: its commit is noted, paths in it are told from there.
        run_id: Name of the run; sorts by time.
        about: What is known before the run: snapshot, pipelines, environment, parameters.
        inputs: Files that the run reads, by dataset. They are opened here, for a run may replace
            them by others of the same name.
    """

    begun = False  # whether this program has begun any record

    def __init__(
        self,
        folder: Path,
        project: Path,
        run_id: str,
        about: Mapping[str, Any],
        inputs: Mapping[str, Path],
    ) -> None:
        RunRecord.begun = True
        self.path = folder / f"{run_id}.json"
        self._project = project
        self._began = self._step_began = time.monotonic()
        self._step: str | None = None
        self._seconds: dict[str, float] = {}
        self._content: dict[str, Any] = {
            "run_id": run_id,
            "status": "unfinished",
            **about,
            "started": _now(),
            "inputs": {name: _describe_file(path, project) for name, path in inputs.items()},
            "versions": {"python": platform.python_version()} | {p: _version(p) for p in PACKAGES},
        }
        files = {name: path.open("rb") for name, path in inputs.items()}
        self._write()
        self._hashing = threading.Thread(target=self._hash, args=(files,), daemon=True)
        self._hashing.start()

    def _hash(self, files: Mapping[str, BufferedReader]) -> None:
        for name, file in files.items():
            with file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            self._content["inputs"][name]["sha256"] = digest

    def begin_step(self, name: str | None) -> None:
        """Note the seconds of the step before, saving included; ``None`` ends the last one."""
        if name is not None and name == self._step:
            return
        now = time.monotonic()
        if self._step is not None:
            self._seconds[self._step] = round(now - self._step_began, 3)
        self._step, self._step_began = name, now

    def finish(self, results: Path, made: Set[str]) -> None:
        """Note that the run has published the results ``made``, and what it is compared by."""
        figures = read_figures(results, made)
        self._end({"status": "published", "git": describe_checkout(self._project), **figures})

    def fail(self, message: str) -> None:
        """Note that the run has failed, and why."""
        self._end({"status": "failed", "message": message, "failed_step": self._step})

    def refuse(self, message: str) -> None:
        """Note that the run was refused before its first step, and why."""
        self._end({"status": "refused", "message": message})

    def _end(self, outcome: dict[str, Any]) -> None:
        self.begin_step(None)
        self._hashing.join()
        self._content |= outcome | {
            "ended": _now(),
            "seconds": round(time.monotonic() - self._began, 3),
            "seconds_per_step": self._seconds,
        }
        self._write()

    def _write(self) -> None:
        """Replace the file in one step; what cannot be written is told but harms no result."""
        new = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with new.open("w", encoding="utf-8") as file:
                json.dump(self._content, file, ensure_ascii=False, indent=2, default=str)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
        except OSError as error:
            logger.warning("The run record %s could not be written: %s", self.path, error)


def _describe_file(path: Path, project: Path) -> dict[str, Any]:
    told = path.relative_to(project) if path.is_relative_to(project) else path
    return {"path": told.as_posix(), "sha256": None, "bytes": path.stat().st_size}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def describe_checkout(project: Path) -> dict[str, Any] | None:
    """Return ``commit`` and ``dirty`` of a git checkout; ``None`` if the folder is none.

    A repository further up is not taken for the project's own.
    """

    def git(*arguments: str) -> str:
        command = ["git", *arguments]  # fixed words, no shell, the user's own git
        return subprocess.run(  # noqa: S603
            command, cwd=project, capture_output=True, text=True, timeout=10, check=True
        ).stdout.strip()

    if not (project / ".git").exists():
        return None
    try:
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(git("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None


def read_figures(results: Path, made: Set[str]) -> dict[str, Any]:
    """Return what a run is compared by; the snapshot's folder holds figures of other runs, too.

    That is ``rows`` (accounting per table), ``customers``, ``model`` (champion, the snapshot it was
    trained on, ROC-AUC with 95 % interval, calibration), ``drift``, ``campaign`` (RUB) and
    ``readout``, as far as they are among the datasets that the run has ``made``.
    """

    def read(name: str) -> dict[str, Any] | None:
        return read_facts(results, name) if name in made else None

    figures: dict[str, Any] = {}
    if quality := read("data_quality"):
        figures |= {"rows": quality["tables"], "customers": quality["customers"]}
    choice, evaluation = read("champion_choice"), read("evaluation")
    if scored := read("drift_summary"):
        figures["model"] = {
            "champion": scored["champion"],
            "trained_on": scored["model_snapshot"],
            "roc_auc": scored["roc_auc"],
        }
        figures["drift"] = {key: scored[key] for key in ("moved", "retrain")}
        figures["drift"]["realised"] = read("realised_decline")
    elif choice and evaluation:
        figures["model"] = {
            "champion": choice["champion"],
            "trained_on": results.name,
            "roc_auc": {key: choice[key] for key in ("mean", "ci_low", "ci_high")},
            "calibration": evaluation["calibration"],
        }
    if campaign := read("campaign_summary"):
        told = ("consented", "contacted", "control", "budget", "worst_case_cost", "expected_profit")
        figures["campaign"] = {key: campaign[key] for key in told}
    if readout := read("readout_summary"):
        found = ("headline", "effect", "days_later", "save_rates_for_catalogue")
        figures["readout"] = {key: readout[key] for key in found}
    return figures


def compare_runs(folder: Path) -> list[str]:
    """Return the runs recorded in a folder side by side, one line each, the newest last."""
    runs, notes = [], []
    for path in sorted(folder.glob("*.json")):
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            runs.append(_describe_run(record))
        except (ValueError, KeyError, TypeError, AttributeError):
            notes.append(f"{path} is no run record and was left out.")
    if not runs:
        return [f"No run has been recorded in {folder} yet. Start one: kedro run", *notes]
    rows = [list(runs[0]), *(list(run.values()) for run in runs)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return [*lines, *notes]


def _describe_run(record: dict[str, Any]) -> dict[str, str]:
    model = record.get("model", {})
    auc, error = model.get("roc_auc"), model.get("calibration")
    customers, name = record.get("customers"), model.get("champion", "–")
    if model and model["trained_on"] != record["snapshot"]:
        name += f" of {model['trained_on']}"
    status = record["status"] + (f" at {step}" if (step := record.get("failed_step")) else "")
    interval = f"{auc['mean']:.3f} ({auc['ci_low']:.3f}–{auc['ci_high']:.3f})" if auc else "–"
    calibration = f"{error['ece']:.3f}, chance ≤ {error['chance_p95']:.3f}" if error else "–"
    said = "–"
    if campaign := record.get("campaign"):
        profit = campaign["expected_profit"]["median"]
        said = f"{campaign['contacted']} contacted, {profit:,.0f} RUB expected"
    if readout := record.get("readout"):
        said = describe_effect(readout)
    typed = list_given(record.get("parameters") or {})
    told = (f"{key}={value}" for key, value in typed if key not in _TOLD_BEFORE)
    given = " ".join(told) or "–"
    return {
        "snapshot": record["snapshot"],
        "started (UTC)": record["started"][:16].replace("T", " "),
        "pipelines": ",".join(record["pipelines"]),
        "parameters": given if len(given) <= _WIDEST else f"{given[: _WIDEST - 1]}…",
        "status": status,
        "customers": f"{customers['kept']} of {customers['in']}" if customers else "–",
        "model": name,
        "ROC-AUC (95 %)": interval,
        "calibration error": calibration,
        "campaign, or its effect": said,
    }
