"""Which header of a file is which column of ours."""

from collections.abc import Mapping, Sequence

from oneclick.errors import OneclickError

Columns = Mapping[str, Sequence[str]]


def fold(header: str) -> str:
    """Return a header without what people change: case, spaces, underscores, «ё», marks."""
    kept = "".join(letter for letter in header if letter.isprintable() and letter not in " _")
    return kept.casefold().replace("ё", "е")


def match_headers(headers: Sequence[str], columns: Columns) -> dict[str, list[int]]:
    """Return, for every column of ours, the places where one of its headers stands."""
    folded = [fold(header) for header in headers]
    return {
        ours: [place for place, name in enumerate(folded) if name in {fold(t) for t in theirs}]
        for ours, theirs in columns.items()
    }


def places(
    file: str, headers: Sequence[str], columns: Columns, optional: Sequence[str] = ()
) -> dict[str, int]:
    """Return the place of every column in the file; optional ones may be absent.

    Raises:
        OneclickError: A column is missing or stands there twice.
    """
    matches = match_headers(headers, columns)
    missing = [ours for ours, where in matches.items() if not where and ours not in optional]
    if missing:
        wanted = ", ".join(f"'{columns[ours][0]}' ({ours})" for ours in missing)
        raise OneclickError(
            f"{file} has no column {wanted}. Its headers are: {_shown(headers)}. Export the table "
            "with these columns, or add the header that it has to the column's list under "
            "`columns` in conf/base/data_processing/catalog.yml."
        )
    for ours, where in matches.items():
        if len(where) > 1:
            names = " and ".join(f"'{headers[place]}' (column {place + 1})" for place in where)
            raise OneclickError(
                f"{file} has the column {ours} more than once: {names}. Leave one of them."
            )
    return {ours: where[0] for ours, where in matches.items() if where}


def _shown(headers: Sequence[str]) -> str:
    shown = ", ".join(repr(header[:60]) for header in headers[:30])
    return shown + (", …" if len(headers) > 30 else "")
