"""What a month of N customers costs on each engine: CPU seconds and memory of all its processes.

Trains a rough model on the committed sample once, then scores a synthetic month on every engine:
cleaning, probabilities, reasons, segments, offers, register and files. CPU seconds, because wall
time depends on what else the machine does; Spark's Java and its workers are counted in.

    python -m benchmarks.engines --customers 100000 1000000 --engines base spark
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PROJECT = Path(__file__).parents[1]
_TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Run the benchmark and print a line per engine and size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000])
    parser.add_argument("--engines", nargs="+", default=["base", "spark"])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        for name in ("conf", "src", "data/01_raw/sample"):
            shutil.copytree(PROJECT / name, project / name)
        for name in ("pyproject.toml", ".telemetry"):
            shutil.copy(PROJECT / name, project)
        measure(project, "run", "--params", "effort=quick")
        print(f"{'customers':>12}  engine      CPU s   wall s  peak memory")
        for customers in asked.customers:
            month = f"snapshot=month-{customers}"
            shop = f"{month},sample_customers={customers}"
            measure(project, "run", "--pipeline", "sample_data", "--params", shop)
            for engine in asked.engines:
                scoring = ("run", "--env", engine, "--pipeline", "scoring", "--params", month)
                cpu, wall, memory = measure(project, *scoring)
                print(f"{customers:12,}  {engine:9} {cpu:7.1f}  {wall:7.1f}  {memory:6.2f} GB")
                print_steps(project)


def measure(project: Path, *arguments: str) -> tuple[float, float, float]:
    """Run a kedro command; return CPU seconds, wall seconds and peak memory (GB) of its session."""
    began, cpu, peak = time.monotonic(), {}, 0
    with (project / "log").open("w") as log:
        command = [sys.executable, "-m", "kedro", *arguments]
        run = subprocess.Popen(  # noqa: S603
            command, cwd=project, stdout=log, stderr=log, start_new_session=True
        )
        while run.poll() is None:
            memory = 0
            for process, seconds, resident in processes_of(run.pid):
                cpu[process] = seconds
                memory += resident
            peak = max(peak, memory)
            time.sleep(0.2)
    if run.returncode:
        sys.exit((project / "log").read_text())
    return sum(cpu.values()), time.monotonic() - began, peak / 1e9


def processes_of(session: int) -> list[tuple[int, float, int]]:
    """Return id, CPU seconds so far and resident bytes of every process of a session."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has just ended
            continue
        if int(fields[3]) == session:
            seconds = (int(fields[11]) + int(fields[12])) / _TICK
            found.append((int(stat.parent.name), seconds, int(fields[21]) * _PAGE))
    return found


def print_steps(project: Path) -> None:
    """Print the steps that took longest, in wall seconds."""
    lines = [line.split() for line in (project / "log").read_text().splitlines()]
    steps = [(float(line[2]), line[1]) for line in lines if len(line) == 4 and line[3] == "s"]
    longest = sorted(steps, reverse=True)[:6]
    print("              " + ", ".join(f"{name} {seconds:.0f} s" for seconds, name in longest))


if __name__ == "__main__":
    main()
