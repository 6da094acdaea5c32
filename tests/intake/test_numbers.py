"""Numbers: written in any usual way they read as themselves, or not at all."""

import ibis
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oneclick.errors import OneclickError
from oneclick.intake.finding import FileFinding
from oneclick.intake.numbers import settle_marks, weigh, with_points
from oneclick.tables.spelling import PLAIN, SPACES
from tests.intake.shapes import connection

STYLES = [
    (".", ""),
    (",", ""),
    (".", " "),
    (",", "\u00a0"),
    (",", "\u202f"),
    (".", ","),
    (",", "."),
]


def read_column(tmp_path, cells, told=None):
    """Return a column's cells as numbers, None where they cannot be read."""
    finding = FileFinding(tmp_path, "csv")
    found = weigh(cells)
    settle_marks(finding, {"x": found}, told)
    text = ibis.memtable(pa.table({"x": cells, "place": range(len(cells))})).x
    text = with_points(text, finding.decimals["x"], found) if finding.decimals else text
    number = text.translate(SPACES, PLAIN).strip().try_cast("float64")
    return connection().to_pyarrow(number.name("x")).to_pylist()


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["0,98", "1,234", "5"], [0.98, 1.234, 5]),
        (["0.98", "1.234", "5"], [0.98, 1.234, 5]),
        (["0.98", "1,234"], [0.98, None]),
        (["0,98", "1.234"], [0.98, None]),
        (["0,98", "0,5", "0.5"], [0.98, 0.5, None]),
        (["1,234.5", "1,234", "7.5", "0,98"], [1234.5, 1234, 7.5, None]),
        (["1.234,5", "1.234", "7,5", "1.23"], [1234.5, 1234, 7.5, None]),
        (["1 234,5", "12 34,5", "1 234 567", " 7 "], [1234.5, None, 1234567, 7]),
        (["3293,1\u00a0", "\u00a01 234,5", "\u20095"], [3293.1, 1234.5, 5]),  # as Excel's accounts
        (["1,234,567", "1,234"], [1234567, 1234]),
        (["1,5E-3", "-2,25", "+3,5"], [0.0015, -2.25, 3.5]),
        (["1,2,3", "1,5"], [None, 1.5]),
        (["1,5 л", "1,5"], [None, 1.5]),
        (["12.05.2026", "1,5"], [None, 1.5]),
        (["5", "7"], [5, 7]),
    ],
)
def test_known_columns(tmp_path, cells, numbers):
    assert read_column(tmp_path, cells) == numbers


@pytest.mark.parametrize("cells", [["1,234"], ["1.234", "5"], ["1,234", "0.5", "0,5"]])
def test_a_column_that_nothing_settles_is_refused(tmp_path, cells):
    with pytest.raises(OneclickError, match=r"column x.*dialect: \{decimal"):
        read_column(tmp_path, cells)


@pytest.mark.parametrize(
    ("told", "cells", "numbers"),
    [
        (",", ["1,234"], [1.234]),
        (".", ["1,234"], [1234]),
        (".", ["1.234"], [1.234]),
        (",", ["1.234"], [1234]),
        (",", ["1.5", "1,5"], [None, 1.5]),
    ],
)
def test_what_is_told_settles_it(tmp_path, told, cells, numbers):
    assert read_column(tmp_path, cells, told) == numbers


def test_a_late_cell_of_two_meanings_is_not_guessed_at(tmp_path):
    """The sample had whole numbers only; the cell after it could be 1.234 or 1234."""
    finding = FileFinding(tmp_path, "csv")
    found = weigh(["5", "7"])
    settle_marks(finding, {"x": found}, None)
    late = ibis.memtable({"x": ["1.234", "1,234", "0.5"]}).x
    read = with_points(late, finding.decimals["x"], found).try_cast("float64").name("x")
    assert connection().to_pyarrow(read).to_pylist() == [None, None, 0.5]


@given(
    numbers=st.lists(st.decimals(-(10**9), 10**9, places=2), min_size=1, max_size=20),
    style=st.sampled_from(STYLES),
)
def test_numbers_read_as_themselves_in_every_style(tmp_path_factory, numbers, style):
    decimal, thousands = style
    cells = [f"{n:,.2f}".replace(",", "_").replace(".", decimal) for n in numbers]
    cells = [cell.replace("_", thousands) for cell in cells]
    read = read_column(tmp_path_factory.getbasetemp(), cells)
    assert read == [float(n) for n in numbers]
