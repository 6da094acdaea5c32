"""Errors for people: the message says what is wrong, where, and what to do."""

import errno
import os


class OneclickError(Exception):
    """A mistake that the user can mend; shown as one message, without a traceback."""


class ConnectionLostError(OneclickError):
    """The server went away; whether it did what it was asked last is unknown."""


ON_ENGINE = "on engine "  # begins the note that names the engine a run failed on
# By name, for a message does not deserve to import ibis.
_LACKS_A_FUNCTION = ("UnsupportedOperationError", "OperationNotDefinedError")
_LOST = ("OperationalError", "AdminShutdown", "CrashShutdown", "CannotConnectNow")
LOST = (
    "The connection to the warehouse was lost. See that the server runs and run again; earlier "
    "results are as they were."
)


def explain(error: BaseException) -> str:
    """Return one message for a person: the first of our own errors in the chain, else its gist."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None:
        chain.append(link)
        link = link.__cause__ or link.__context__
    notes = [note for link in chain for note in getattr(link, "__notes__", ())]
    engines = [note.removeprefix(ON_ENGINE) for note in notes if note.startswith(ON_ENGINE)]
    for link in chain:
        if isinstance(link, OneclickError):
            return str(link)
    for link in chain:
        if type(link).__name__ in _LACKS_A_FUNCTION:
            return (
                f"The engine {engines[0] if engines else 'of this run'} lacks a function that the "
                f"pipeline needs: {link} Run it on another engine (kedro run without --env runs on "
                "DuckDB), or write the step without that function."
            )
    if any(is_lost_connection(link) for link in chain):
        return LOST
    if any(_disk_is_full(link) for link in chain):
        saved = [note for note in notes if not note.startswith(ON_ENGINE)]
        return (
            f"The disk is full: {saved[0] if saved else 'a result'} could not be written. "
            "The earlier results are as they were. Make room on the disk and run again."
        )
    for link in chain:
        if isinstance(link, OSError) and link.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return (
                f"{link.filename} may not be read or written ({link.strerror}). Earlier results "
                "are as they were. Give yourself the right to it, or run as the user who owns it."
            )
    return f"{type(error).__name__}: {error}\nThe whole story: kedro run --traceback"


def is_lost_connection(error: BaseException) -> bool:
    """Whether psycopg tells that the server went away, or shuts down."""
    kind = type(error)
    return kind.__module__.startswith("psycopg") and kind.__name__ in _LOST


def _disk_is_full(error: BaseException) -> bool:
    """DuckDB has an exception of its own that tells it in words only."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return os.strerror(errno.ENOSPC) in str(error)
