"""A customer is forgotten: their rows leave every result that is kept, and nothing is made anew.

To run again without them would draw other arms and letters for everybody, and letters that have
been sent could no longer be read out. So all other rows stay as they are, in their order.
"""

import csv
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import reduce
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from oneclick.errors import OneclickError
from oneclick.publishing import RUNS_FOLDER, Publication, flush
from oneclick.texts import load_texts

Ids = Mapping[str, int]  # each as files write it, and as a number

KEY = "customer_id"
QUOTING = ("value", "faults")  # columns that quote an id that could not be read
QUOTED = "(^|[^0-9]){}([^0-9]|$)"
# Tables of training customers without ids, and the column that tells one customer's rows.
_NAMELESS = {
    "06_models/model_background": None,
    "08_reporting/explanation_points": "point",
    "08_reporting/worked_examples": "example",
}
_MODEL_ROWS = (b"support_vectors_", b"_fit_X", b"X_train_")  # SVC, neighbours, Gaussian process
_TEXTS = "xl/sharedStrings.xml"
_EMPTY = "<si><t/></si>"
_BEFORE_EXAMPLE = (
    f'"column": "{KEY}"[^}}]*?"example": "' + f"|column {KEY}: [^'\"\\\\]*?for example '"
)


def read_ids(words: Iterable[str]) -> Ids:
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
    return {str(int(word)): int(word) for word in words}


def forget(
    snapshots: Path, ids: Ids, crm_header: str, erase_tables: Callable[[str], list[int]] | None
) -> list[str]:
    """Remove customers from all kept runs of all snapshots; it may be repeated at any time.

    Args:
        snapshots: The folder of snapshots.
        ids: Those of `read_ids`.
        crm_header: The header of the ids in the list for the CRM.
        erase_tables: Removes them from a snapshot's tables in the warehouse, and returns the id of
            each row; None if the environment has no warehouse.

    Returns:
        What was done, and what is left for a person to do, in lines.

    Raises:
        OneclickError: A run is writing a snapshot; then nothing was changed.
    """
    headers = {KEY, crm_header}
    headers |= {load_texts("campaign", language)["export"][KEY] for language in ("ru", "en")}
    done, left, found = [], [], set()
    with ExitStack() as locks:
        folders = sorted(path for path in (snapshots / RUNS_FOLDER).glob("[!.]*") if path.is_dir())
        for folder in folders:
            locks.enter_context(_locked(snapshots / folder.name, _place(folder)))
        for folder in folders:
            erased = [
                gone for run in sorted(folder.glob("*/")) for gone in _erase(run, ids, headers)
            ]
            if _place(folder) == "warehouse" and erase_tables is not None:
                erased.append(erase_tables(folder.name))
            elif _place(folder) == "warehouse":
                left.append(
                    f"tables of {folder.name} in the warehouse: repeat with --env warehouse"
                )
            files, rows = sum(map(bool, erased)), sum(map(len, erased))
            done.append(f"{folder.name}: {files} files changed, {rows} rows removed")
            found |= {number for gone in erased for number in gone}
            left += [*_describe_model(folder), *_unknown_lists(folder, headers)]
    for record in (snapshots.parent / "runs").glob("*.json"):
        _erase_quotes(record, ids, headers)
    if unknown := [text for text, number in ids.items() if number not in found]:
        done.append(f"Found nowhere: {', '.join(unknown)}")
    exports = ", ".join(map(str, sorted((snapshots.parent / "01_raw").glob("*/*"))))
    return [
        *done,
        "Left for you (docs/personal_data.md says how):",
        f"- your exports, or the next run brings the rows back: {exports or 'wherever they lie'}",
        "- the stop list of the CRM, lists that were handed on, backups and copies",
        *(f"- {line}" for line in left),
        "- figures in reports, which are sums, and the report's three examples: draw it again",
    ]


def erase_from_warehouse(engine: Mapping[str, Any], ids: Ids) -> Callable[[str], list[int]] | None:
    """Return what removes customers from a snapshot's tables in PostgreSQL; None on other engines.

    ``engine`` is that of conf/<environment>/globals.yml.
    """
    if engine["backend"] != "postgres":
        return None
    from oneclick.engines import connect
    from oneclick.warehouse.erasure import erase_rows

    connection = connect(dict(engine))
    return lambda snapshot: erase_rows(connection, snapshot, ids.values(), KEY, QUOTING, QUOTED)


