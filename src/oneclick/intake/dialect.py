"""How the lines of a text file are divided, and where its headers are."""

import csv
import io
import re
from pathlib import Path

from oneclick.errors import OneclickError
from oneclick.intake.encoding import undo_windows_1251
from oneclick.intake.finding import NAMES, FileFinding
from oneclick.intake.headers import Columns, match_headers

DELIMITERS = (",", ";", "\t")

_LINE_END = re.compile(r"\r\n|\n|\r")
_EXCEL_HINT = re.compile(r"sep=(.)(?:\r\n|\n|\r)")


def find_dialect(finding: FileFinding, text: str, columns: Columns, told: str | None) -> list[str]:
    """Find delimiter, line end and line of the headers; note them in ``finding``.

    Args:
        finding: What is known of the file.
        text: Its beginning.
        columns: The headers that every column of ours may have.
        told: The delimiter, where a person has said it.

    Returns:
        The headers as they stand in the file, put right if they were read as windows-1251.

    Raises:
        OneclickError: The delimiter cannot be told.
    """
    if hint := _EXCEL_HINT.match(text):
        told = told or hint[1]
        text = text[hint.end() :]
        finding.header_line = 2
    first = _LINE_END.search(text)
    finding.line_end = first[0] if first else "\n"
    candidates = (told,) if told else DELIMITERS
    headers = {mark: _first_record(text, mark) for mark in candidates}
    matched = {mark: _matched(names, columns) for mark, names in headers.items()}
    if not max(matched.values()):
        repaired = {
            mark: names
            for mark, found in headers.items()
            if (names := [undo_windows_1251(name) or name for name in found]) != found
        }
        counts = {mark: _matched(names, columns) for mark, names in repaired.items()}
        if counts and max(counts.values()):
            finding.repaired = True
            headers, matched = repaired, counts
    best = [mark for mark, count in matched.items() if count == max(matched.values())]
    if max(matched.values()) == 0:
        best.sort(key=lambda mark: -len(headers[mark]))
        best = best[:1]
    if len(best) > 1:
        raise OneclickError(
            f"{finding.path}: its headers can be divided by {' or by '.join(map(_name, best))}. "
            "Say which in its entry of conf/base/data_processing/catalog.yml, for example "
            'dialect: {delimiter: ";"}'
        )
    finding.delimiter = best[0]
    return headers[best[0]]


def _first_record(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:  # a field beyond all measure: no table
        return []


def _matched(headers: list[str], columns: Columns) -> int:
    return sum(bool(where) for where in match_headers(headers, columns).values())


def _name(delimiter: str) -> str:
    return NAMES.get(delimiter, repr(delimiter))


def duckdb_options(finding: FileFinding, names: list[str]) -> dict[str, object]:
    """Return options with which DuckDB guesses nothing and forgives nothing.

    Line ends are left to DuckDB 2.0, since it reads no row when told that they are CRLF; in its
    strict mode, a file that mixes them is an error.

    Args:
        finding: What is known of the file.
        names: A name for every column of the file.
    """
    return {
        "auto_detect": False,
        "delim": finding.delimiter,
        "quote": '"',
        "escape": '"',
        "skip": finding.header_line - 1,
        "header": True,
        "columns": dict.fromkeys(names, "VARCHAR"),
        "compression": "gzip" if finding.compressed else "none",
        "strict_mode": True,
        "null_padding": False,
        "hive_partitioning": False,
    }


def refuse_lines(path: Path, faults: list[tuple[int, str]], message: str) -> OneclickError:
    """Say which lines of a file cannot be divided into fields.

    Args:
        path: The file.
        faults: Line and kind of fault as DuckDB names it, by line.
        message: DuckDB's own words, used where it lists no lines.
    """
    if not faults and (line := re.search(r"Line: (\d+)", message)):
        faults = [(int(line[1]), "")]
    kinds = {kind for _, kind in faults}
    lines = sorted({line for line, _ in faults})
    shown = ", ".join(map(str, lines[:10])) + (", …" if len(lines) > 10 else "")
    where = f"line {shown}" if len(lines) == 1 else f"lines {shown}"
    if kinds & {"INVALID ENCODING"} or "unicode" in message:
        return OneclickError(
            f"{path} begins as UTF-8, but holds bytes that are not UTF-8: {where}. Export the "
            "whole table in one encoding, best UTF-8."
        )
    if kinds & {"MISSING COLUMNS", "TOO MANY COLUMNS"} or "Number of Columns" in message:
        numbers = re.search(r"Expected Number of Columns: (\d+)", message)
        expected = f"{numbers[1]} fields like its headers" if numbers else "as many as headers"
        return OneclickError(
            f"{path}: every line must have {expected}, but {where} of the file has more or fewer. "
            "If numbers hold decimal commas or texts hold the delimiter, export them in quotes or "
            "with another delimiter."
        )
    if lines:
        return OneclickError(
            f"{path}: quotes do not pair up at {where}. Quote a whole field, and write a quote "
            'inside it twice: "5"" screen".'
        )
    return OneclickError(
        f"{path} cannot be divided into lines and fields. Export it again as CSV (UTF-8)."
    )
