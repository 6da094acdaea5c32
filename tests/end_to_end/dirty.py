"""A sound shop in which one customer in a hundred is given a fault, and what must come of it."""

from collections.abc import Iterable, Iterator
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from oneclick.sample.shop import FILES

ONE_IN = 100


class Fault(NamedTuple):
    """A cell that is spoilt, and how cleaning must reject its row."""

    table: str
    place: int
    column: str
    text: str
    reason: str


FAULTS = (
    Fault("behaviour", 1, "declined", "Непонятно", "unknown_value"),
    Fault("behaviour", 12, "pages_per_visit", "много", "not_a_number"),
    Fault("behaviour", 7, "promo_share", "1.5", "above_maximum"),
    Fault("revenue", 2, "revenue", "-3", "below_minimum"),
    Fault("time_on_site", 1, "period", "когда-то", "unknown_value"),
    Fault("profit", 1, "monthly_profit", "", "missing"),
)


def spoil(shop: Path, target: Path, customers: Iterable[int]) -> pd.DataFrame:
    """Copy a shop with a fault in the first row of every hundredth of some customers.

    Args:
        shop: The folder of the sound files.
        target: The folder of the copies.
        customers: Ids whom cleaning keeps while they are sound.

    Returns:
        The rows that cleaning must reject for it, as ``rejected_rows`` has them.
    """
    target.mkdir(parents=True)
    chosen = dict(zip(list(customers)[::ONE_IN], cycle(FAULTS)))
    rejected: list[dict] = []
    for table, (file, separator) in FILES.items():
        faults = {id_: fault for id_, fault in chosen.items() if fault.table == table}
        with (shop / file).open("rb") as sound, (target / file).open("wb") as copy:
            copy.writelines(_spoilt(sound, separator.encode(), faults, rejected))
    return pd.DataFrame(rejected)


def _spoilt(
    lines: Iterable[bytes], separator: bytes, faults: dict[int, Fault], rejected: list[dict]
) -> Iterator[bytes]:
    for number, line in enumerate(lines, start=1):
        start = line.split(separator, 1)[0]
        fault = faults.pop(int(start), None) if number > 1 else None
        if fault is None:
            yield line
            continue
        cells = line.rstrip(b"\r\n").split(separator)
        cells[fault.place] = fault.text.encode()
        yield separator.join(cells) + b"\r\n"
        rejected.append(
            {
                "customer_id": int(start),
                "table": fault.table,
                "line": number,
                "column": fault.column,
                "value": fault.text,
                "reason": fault.reason,
            }
        )


def check_rejected(sound: Path, dirty: Path, expected: pd.DataFrame) -> None:
    """Make sure that exactly the spoilt rows, and nothing else, were rejected in addition.

    Args:
        sound: Results of the sound shop.
        dirty: Results of the spoilt one.
        expected: What `spoil` has returned.
    """
    rows = "02_intermediate/rejected_rows.parquet"
    before, found = pd.read_parquet(sound / rows), pd.read_parquet(dirty / rows)
    columns = list(expected.columns)
    wanted = pd.concat([before[columns], expected]).sort_values(columns, ignore_index=True)
    wanted["line"] = wanted["line"].astype("float64")
    found = found[columns].sort_values(columns, ignore_index=True)
    found["line"] = found["line"].astype("float64")
    pd.testing.assert_frame_equal(found, wanted, check_dtype=False)
    kept = pd.read_parquet(sound / "03_primary/customers.parquet")
    left = kept[~kept["customer_id"].isin(expected["customer_id"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.read_parquet(dirty / "03_primary/customers.parquet"), left)
