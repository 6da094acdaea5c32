"""What a command takes: wall seconds, CPU seconds of all its threads, and peak memory."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Usage(NamedTuple):
    """Wall and CPU seconds, and the peak of resident memory in GB, of one process."""

    wall: float
    cpu: float
    peak: float

    def __str__(self) -> str:
        return f"{self.cpu:8.1f} CPU s {self.wall:8.1f} s {self.peak:6.2f} GB"


def measure(*arguments: str, folder: Path | None = None) -> Usage:
    """Run Python with arguments and return what it took; stops if the command fails."""
    started = time.perf_counter()
    child = subprocess.Popen(  # noqa: S603  # our own commands
        [sys.executable, *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    errors = child.stderr.read() if child.stderr else b""
    _, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - started
    if status:
        raise SystemExit(errors.decode())
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1e6)


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """Return b of seconds = a · size^b between the first size and the last."""
    return math.log(seconds[-1] / seconds[0]) / math.log(sizes[-1] / sizes[0])
