"""How long the main job takes, step by step: a user's commands in a project of their own.

    python -m benchmarks.main_job FOLDER_OF_EXPORTS [effort]

Times are wall seconds of whole commands, start-up of the interpreter included; the processor's are
user and system together, of all processes.
"""

import re
import resource
import sys
import tempfile
import time
from pathlib import Path

from tests.end_to_end.shop import make_project, run_kedro

SEARCH = {"evaluate_candidates", "probe_champion", "fit_model"}
STEP = re.compile(r"^\[\d+/\d+\] (\S+)\s+([\d.]+) s$", re.MULTILINE)


def timed(what: str, project: Path, *arguments: str) -> tuple[float, dict[str, float]]:
    """Time a command; print and return its wall seconds, and return those of each of its steps."""
    before = _processor_seconds()
    started = time.perf_counter()
    finished = run_kedro(project, "run", *arguments)
    seconds = time.perf_counter() - started
    if finished.returncode:
        raise SystemExit(finished.stderr)
    used = _processor_seconds() - before
    print(f"{what:44} {seconds:6.1f} s, of the processor {used:6.1f} s")
    return seconds, {name: float(value) for name, value in STEP.findall(finished.stderr)}


def _processor_seconds() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return children.ru_utime + children.ru_stime


def main(exports: Path, effort: str = "standard") -> None:
    """Print the times of a first run, a second one and segmentation alone."""
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "oneclick")
        params = f"raw={exports.resolve()},snapshot=timed,effort={effort}"
        run = f"kedro run, effort {effort}"
        timed(f"{run}, first (compiles)", project, "--params", params)
        whole, steps = timed(f"{run}, again", project, "--params", params)
        alone = ("--pipeline", "segmentation", "--params", "snapshot=timed")
        timed("kedro run --pipeline segmentation", project, *alone)
    search = sum(steps[name] for name in SEARCH)
    print(f"\nmodel search {search:.1f} s, everything else {whole - search:.1f} s")
    print(f"start, end and what is between steps {whole - sum(steps.values()):.1f} s")
    print("\nslowest steps")
    for name, seconds in sorted(steps.items(), key=lambda step: -step[1])[:12]:
        print(f"  {name:32} {seconds:6.1f} s")


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
