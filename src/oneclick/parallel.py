"""Work spread over processes that start once and stay for the whole run."""

from collections.abc import Callable, Iterable
from importlib import import_module
from threading import Thread


def spread(function: Callable, arguments: list[tuple], processes: int) -> Iterable:
    """Call a function with each tuple of arguments, in order, in up to ``processes`` processes."""
    if processes == 1 or len(arguments) == 1:
        return (function(*each) for each in arguments)
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=processes, return_as="generator", inner_max_num_threads=1)
    return parallel(delayed(function)(*each) for each in arguments)


def start(processes: int, *modules: str) -> None:
    """Start the processes in the background and let each load modules that it will need."""
    if processes > 1:
        load = [modules] * processes
        Thread(target=lambda: list(spread(_load, load, processes)), daemon=True).start()


def _load(*modules: str) -> None:
    for module in modules:
        import_module(module)