def _place(folder: Path) -> str:
    told = folder / ".tables"
    return told.read_text() if told.exists() else "files"


@contextmanager
def _locked(published: Path, place: str) -> Iterator[None]:
    """Keep runs away from a snapshot, and clear what killed ones have left of it."""
    publication = Publication(published, "forget", place)
    publication.begin()
    try:
        yield
    finally:
        publication.abandon()


def _describe_model(folder: Path) -> list[str]:
    """Tell of the models that a snapshot keeps, and whether customers' rows are within them."""
    models = list(folder.glob("*/06_models/decline_model.skops"))
    schemas = b"".join(ZipFile(path).read("schema.json") for path in models)
    holds = "holds" if any(word in schemas for word in _MODEL_ROWS) else "holds no"
    told = f"the model of {folder.name}, which {holds} rows of those it has learned from"
    return [f"{told}: train the next one without the customer"] if models else []


def _unknown_lists(folder: Path, headers: set[str]) -> list[str]:
    """Tell of CSV files that may list customers under a header that is not ours any more."""
    unknown = [path for path in sorted(folder.rglob("*.csv")) if not _id_column(path, headers)]
    return [f"{path}, if it lists customers: none of its headers is known" for path in unknown]


def _erase(run: Path, ids: Ids, headers: set[str]) -> Iterator[list[int]]:
    """Yield for each file of a run whose rows it has lost.

    Tables without ids come first: their rows are known by figures that the others still hold.
    """
    training = run / "05_model_input/training_set.parquet"
    if training.exists():
        theirs = pd.read_parquet(training, filters=[(KEY, "in", list(ids.values()))])
        for name, one in _NAMELESS.items():
            if len(theirs) and (path := run / f"{name}.parquet").exists():
                yield _erase_figures(path, one, theirs)
    for path in sorted(run.rglob("*")):
        if path.is_file() and path.suffix in _ERASERS:
            yield _ERASERS[path.suffix](path, ids, headers)


def _erase_figures(path: Path, one: str | None, theirs: pd.DataFrame) -> list[int]:
    """Remove the rows whose figures are all those of a customer."""
    table = pq.read_table(path)
    rows = table.to_pandas()
    wide = rows
    if one is not None:  # there is a row for each of a customer's figures
        figures = _as_texts(rows[["value"]])["value"].where(rows["value"].notna(), rows["level"])
        named = rows.assign(figure=figures.fillna(""))
        wide = named.pivot_table("figure", one, "feature", aggfunc="first")
    whose = dict(zip(_as_keys(theirs[wide.columns]), theirs[KEY], strict=True))
    owner = _as_keys(wide).map(whose)
    gone = (owner if one is None else rows[one].map(owner)).dropna()
    if len(gone):
        with _replacing(path) as new:
            pq.write_table(table.filter(~rows.index.isin(gone.index)), new)
    return [int(number) for number in gone]


def _as_keys(rows: pd.DataFrame) -> pd.Series:
    return _as_texts(rows).agg("\n".join, axis=1)


