"""How far long work has come: library code reports, whoever is watching shows it."""

from collections.abc import Callable

Listener = Callable[[int, int, str], None]

_listeners: list[Listener] = []


def report_progress(done: int, total: int, label: str) -> None:
    """Tell every listener that ``done`` of ``total`` steps of ``label`` are finished."""
    for listener in _listeners:
        listener(done, total, label)


def watch(listener: Listener) -> None:
    """Call ``listener`` at every reported step from now on."""
    _listeners.append(listener)


def unwatch(listener: Listener) -> None:
    """Stop calling ``listener``."""
    if listener in _listeners:
        _listeners.remove(listener)
