"""Which mark a column writes before its decimals, and the same numbers written with a point."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from oneclick.errors import OneclickError
from oneclick.intake.finding import DecimalMark, FileFinding

_SPACES = " \u00a0\u2009\u202f"
_EXPONENT = r"(?:[eE][-+]?\d+)?"
_NUMBER = re.compile(rf"[-+]?\d[\d.,{_SPACES}]*{_EXPONENT}")
_ONE_MARK = re.compile(rf"[-+]?(\d+)([.,])(\d+)({_EXPONENT})")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?:([.,])\d+)?")
_OTHER: dict[DecimalMark, DecimalMark] = {",": ".", ".": ","}


@dataclass
class Evidence:
    """What the cells of one column say about how it writes numbers.

    Attributes:
        marks: How many cells can only be read with this decimal mark.
        doubtful: A cell that may be decimals or thousands, such as «1,234»; empty if none.
        grouped_by: The mark that sets thousands apart; empty if none does.
        spaced: Whether spaces set thousands apart.
        numeric: Whether most cells look like numbers.
    """

    marks: Counter[DecimalMark]
    doubtful: str = ""
    grouped_by: str = ""
    spaced: bool = False
    numeric: bool = False


def weigh(cells: Iterable[str | None]) -> Evidence:
    """Return what a sample of a column's cells says about its numbers."""
    evidence = Evidence(Counter())
    counts = Counter(cell.strip() for cell in cells if cell and cell.strip())
    numbers = {cell: count for cell, count in counts.items() if _NUMBER.fullmatch(cell)}
    evidence.numeric = 2 * sum(numbers.values()) > counts.total()
    for cell, count in numbers.items():
        closed = _without_spaces(cell)
        spaced = closed != cell
        evidence.spaced |= spaced
        if single := _ONE_MARK.fullmatch(closed):
            whole, mark, decimals, exponent = single.groups()
            if len(decimals) != 3 or len(whole) > 3 or whole[0] == "0" or exponent or spaced:
                evidence.marks[mark] += count  # type: ignore[index]
            else:
                evidence.doubtful = cell
        elif grouped := _THOUSANDS.fullmatch(closed):
            group, decimal = grouped.groups()
            if decimal != group:
                evidence.grouped_by = group
                evidence.marks[_OTHER[group]] += count  # type: ignore[index]
    return evidence


def _without_spaces(cell: str) -> str:
    if re.fullmatch(rf"[-+]?\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,]\d+)?", cell):
        return re.sub(f"[{_SPACES}]", "", cell)
    return cell


def settle_marks(
    finding: FileFinding, evidence: Mapping[str, Evidence], told: DecimalMark | None
) -> None:
    """Note the decimal mark of every column with numbers in ``finding``.

    A column whose own cells leave it open follows the others; where no cell of the file tells,
    the mark is the point, as long as no cell could mean two numbers.

    Raises:
        OneclickError: Cells such as «1,234» are either 1.234 or 1234, and nothing tells which.
    """
    own = {name: _own_mark(found) for name, found in evidence.items()}
    others = {mark for mark in own.values() if mark}
    for name, found in evidence.items():
        if not found.numeric:
            continue
        mark = told or own[name] or (others.copy().pop() if len(others) == 1 else None)
        if mark is None and found.doubtful:
            sign = "," if "," in found.doubtful else "."
            raise OneclickError(
                f"{finding.path}, column {name}: is '{found.doubtful}' a number with decimals or "
                f"with thousands set apart? Nothing in the file tells. Say it in its entry of "
                "conf/base/data_processing/catalog.yml: "
                f"dialect: {{decimal: '{sign}'}} for decimals, "
                f"dialect: {{decimal: '{_OTHER[sign]}'}} for thousands."  # type: ignore[index]
            )
        finding.decimals[name] = mark or "."
        if told and found.doubtful and told not in found.doubtful:
            found.grouped_by = _OTHER[told]
        if found.spaced or found.grouped_by:
            finding.grouped.append(name)


def _own_mark(found: Evidence) -> DecimalMark | None:
    ranked = found.marks.most_common()
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def with_points(text: ir.StringValue, mark: DecimalMark, found: Evidence) -> ir.StringValue:
    """Return a column's numbers with decimal points and without marks between thousands.

    A cell that is written otherwise than its column is left, or made, unreadable as a number, so
    that its row is rejected instead of misread.

    Args:
        text: The column as it stands in the file.
        mark: Its decimal mark.
        found: What its cells say.
    """
    if found.spaced:
        spaced = text.re_search(rf"^\s*[-+]?\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,]\d+)?\s*$")
        text = ibis.ifelse(spaced, text.re_replace(f"[{_SPACES}]", ""), text)
    plain = text
    if mark == ",":
        foreign = text + " (decimal point among decimal commas)"
        plain = ibis.ifelse(text.contains("."), foreign, text.replace(",", "."))
    if found.grouped_by == _OTHER[mark]:
        group, point = re.escape(_OTHER[mark]), re.escape(mark)
        grouped = text.re_search(rf"^\s*[-+]?\d{{1,3}}(?:{group}\d{{3}})+(?:{point}\d+)?\s*$")
        closed = text.replace(_OTHER[mark], "").replace(mark, ".")
        plain = ibis.ifelse(grouped, closed, plain)
    return plain
