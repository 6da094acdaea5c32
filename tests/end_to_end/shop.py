"""A project of its own in a temporary folder, run as a user runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
IGNORED = shutil.ignore_patterns("__pycache__")


def make_project(folder: Path) -> Path:
    """A project that shares code and configuration with this one, but not its data."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(PROJECT / "pyproject.toml", folder)
    shutil.copy(PROJECT / ".telemetry", folder)
    shutil.copytree(PROJECT / "conf", folder / "conf", symlinks=True)
    shutil.copytree(PROJECT / "src/oneclick", folder / "src/oneclick", ignore=IGNORED)
    return folder


def run_kedro(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run a kedro command in a project and return what it printed and its exit code."""
    command = [sys.executable, "-m", "kedro", *arguments]
    return subprocess.run(
        command,
        cwd=project,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by its relative path."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
