"""How a text is divided into fields, and where its headers are."""

import csv
import io
import re
from typing import NamedTuple

from oneclick.errors import OneclickError
from oneclick.intake.encoding import undo_windows_1251
from oneclick.intake.finding import NAMES, FileFinding
from oneclick.intake.headers import Wanted

DELIMITERS = (",", ";", "\t")
_LINE_END = re.compile(r"\r\n|\n|\r")
_BEFORE_HEADERS = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r))*(?:sep=(.)(?:\r\n|\n|\r))?")


class _Reading(NamedTuple):
    matches: int
    delimiter: str
    repaired: bool
    headers: list[str]


def find_dialect(finding: FileFinding, text: str, wanted: Wanted, told: str | None) -> list[str]:
    """Return the headers; note delimiter, line end and line of the headers in ``finding``.

    The headers tell: rightly divided, and put right where UTF-8 was taken for windows-1251, they
    are those of our columns. ``text`` is the beginning of the file, ``told`` the delimiter where a
    person has said it.

    Raises:
        OneclickError: The delimiter cannot be told.
    """
    if before := _BEFORE_HEADERS.match(text):  # empty lines, and one that tells Excel the delimiter
        told = told or before[1]
        finding.header_line += len(_LINE_END.findall(before[0]))
        text = text[before.end() :]
    line_end = _LINE_END.search(text)
    finding.line_end = line_end[0] if line_end else None
    readings = []
    for delimiter in (told,) if told else DELIMITERS:
        plain = _first_record(text, delimiter)
        mended = [undo_windows_1251(header) or header for header in plain]
        for repaired, headers in enumerate((plain, mended)):
            matches = wanted.count_among(headers)
            readings.append(_Reading(matches, delimiter, bool(repaired), headers))
    most = max(reading.matches for reading in readings)
    best = [reading for reading in readings if reading.matches == most]
    # The undamaged reading comes first; without any match, the one with most fields is shown.
    chosen = best[0] if most else max(best, key=lambda reading: len(reading.headers))
    rivals = [reading for reading in best if reading.repaired == chosen.repaired]
    if most and any(reading.headers != chosen.headers for reading in rivals):
        marks = " or by ".join(NAMES[reading.delimiter] for reading in rivals)
        raise OneclickError(
            f"{finding.path}: its headers may be divided by {marks}. Say which in its entry of "
            'conf/base/data_processing/catalog.yml, for example dialect: {delimiter: ";"}'
        )
    finding.delimiter, finding.repaired = chosen.delimiter, chosen.repaired and most > 0
    return chosen.headers


def _first_record(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:  # a field beyond all measure: no table
        return []
