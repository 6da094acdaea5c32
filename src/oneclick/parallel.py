"""Work spread over processes that start once and stay for the whole run."""

import atexit
import gc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from threading import Lock
from typing import Any

_IDLE = 300  # seconds after which a process that has nothing to do ends
_ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS")}


def spread(function: Callable, arguments: list[tuple], processes: int) -> Iterator:
    """Yield a function's result for each tuple of arguments, in order.

    This process is one of the ``processes``: it has loaded most of what another would have to.
    Each works on one processor.
    """
    if processes == 1 or len(arguments) == 1:
        yield from (function(*each) for each in arguments)
        return
    from threadpoolctl import threadpool_limits

    here = Lock()

    def call(each: tuple) -> Any:
        if not here.acquire(blocking=False):
            return _others(processes).submit(function, *each).result()
        try:
            with threadpool_limits(1):
                return function(*each)
        finally:
            here.release()

    with ThreadPoolExecutor(processes) as hands:
        yield from hands.map(call, arguments)


def start(processes: int, *modules: str) -> None:
    """Start the other processes and let each load, meanwhile, modules that it will need."""
    for _ in range(1, processes):
        _others(processes).submit(_load, *modules)


def _others(processes: int) -> Any:
    from joblib.externals.loky import get_reusable_executor

    return get_reusable_executor(processes - 1, timeout=_IDLE, env=_ONE_THREAD)


def collect_seldom() -> None:
    """Let Python look for garbage in circles less often, before libraries are loaded.

    They make some 300 000 objects that stay. It would look through them all again and again, for a
    quarter of the time that loading takes and a twentieth of a short run.
    """
    gc.set_threshold(500_000)


def _load(*modules: str) -> None:
    """Prepare another process; at its end, for which the run waits, it looks for no garbage."""
    collect_seldom()
    atexit.register(gc.freeze)
    for module in modules:
        import_module(module)
