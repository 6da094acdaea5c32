"""Which header of a file is which column of ours."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from oneclick.errors import OneclickError
from oneclick.intake.finding import FileFinding


def _fold(header: str) -> str:
    """Return a header without what people change: case, spaces, underscores, «ё», marks."""
    header = unicodedata.normalize("NFC", header)  # a Mac writes «й» in two signs
    kept = "".join(letter for letter in header if letter.isprintable() and letter not in " _")
    return kept.casefold().replace("ё", "е")


class Wanted(NamedTuple):
    """Our columns, each with the headers that it may have, and those that may be absent."""

    columns: Mapping[str, Sequence[str]]
    optional: Sequence[str]

    def count_among(self, headers: Sequence[str]) -> int:
        """Return how many of our columns are among the headers."""
        folded = {_fold(header) for header in headers}
        return sum(any(_fold(name) in folded for name in names) for names in self.columns.values())

    def place_among(self, headers: Sequence[str], finding: FileFinding) -> dict[str, int]:
        """Return at which place of the file every column stands; note what is left over or absent.

        Raises:
            OneclickError: A column that must be there is missing, or stands there twice.
        """
        where = f"{finding.path}" + (f", sheet '{finding.sheet}'," if finding.sheet else "")
        found: dict[str, int] = {}
        for column, names in self.columns.items():
            accepted = {_fold(name) for name in names}
            places = [place for place, header in enumerate(headers) if _fold(header) in accepted]
            if len(places) > 1:
                twins = " and ".join(f"'{headers[place]}' (column {place + 1})" for place in places)
                raise OneclickError(f"{where} has the column {column} twice: {twins}. Leave one.")
            if places:
                found[column] = places[0]
        finding.absent = [column for column in self.columns if column not in found]
        finding.left_out = [h for place, h in enumerate(headers) if place not in found.values()]
        if missing := [column for column in finding.absent if column not in self.optional]:
            wanted = ", ".join(f"'{self.columns[column][0]}' ({column})" for column in missing)
            if not found and any(re.fullmatch(r"[\d\s.,+-]+", header) for header in headers):
                raise OneclickError(  # it shows nothing of it
                    f"{where} has no headers: its first line has {len(headers)} fields with "
                    f"numbers among them, so it looks like a customer's row. Export it with a line "
                    f"of headers ({wanted})."
                )
            held = ", ".join(repr(header[:60]) for header in headers[:30])
            odd = (
                " If these headers look odd: does a title stand above them, are they divided by "
                "another mark than comma, semicolon or tab, or is the encoding neither UTF-8 nor "
                'windows-1251 (tell it there: dialect: {encoding: "cp866"})?'
            )
            raise OneclickError(
                f"{where} has no column {wanted}; its headers are {held or 'none'}. Export it with "
                "these columns, or add its header to `columns` of this table in "
                f"conf/base/data_processing/catalog.yml.{odd if len(found) < 2 else ''}"
            )
        return found
