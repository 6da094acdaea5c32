"""A customer is forgotten: their rows leave every result that is kept, and nothing is made anew.

To run again without them would draw other arms and letters for everybody, and letters that have
been sent could no longer be read out. So all other rows stay as they are, in their order.
"""

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from oneclick.errors import OneclickError
from oneclick.publishing import RUNS_FOLDER, Publication, flush, place_of_tables
from oneclick.tables.joining import KEY


def read_ids(words: Iterable[str]) -> list[int]:
    """Return the ids that were named.

    Raises:
        OneclickError: A word is no id.
    """
    for word in words:
        if not re.fullmatch(r"[0-9]{1,16}", word):
            raise OneclickError(
                f"'{word}' is no customer's id: an id is a whole number. Nothing was changed. "
                "Name the ids as they stand in the exports: kedro forget 400001 400002"
            )
    return [int(word) for word in words]


def forget(snapshots: Path, ids: list[int], erase_tables: Callable[[str], int] | None) -> list[str]:
    """Remove customers from all kept runs of all snapshots; it may be repeated at any time.

    Args:
        snapshots: The folder of snapshots.
        ids: The customers.
        erase_tables: Removes them from a snapshot's tables in the warehouse, and returns how many
            rows that were; None if the environment has no warehouse.

    Returns:
        What was done, and what is left for a person to do, in lines.

    Raises:
        OneclickError: A run is writing a snapshot; then nothing was changed.
    """
    done: list[str] = []
    of_snapshots: list[str] = []
    found = False
    with ExitStack() as locks:
        folders = sorted(path for path in (snapshots / RUNS_FOLDER).glob("[!.]*") if path.is_dir())
        for folder in folders:
            locks.enter_context(
                _locked(snapshots / folder.name, place_of_tables(folder) or "files")
            )
        for folder in folders:
            rows = sum(_erase_rows(path, ids) for path in sorted(folder.rglob("*.parquet")))
            lists = [path for run in folder.glob("*/") for path in _erase_lists(run, ids)]
            if place_of_tables(folder) == "warehouse":
                if erase_tables is not None:
                    rows += erase_tables(folder.name)
                else:
                    of_snapshots.append(
                        f"tables of {folder.name} in the warehouse: repeat with --env"
                    )
            found = found or bool(rows or lists)
            told = [f"{rows} rows", *sorted({path.name for path in lists})]
            done.append(f"{folder.name}: removed {', '.join(told)}")
            if rows and list(folder.glob("*/06_models/*")):
                of_snapshots.append(
                    f"the model of {folder.name}: train the next one without the customer"
                )
    if found:
        of_snapshots.append("reports, which hold sums and three examples: draw them again")
    elif not of_snapshots:  # or else the warehouse may hold them
        done.append(
            f"No kept result holds {', '.join(map(str, ids))}. If an earlier call removed them, "
            "what it said of models and reports still holds."
        )
    return [
        *done,
        "Left for you (docs/personal_data.md says how):",
        "- your exports, or the next run brings the rows back",
        "- the stop list of the CRM, lists that were handed on, backups and copies",
        *(f"- {line}" for line in of_snapshots),
    ]


def erase_from_warehouse(
    engine: Mapping[str, Any], ids: Iterable[int]
) -> Callable[[str], int] | None:
    """Return what removes customers from a snapshot's tables in PostgreSQL; None on other engines.

    ``engine`` is that of conf/<environment>/globals.yml.
    """
    if engine["backend"] != "postgres":
        return None
    from oneclick.engines import connect
    from oneclick.warehouse.erasure import erase_rows

    connection = connect(dict(engine))
    return lambda snapshot: erase_rows(connection, f"oneclick_{snapshot}", KEY, list(ids))


@contextmanager
def _locked(published: Path, place: str) -> Iterator[None]:
    """Keep runs away from a snapshot, and clear what killed ones have left of it."""
    publication = Publication(published, "forget", place)
    publication.begin()
    try:
        yield
    finally:
        publication.abandon()


def _erase_rows(path: Path, ids: list[int]) -> int:
    """Remove rows from a parquet file, one group of rows after the other; return how many."""
    if not path.is_file() or KEY not in (file := pq.ParquetFile(path)).schema_arrow.names:
        return 0
    theirs = pa.array(ids, file.schema_arrow.field(KEY).type)
    keys = (file.read_row_group(group, [KEY])[KEY] for group in range(file.num_row_groups))
    kept = [pc.invert(pc.is_in(numbers, theirs)) for numbers in keys]
    gone = file.metadata.num_rows - sum(pc.sum(mask).as_py() or 0 for mask in kept)
    if gone:
        new = path.with_name(f".{path.name}.new")
        with pq.ParquetWriter(new, file.schema_arrow) as writer:
            for group, mask in enumerate(kept):
                writer.write_table(file.read_row_group(group).filter(mask))
        shutil.copystat(path, new)  # rights, and the time: what is in it was not made now
        flush([new])
        path.with_name(f".{path.name}.crc").unlink(missing_ok=True)  # Spark's, of the old file
        new.replace(path)  # other runs' hard links to the old file stay
    return gone


def _erase_lists(run: Path, ids: list[int]) -> Iterator[Path]:
    """Remove the campaign's lists of a run if they name one of the customers.

    They have been handed on, or ``segmentation`` makes them again.
    """
    numbers = set(map(str, ids))
    lists = [path for end in ("csv", "xlsx") for path in sorted(run.rglob(f"campaign*.{end}"))]
    if any(_has(path, numbers) for path in lists if path.suffix == ".csv"):
        for path in lists:
            path.unlink()
            yield path


def _has(path: Path, numbers: set[str]) -> bool:
    with path.open(encoding="utf-8-sig") as file:
        delimiter = max(";,", key=file.readline().count)
        return any(numbers.intersection(line.rstrip().split(delimiter)) for line in file)
