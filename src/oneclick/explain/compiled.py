"""Compile numerical functions for the processor at hand."""

from collections.abc import Callable
from typing import Any

from numba import njit

_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "error_model": "numpy",
    # Sums may be reordered and multiply-adds fused; nothing else is relaxed.
    "fastmath": {"contract", "reassoc", "nsz"},
    # Else a function called may be linked from another file in the next process, with other bits.
    "forceinline": True,
}


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function compiled by numba; it lets other threads run meanwhile.

    The machine code is kept beside the source, or in the user's cache where that folder is not
    writable.
    """
    try:
        return njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # no folder may be written: compile in every process
        return njit(**_OPTIONS)(function)
