"""Which mark a column writes before its decimals, and the same numbers written with a point."""

import logging
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import ibis
import ibis.expr.types as ir

from oneclick.errors import OneclickError
from oneclick.intake.finding import FileFinding, Mark
from oneclick.intake.headers import Wanted

logger = logging.getLogger("oneclick.intake")

_SPACES = " \u00a0\u2009\u202f"
_EXPONENT = r"(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(rf"[-+]?\d[\d.,{_SPACES}]*{_EXPONENT}")
_SPACED = rf"[-+]?\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,]\d+)?"
_ONE_MARK = re.compile(rf"[-+]?(\d+)([.,])(\d+)({_EXPONENT})")
_DECIMALS = r"[-+]?(?:0,\d+|\d+,(?:\d{1,2}|\d{4,})|\d{4,},\d+)"
_GROUPED = re.compile(r"[-+]?\d{1,3}([.,])\d{3}(?:\1\d{3})*(?:([.,])\d+)?")
_UNCLEAR = r"[-+]?[1-9]\d{0,2}\.\d{3}"
_OTHER: dict[Mark, Mark] = {",": ".", ".": ","}


@dataclass
class Evidence:
    """What the cells of one column say about how it writes numbers."""

    marks: Counter[Mark] = field(default_factory=Counter)  # of cells that need this decimal mark
    unclear: str = ""  # a cell that may be decimals or thousands, such as «1,234»
    grouped: bool = False  # the mark that is not the decimal one sets thousands apart
    spaced: bool = False  # spaces set thousands apart
    numeric: bool = False  # some cell looks like a number, or no cell has been seen
    open: bool = False  # nothing in the file has told the decimal mark


def weigh(cells: Iterable[str | None]) -> Evidence:
    """Return what a sample of a column's cells says about its numbers."""
    evidence = Evidence()
    counts = Counter(cell.strip() for cell in cells if cell and cell.strip())
    numbers = {cell: count for cell, count in sorted(counts.items()) if _NUMBER.fullmatch(cell)}
    evidence.numeric = bool(numbers) or not counts
    for cell, count in numbers.items():
        spaced = re.fullmatch(_SPACED, cell) is not None
        closed = re.sub(f"[{_SPACES}]", "", cell) if spaced else cell
        evidence.spaced |= spaced
        if single := _ONE_MARK.fullmatch(closed):
            whole, mark, decimals, exponent = single.groups()
            if len(decimals) == 3 and len(whole) < 4 and whole[0] != "0" and not exponent:
                evidence.unclear = cell
            else:
                evidence.marks[mark] += count  # type: ignore[index]
        elif (group := _GROUPED.fullmatch(closed)) and group[1] != group[2]:
            evidence.grouped = True
            evidence.marks[_OTHER[group[1]]] += count  # type: ignore[index]
    return evidence


def settle_marks(finding: FileFinding, evidence: Mapping[str, Evidence], told: Mark | None) -> None:
    """Note the decimal mark of every column of numbers in ``finding``.

    A column whose own cells leave it open follows the others, unless it has a cell that would be
    unreadable then. Where no cell of the file tells, it is the point.

    Raises:
        OneclickError: Cells such as «1,234» are either 1.234 or 1234, and nothing tells which.
    """
    own: dict[str, Mark | None] = {}
    for name, found in evidence.items():
        points, commas = found.marks["."], found.marks[","]
        own[name] = None if points == commas else "." if points > commas else ","
    known = {mark for mark in own.values() if mark}
    shared = known.pop() if len(known) == 1 else None
    for name, found in evidence.items():
        if not found.numeric:
            continue
        mark = told or own[name] or shared
        settled = told or own[name] or not found.unclear or (shared and shared in found.unclear)
        if not settled:
            sign: Mark = "," if "," in found.unclear else "."
            raise OneclickError(
                f"{finding.path}, column {name}: has '{found.unclear}' decimals, or thousands set "
                "apart? The file does not settle it. Say it in its entry of "
                f'conf/base/data_processing/catalog.yml: dialect: {{decimal: "{sign}"}} for '
                f'decimals, dialect: {{decimal: "{_OTHER[sign]}"}} for thousands.'
            )
        found.open = mark is None
        found.grouped |= told is not None and told not in found.unclear and found.unclear != ""
        finding.decimals[name] = mark or "."
        if found.spaced or found.grouped:
            finding.grouped.append(name)


def read_cells(
    finding: FileFinding,
    wanted: Wanted,
    cells: Mapping[str, ir.StringValue],
    samples: Mapping[str, Iterable[str | None]],
    told: Mark | None,
) -> dict[str, ir.Value]:
    """Return all our columns as text, absent ones as nulls, numbers with decimal points.

    ``cells`` are the columns that are there; ``samples`` are of those that may hold numbers as
    text. What was found out about the file is logged.

    Raises:
        OneclickError: As ``settle_marks``.
    """
    evidence = {name: weigh(sample) for name, sample in samples.items()}
    settle_marks(finding, evidence, told)
    logger.info("%s", finding)
    read: dict[str, ir.Value] = {**dict.fromkeys(wanted.columns, ibis.null("string")), **cells}
    for name, mark in finding.decimals.items():
        read[name] = with_points(cells[name], mark, evidence[name])
    return read


def with_points(text: ir.StringValue, mark: Mark, found: Evidence) -> ir.StringValue:
    """Return a column's numbers with decimal points and without marks between thousands.

    A cell written otherwise than its column is left, or made, unreadable as a number, so that its
    row is rejected and not misread.
    """
    if found.spaced:
        closed = text.re_replace(f"[{_SPACES}]", "")
        text = ibis.ifelse(_is_all(_SPACED, text), closed, text)
    plain = text
    if mark == ",":
        doubtful = text + " (a decimal point among decimal commas)"
        number = rf"[-+]?[\d.,]+{_EXPONENT}"
        pointed = ibis.ifelse(text.contains("."), doubtful, text.replace(",", "."))
        plain = ibis.ifelse(_is_all(number, text), pointed, text)
    elif found.open:
        # Not «and»: the pattern would be tried on every cell.
        unclear = ibis.ifelse(text.contains("."), _is_all(_UNCLEAR, text), False)
        plain = ibis.ifelse(unclear, text + " (decimals, or thousands?)", text)
    if found.grouped:
        group, point = re.escape(_OTHER[mark]), re.escape(mark)
        number = rf"[-+]?\d{{1,3}}(?:{group}\d{{3}})+(?:{point}\d+)?"
        plain = ibis.ifelse(
            _is_all(number, text), text.replace(_OTHER[mark], "").replace(mark, "."), plain
        )
    return plain


def with_proven_points(text: ir.StringValue) -> ir.StringValue:
    """Return a column of numbers in which some are stored as text, those with decimal points.

    Only a comma that cannot set thousands apart is read: «0,9», not «1,234».
    """
    proven = ibis.ifelse(text.contains(","), _is_all(_DECIMALS, text), False)
    return ibis.ifelse(proven, text.replace(",", "."), text)


def _is_all(pattern: str, text: ir.StringValue) -> ir.BooleanValue:
    """Return whether a cell is what a pattern says, but for blanks around it."""
    return text.re_search(rf"^[\s{_SPACES}]*{pattern}[\s{_SPACES}]*$")
