"""Which file holds a table, and what its first bytes say it is."""

from pathlib import Path

from oneclick.errors import OneclickError

ENDINGS = (".csv", ".csv.gz", ".xlsx", ".parquet")
_SHOWN = 20
_STARTS = {
    b"\x1f\x8b": "csv in gzip",
    b"PAR1": "parquet",
    b"PK\x03\x04": "xlsx",
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old or protected Excel workbook",
    b"{\\rtf": "an RTF document",
    b"\x89PNG": "a picture",
    b"<!doctype": "a web page",
    b"<html": "a web page",
    b"<table": "a web page",
    b"<?xml": "an XML document",
}


def find_files(stem: Path) -> list[Path]:
    """Return the files that may hold a table: ``stem`` with an ending that can be read."""
    wanted = {f"{stem.name}{ending}".casefold() for ending in ENDINGS}
    try:
        return sorted(path for path in stem.parent.iterdir() if path.name.casefold() in wanted)
    except FileNotFoundError:
        return []


def find_file(stem: Path) -> Path:
    """Return the one file, or folder of parquet parts, that holds a table.

    ``stem`` is its path without the ending.

    Raises:
        OneclickError: The folder, or the file, is missing; or several could be meant.
    """
    folder = stem.parent
    if not folder.is_dir():
        raise OneclickError(
            f"There is no folder {folder}. Put the exported tables there, or say where they are: "
            "kedro run --params raw=FOLDER (for a read-out: outcome_raw=FOLDER)"
        )
    try:
        found = find_files(stem)
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise _unreadable(folder, error) from error
    if not found:
        held = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
        raise OneclickError(
            f"The table {stem.name} is missing: {folder} holds {held or 'nothing'}. Export it "
            f"there as {stem.name} with one of the endings {', '.join(ENDINGS)}."
        )
    if len(found) > 1:
        raise OneclickError(
            f"Which one is the table {stem.name}? {folder} holds "
            f"{' and '.join(path.name for path in found)}. Leave one of them there."
        )
    in_parts = found[0].is_dir() and found[0].suffix.casefold() == ".parquet"
    if in_parts and not any(found[0].rglob("*.parquet")):
        raise OneclickError(f"{found[0]} is a folder without parquet files. Export it again.")
    if not found[0].is_file() and not in_parts:
        raise OneclickError(f"{found[0]} is no file. Put the table {stem.name} in its place.")
    return found[0]


def find_kind(path: Path) -> str:
    """Return ``csv``, ``csv in gzip``, ``xlsx`` or ``parquet``, as the first bytes say.

    Raises:
        OneclickError: The file is empty, may not be read, or is no table at all.
    """
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise _unreadable(path, error) from error
    if not start:
        raise OneclickError(f"{path} is empty. Export the table again.")
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    is_like = (
        kind for sign, kind in _STARTS.items() if start.startswith(sign) or plain.startswith(sign)
    )
    kind = next(is_like, "csv")
    named = path.suffix.casefold()
    if kind == "xlsx" and named != ".xlsx":
        kind = "a ZIP archive or a workbook"
    elif kind == "csv" and named in (".xlsx", ".parquet"):
        kind = f"no {named[1:]} file"
    if kind.startswith(("a ", "an ", "no ")):
        raise OneclickError(
            f"{path} is {kind}, not a table that its name promises. Export the table again as "
            f"{path.name.split('.')[0]}.csv (UTF-8) or .xlsx."
        )
    return kind


def _unreadable(path: Path, error: OSError) -> OneclickError:
    return OneclickError(f"{path} cannot be read ({error.strerror}). Check its access rights.")
