"""Copies of exports that programs make for themselves, and what becomes of them."""

import subprocess
import sys

MAKE_A_COPY = """
import os, sys
from oneclick.intake.scanning import copy_path
path = copy_path("table.parquet")
path.write_text("cells")
print(path, flush=True)
sys.stdin.readline()
if "killed" in sys.argv:
    os._exit(1)
"""


def start(temporary, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", MAKE_A_COPY, *arguments],
        env={"TMPDIR": str(temporary), "PYTHONPATH": "src"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(program):
    program.communicate("\n", timeout=60)


def test_copies_vanish_with_their_program_or_with_the_next_one(tmp_path):
    # Given a program that has made a copy and was killed, and one that still works on its own
    killed, working = start(tmp_path, "killed"), start(tmp_path)
    left, used = killed.stdout.readline().strip(), working.stdout.readline().strip()
    finish(killed)
    assert {path.name for path in tmp_path.rglob("table.parquet")} == {"table.parquet"}
    assert len(list(tmp_path.iterdir())) == 2
    # When another program makes a copy
    other = start(tmp_path)
    own = other.stdout.readline().strip()
    # Then only what the killed one left is gone
    found = {str(path) for path in tmp_path.rglob("table.parquet")}
    assert found == {used, own}
    assert left not in found
    # And nothing is left when the others have ended
    finish(working)
    finish(other)
    assert list(tmp_path.iterdir()) == []
