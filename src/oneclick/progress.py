"""How far long work has come: library code reports, whoever is watching shows it."""

from collections.abc import Callable

Listener = Callable[[int, int, str], None]

_listeners: list[Listener] = []


def report_progress(done: int, total: int, label: str) -> None:
    """Tell whoever is watching that ``done`` of ``total`` steps of ``label`` are finished."""
    for listener in _listeners:
        listener(done, total, label)


def watch(listener: Listener) -> None:
    """Call ``listener``, and no earlier one, at every reported step from now on."""
    _listeners[:] = [listener]
