"""One finished run of the shipped sample, shared by all tests that only look at results."""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tests.end_to_end.shop import PROJECT, make_project, run_kedro


@cache
def finished_project(effort: str = "quick") -> Path:
    """Run the main job once per session in a project of its own; nobody may write to it."""
    folder = Path(mkdtemp(prefix="oneclick-finished-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    project = make_project(folder / "oneclick")
    shutil.copytree(PROJECT / "data/01_raw/sample", project / "data/01_raw/sample")
    (project / ".viz").mkdir()
    shutil.copy(PROJECT / ".viz/styles.json", project / ".viz")
    finished = run_kedro(project, "run", "--params", f"effort={effort}")
    assert finished.returncode == 0, finished.stderr
    (project / "printed.txt").write_text(finished.stdout + finished.stderr, encoding="utf-8")
    return project
