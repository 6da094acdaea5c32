"""Compile numerical functions for the processor at hand."""

from collections.abc import Callable
from typing import Any

from numba import njit

# Sums may be reordered and multiply-adds fused; nothing else is relaxed.
_FAST = {"contract", "reassoc", "nsz"}


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function compiled by numba; it lets other threads run meanwhile.

    The machine code is kept beside the source, or in the user's cache where that folder is not
    writable.
    """
    try:
        return njit(cache=True, nogil=True, fastmath=_FAST, error_model="numpy")(function)
    except RuntimeError:  # no folder may be written: compile in every process
        return njit(nogil=True, fastmath=_FAST, error_model="numpy")(function)
