"""Whatever bytes a file holds: a table, or one of our messages."""

import csv
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from oneclick.errors import OneclickError
from tests.intake.shapes import MONEY, misread, parquet, put, read_rows, workbook

BASE = 'id;Прибыль\r\n1;0,98\r\n2;"3 293,1"\r\n3;-5\r\n'
SEEDS = [
    BASE.encode(),
    BASE.encode("utf-8-sig"),
    BASE.encode("utf-16"),
    BASE.encode("utf-16-be"),
    BASE.encode("cp1251"),
    misread(BASE).encode(),
    BASE.replace("\r\n", "\r").encode(),
]
FUZZ = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def read_bytes(name, content):
    """Return the rows that are read, None if the file is refused by name."""
    with TemporaryDirectory() as folder:
        put(Path(folder), lambda path: path.write_bytes(content), name)
        try:
            return read_rows(Path(folder) / "money", MONEY)
        except OneclickError as refused:
            assert "money" in str(refused)
            return None


@st.composite
def damaged(draw, seeds):
    """One of the seeds with a few bytes changed, left out or put in."""
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        until = at + draw(st.integers(0, 3))
        content[at:until] = draw(st.binary(max_size=4))
    return bytes(content)


@FUZZ
@given(content=st.binary(max_size=300), name=st.sampled_from(["money.csv", "money.xlsx"]))
def test_any_bytes(content, name):
    read_bytes(name, content)


@FUZZ
@given(content=damaged(SEEDS), name=st.sampled_from(["money.csv", "money.csv.gz"]))
def test_damaged_texts(content, name):
    read_bytes(name, content)


@FUZZ
@given(body=st.text(alphabet='0123456789.,;-" \t\r\nЁё\u00a0', max_size=60))
@example(body="1;2\r3;4\n")
@example(body='1;"2\n')
@example(body="1;2;3\n\n\n4;5\n")
def test_a_text_is_read_with_all_its_records_or_not_at_all(body):
    text = "id;Прибыль\n" + body
    read = read_bytes("money.csv", text.encode())
    if read is not None:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=";")
        assert len(read) == sum(bool(record) for record in records) - 1


@pytest.fixture(scope="module")
def packed_seeds(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    rows = [["id", "Прибыль"], [1, 0.98], [2, -5.5]]
    workbook(folder / "money.xlsx", {"1": rows})
    parquet(folder / "money.parquet", rows)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@settings(FUZZ, max_examples=30)
@given(data=st.data())
@pytest.mark.parametrize("name", ["money.xlsx", "money.parquet"])
def test_damaged_workbooks_and_parquet(packed_seeds, name, data):
    read_bytes(name, data.draw(damaged([packed_seeds[name]])))
