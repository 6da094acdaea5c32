"""How long the main job takes, step by step: a user's commands in a project of their own.

    python -m benchmarks.main_job FOLDER_OF_EXPORTS [effort]

Times are wall seconds of whole commands, start-up of the interpreter included.
"""

import re
import sys
import tempfile
import time
from pathlib import Path

from tests.end_to_end.shop import make_project, run_kedro

STEP = re.compile(r"^\[\d+/\d+\] (\S+)\s+([\d.]+) s$", re.MULTILINE)


def timed(project: Path, *arguments: str) -> tuple[float, dict[str, float]]:
    """Return the wall seconds of one command and of each of its steps."""
    started = time.perf_counter()
    finished = run_kedro(project, "run", *arguments)
    seconds = time.perf_counter() - started
    if finished.returncode:
        raise SystemExit(finished.stderr)
    return seconds, {name: float(value) for name, value in STEP.findall(finished.stderr)}


def main(exports: Path, effort: str = "standard") -> None:
    """Print the times of a first run, a second one and segmentation alone."""
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "oneclick")
        params = f"raw={exports.resolve()},snapshot=timed,effort={effort}"
        first, _ = timed(project, "--params", params)
        second, steps = timed(project, "--params", params)
        segmentation, _ = timed(project, "--pipeline", "segmentation", "--params", "snapshot=timed")
    print(f"kedro run, effort {effort}, first (compiles) {first:6.1f} s")
    print(f"kedro run, effort {effort}, again            {second:6.1f} s")
    print(f"kedro run --pipeline segmentation            {segmentation:6.1f} s")
    print("\nslowest steps of the second run")
    for name, seconds in sorted(steps.items(), key=lambda step: -step[1])[:12]:
        print(f"  {name:32} {seconds:6.1f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
