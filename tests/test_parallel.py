"""Work spread over this process and others."""

import os
import subprocess
import sys
import time

import pytest

from oneclick.parallel import spread


def name_process(place: int, seconds: float) -> tuple[int, int]:
    time.sleep(seconds)
    return place, os.getpid()


def refuse(place: int) -> int:
    if place == 2:
        raise ValueError("the second is refused")
    return place


def test_this_process_and_another_share_the_calls_and_results_keep_their_order():
    # Given calls whose first ones take longest
    calls = [(place, 0.3 if place < 2 else 0.05) for place in range(30)]
    places, processes = zip(*spread(name_process, calls, 2), strict=True)
    assert places == tuple(range(30))
    assert len(set(processes)) == 2
    assert os.getpid() in processes


def test_one_process_is_this_one():
    assert {process for _, process in spread(name_process, [(1, 0), (2, 0)], 1)} == {os.getpid()}


def test_an_error_is_that_of_the_call():
    with pytest.raises(ValueError, match="the second is refused"):
        list(spread(refuse, [(place,) for place in range(6)], 2))


def test_a_program_that_ends_while_the_others_start_ends_without_a_word():
    # Given a program that is past its last statement, but takes a while to end
    program = (
        "import atexit, time, joblib.externals.loky\n"
        "from oneclick.parallel import start\n"
        "atexit.register(time.sleep, 0.5)\n"
        "start(2, 'json')"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
