"""Whatever bytes a file holds: a table, or one of our messages."""

import csv
import gzip
import io
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from oneclick.errors import OneclickError
from oneclick.sample.shop import write_shop
from tests.intake.shapes import MONEY, REVENUE, misread, parquet, put, read_rows, workbook

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


def read_bytes(name, content, columns=MONEY):
    """Return the rows that are read, None if the file is refused by name."""
    stem = name.partition(".")[0]
    with TemporaryDirectory() as folder:
        put(Path(folder), lambda path: path.write_bytes(content), name)
        try:
            return read_rows(Path(folder) / stem, columns)
        except OneclickError as refused:
            assert stem in str(refused)
            return None


MARKS = [
    b'"',
    b";",
    b",",
    b"\n",
    b"\r",
    b"\t",
    b"\0",
    b"\xff",
    b"\xd0",
    b"\xc2\xa0",
    b"1e999",
    b"=1",
    b"",
]


@st.composite
def damaged(draw, seeds):
    """One of the seeds cut off, or with a few bytes changed, left out or put in."""
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        until = at + draw(st.integers(0, 3))
        content[at:until] = draw(st.sampled_from(MARKS) | st.binary(max_size=4))
    if draw(st.integers(0, 3)) == 0:
        del content[draw(st.integers(0, len(content))) :]
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
@example(body="0;\r;")
def test_a_text_is_read_with_all_its_records_or_not_at_all(body):
    text = "id;Прибыль\n" + body
    read = read_bytes("money.csv", text.encode())
    if read is not None:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=";")
        lines = [record for record in records if record][1:]
        # Cells that are all empty are left out, unless a quoted one says that it is meant.
        assert sum(any(line) for line in lines) <= len(read) <= len(lines)


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """A table of the shop in every format."""
    folder = tmp_path_factory.mktemp("seeds")
    write_shop(folder, 50, seed=1)
    text = (folder / "market_money.csv").read_bytes()
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    workbook(folder / "market_money.xlsx", {"1": rows})
    parquet(folder / "market_money.parquet", rows)
    packed = {name: (folder / f"market_money.{name}").read_bytes() for name in ("xlsx", "parquet")}
    return {"csv": text, "csv.gz": gzip.compress(text)} | packed


def pack_again(book: bytes, part: str, content: bytes) -> bytes:
    """Return a workbook with other content in one of its parts."""
    target = io.BytesIO()
    with ZipFile(io.BytesIO(book)) as source, ZipFile(target, "w") as copy:
        for name in source.namelist():
            copy.writestr(name, content if name == part else source.read(name))
    return target.getvalue()


@settings(FUZZ, max_examples=25)
@given(data=st.data())
@pytest.mark.parametrize("ending", ["csv", "csv.gz", "xlsx", "parquet"])
def test_damaged_exports(exports, ending, data):
    read_bytes(f"market_money.{ending}", data.draw(damaged([exports[ending]])), REVENUE)


@settings(FUZZ, max_examples=25)
@given(data=st.data())
def test_damage_within_an_archive(exports, data):
    # Given an archive that is sound, while what is in it is not
    text = data.draw(damaged([exports["csv"]]))
    with ZipFile(io.BytesIO(exports["xlsx"])) as book:
        part = data.draw(st.sampled_from(book.namelist()))
        content = data.draw(damaged([book.read(part)]))

    # Then it is read, or refused by name
    read_bytes("market_money.csv.gz", gzip.compress(text), REVENUE)
    read_bytes("market_money.xlsx", pack_again(exports["xlsx"], part, content), REVENUE)
