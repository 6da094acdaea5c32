"""Work in parts, on all processors, for functions that let other threads run meanwhile."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_threads(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return the function's result for each item, in their order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(function, items))


def ahead(items: Iterable[Item], most: int = 1) -> Iterator[Item]:
    """Yield the items; ``most`` of them at most are made in another thread while one is used."""
    source, end = iter(items), object()
    with ThreadPoolExecutor(1) as pool:
        coming = deque(pool.submit(next, source, end) for _ in range(most))
        while (item := coming.popleft().result()) is not end:
            coming.append(pool.submit(next, source, end))
            yield item  # type: ignore[misc]  # it is no `end`


def slices(count: int, size: int) -> Iterator[slice]:
    """Yield the parts of ``count`` rows, ``size`` at a time."""
    return (slice(start, min(start + size, count)) for start in range(0, count, size))