def _as_texts(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.astype(dict.fromkeys(rows.select_dtypes("number"), float)).astype("str").fillna("")


def _erase_rows(path: Path, ids: Ids, _: set[str]) -> list[int]:
    """Remove rows from a parquet file, one group of rows after the other."""
    file = pq.ParquetFile(path)
    columns = [name for name in (KEY, *QUOTING) if name in file.schema_arrow.names]
    if KEY not in columns:
        return []
    gone: list[int] = []
    kept = []
    for group in range(file.num_row_groups):
        rows = file.read_row_group(group, columns)
        theirs = {number: _belongs_to(number, rows) for number in ids.values()}
        gone += [
            number for number, mask in theirs.items() for _ in range(pc.sum(mask).as_py() or 0)
        ]
        kept.append(pc.invert(reduce(pc.or_, theirs.values())))
    if gone:
        with _replacing(path) as new, pq.ParquetWriter(new, file.schema_arrow) as writer:
            for group, mask in enumerate(kept):
                writer.write_table(file.read_row_group(group).filter(mask))
    return gone


def _belongs_to(number: int, rows: pa.Table) -> Any:
    """Tell of each row whether it has the id, or has no readable one and quotes it."""
    theirs = pc.equal(rows[KEY], number)
    for name in rows.column_names[1:]:
        quoted = pc.match_substring_regex(rows[name], QUOTED.format(number))
        theirs = pc.coalesce(theirs, quoted)
    return pc.fill_null(theirs, False)


def _erase_records(path: Path, ids: Ids, headers: set[str]) -> list[int]:
    """Remove records from a CSV file and leave the bytes of the others alone."""
    gone = [ids[cell] for cell, _ in _records(path, headers) if cell in ids]
    if gone:
        with _replacing(path) as new, new.open("w", encoding="utf-8", newline="") as file:
            file.writelines(text for cell, text in _records(path, headers) if cell not in ids)
    return gone


def _records(path: Path, headers: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the id and the text of each record; a quoted field may go on in the next line."""
    read: list[str] = []

    def remember(lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            read.append(line)
            yield line

    if column := _id_column(path, headers):
        delimiter, place = column
        with path.open(encoding="utf-8", newline="") as file:
            for cells in csv.reader(remember(file), delimiter=delimiter):
                yield cells[place] if cells else "", "".join(read)
                read.clear()


def _id_column(path: Path, headers: set[str]) -> tuple[str, int] | None:
    """Return what separates the columns of a CSV file, and which is that of ids, if any."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        header = file.readline().rstrip("\n")
    delimiter = max(";,", key=header.count)
    names = next(csv.reader([header], delimiter=delimiter), [])
    return next(((delimiter, at) for at, name in enumerate(names) if name in headers), None)


def _erase_cells(path: Path, ids: Ids, headers: set[str]) -> list[int]:
    """Remove rows from a workbook of ours, and the texts that only they have used."""
    with ZipFile(path) as book:
        parts = {part: book.read(part).decode() for part in book.infolist()}
    texts = next(content for part, content in parts.items() if part.filename == _TEXTS)
    strings = re.findall("<si>.*?</si>", texts, re.S)
    gone: list[int] = []
    for part, content in parts.items():
        first = re.search(r'<c r="A1"[^>]* t="s"><v>(\d+)</v>', content)
        if first and re.sub("<.*?>", "", strings[int(first[1])]) in headers:
            parts[part] = _without_rows(content, ids, gone)
    if gone:
        used = set(re.findall(r' t="s"><v>(\d+)</v>', "".join(parts.values())))
        kept = "".join(si if str(at) in used else _EMPTY for at, si in enumerate(strings))
        with _replacing(path) as new, ZipFile(new, "w") as book:
            for part, content in parts.items():
                is_texts = part.filename == _TEXTS
                book.writestr(
                    part, content.replace("".join(strings), kept) if is_texts else content
                )
    return gone


def _without_rows(sheet: str, ids: Ids, gone: list[int]) -> str:
    """Return a sheet without the rows of the ids, the others moved up; note whose have gone."""
    before = len(gone)

    def keep(row: re.Match[str]) -> str:
        cell = re.search(r'<c r="A\d+"(?: s="\d+")?><v>(\d+)</v>', row[0])
        if cell and cell[1] in ids:
            gone.append(ids[cell[1]])
            return ""
        up = len(gone) - before
        return re.sub(r' r="([A-Z]*)(\d+)"', lambda at: f' r="{at[1]}{int(at[2]) - up}"', row[0])

    return re.sub("<row [^>]*[^/]>.*?</row>", keep, sheet, flags=re.S)


def _erase_quotes(path: Path, ids: Ids, _: set[str]) -> list[int]:
    """Blank the ids in examples of faulty values, in counts of faults and messages of runs."""
    text = path.read_text(encoding="utf-8")
    gone: list[int] = []
    for id_, number in ids.items():
        quote = rf"({_BEFORE_EXAMPLE})([^\"']*?)(?<!\d){id_}(?!\d)"
        text, times = re.subn(quote, r"\1\2…", text)
        gone += [number] * times
    if gone:
        with _replacing(path) as new:
            new.write_text(text, encoding="utf-8")
    return gone


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Lead to a file that takes the other's place and rights when it is whole.

    Other runs' hard links to the old file stay. Spark's checksum of it goes.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        yield new
        shutil.copymode(path, new)
        flush([new])
        path.with_name(f".{path.name}.crc").unlink(missing_ok=True)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


_ERASERS = {
    ".parquet": _erase_rows,
    ".csv": _erase_records,
    ".xlsx": _erase_cells,
    ".json": _erase_quotes,
}
