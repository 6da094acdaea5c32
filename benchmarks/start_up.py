"""What starting costs: our commands against those of a kedro project that does nothing.

    python -m benchmarks.start_up

Both projects are made in a temporary folder and run by the same kedro, in turn. Seconds are medians
of seven; the processor's are user and system together.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from oneclick.sample.shop import write_shop
from tests.end_to_end.shop import make_project, run_kedro

RUNS = 7
ONE_STEP = """
from kedro.pipeline import Node, Pipeline


def answer() -> str:
    return "nothing"


def create_pipeline() -> Pipeline:
    return Pipeline([Node(answer, None, "answered", name="answer")])
"""


def make_empty_project(folder: Path) -> Path:
    """A project as ``kedro new`` makes it, with one pipeline of one step that does nothing."""
    command = [sys.executable, "-m", "kedro", "new", "--name", "empty", "--tools", "none"]
    command += ["--example", "no", "--telemetry", "no"]
    quiet = {**os.environ, "DO_NOT_TRACK": "1"}
    subprocess.run(command, cwd=folder, env=quiet, capture_output=True, check=True)  # noqa: S603  # fixed words, no shell
    project = folder / "empty"
    pipeline = project / "src/empty/pipelines/one"
    pipeline.mkdir()
    (pipeline / "__init__.py").write_text(ONE_STEP)
    return project


def seconds(project: Path, *arguments: str) -> tuple[float, float]:
    """Return the wall seconds and the processor seconds of one command."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    finished = run_kedro(project, *arguments, PYTHONPATH="src")
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if finished.returncode:
        raise SystemExit(finished.stderr)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(what: str, ours: tuple, empty: tuple) -> None:
    """Print the medians of two commands, run in turn, and their ratios."""
    for command in (ours, empty):
        seconds(*command)  # compiles
    pairs = [(seconds(*ours), seconds(*empty)) for _ in range(RUNS)]
    for place, kind in enumerate(("wall", "processor")):
        own, other = (median(pair[side][place] for pair in pairs) for side in (0, 1))
        print(f"{what:40} {kind:9} {own:5.2f} s  empty {other:5.2f} s  ratio {own / other:.2f}")


def main() -> None:
    """Compare listing the pipelines, and the shortest useful run."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a user's second start finds bytecode
    with tempfile.TemporaryDirectory() as folder:
        empty = make_empty_project(Path(folder))
        project = make_project(Path(folder) / "oneclick")
        write_shop(Path(folder) / "shop", 1300, 2026)
        params = f"raw={folder}/shop,snapshot=timed"
        seconds(project, "run", "--params", f"{params},effort=quick")
        compare("kedro registry list", (project, "registry", "list"), (empty, "registry", "list"))
        segmentation = ("run", "--pipeline", "segmentation", "--params", "snapshot=timed")
        compare("kedro run --pipeline segmentation", (project, *segmentation), (empty, "run"))


if __name__ == "__main__":
    main()
