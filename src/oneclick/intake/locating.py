"""Which file holds a table, and what its first bytes say it is."""

import hashlib
from pathlib import Path

from oneclick.errors import OneclickError

ENDINGS = (".csv", ".csv.gz", ".xlsx", ".parquet")

_NO_TABLES = {
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old or protected Excel workbook (.xls)",
    b"{\\rtf": "an RTF document",
    b"\x89PNG": "a picture",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
}


def find_files(stem: Path) -> list[Path]:
    """Return the files that may hold a table: ``stem`` with an ending that can be read."""
    if not stem.parent.is_dir():
        return []
    wanted = {f"{stem.name}{ending}".casefold() for ending in ENDINGS}
    return sorted(path for path in stem.parent.iterdir() if path.name.casefold() in wanted)


def find_file(stem: Path) -> Path:
    """Return the one file that holds a table.

    Args:
        stem: Its path without the ending.

    Raises:
        OneclickError: The folder, or the file, is missing; or several could be meant.
    """
    folder = stem.parent
    if not folder.is_dir():
        raise OneclickError(
            f"There is no folder {folder}. Put the exported tables there, or say where they are: "
            "kedro run --params raw=FOLDER"
        )
    endings = ", ".join(ENDINGS)
    try:
        found = find_files(stem)
    except PermissionError as error:
        raise OneclickError(f"The folder {folder} may not be read. Allow it: chmod.") from error
    if not found:
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
        held = ", ".join(names[:20]) + (", …" if len(names) > 20 else "") if names else "nothing"
        raise OneclickError(
            f"The table {stem.name} is missing: {folder} holds {held}. Export it there as "
            f"{stem.name} with one of the endings {endings}."
        )
    if len(found) > 1:
        raise OneclickError(
            f"Which one is the table {stem.name}? {folder} holds "
            f"{' and '.join(path.name for path in found)}. Leave one of them there."
        )
    if not found[0].is_file():
        raise OneclickError(
            f"{found[0]} is no file. Put the exported table {stem.name} in its place."
        )
    return found[0]


def kind_by_content(path: Path) -> str:
    """Return ``csv``, ``gzip``, ``xlsx`` or ``parquet``, as the first bytes say.

    Raises:
        OneclickError: The file is empty, may not be read, or is no table at all.
    """
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise OneclickError(
            f"{path} cannot be read ({error.strerror}). Check its rights."
        ) from error
    if not start:
        raise OneclickError(f"{path} is empty. Export the table again.")
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    if start.startswith(b"PAR1"):
        return "parquet"
    if start.startswith(b"PK\x03\x04"):
        if path.suffix.casefold() == ".xlsx":
            return "xlsx"
        raise OneclickError(
            f"{path} is a ZIP archive or a workbook, not text. Unpack it, or name it "
            f"{path.name.split('.')[0]}.xlsx if it is an Excel workbook."
        )
    markup = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    what = next((what for magic, what in _NO_TABLES.items() if start.startswith(magic)), None)
    if markup.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        what = "a web page or XML"
    if what is None and path.suffix.casefold() in (".xlsx", ".parquet"):
        what = f"no {path.suffix.casefold()[1:]} file"
    if what:
        raise OneclickError(f"{path} is {what}, not a table. Export it as CSV (UTF-8) or .xlsx.")
    return "csv"


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, reading it piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
