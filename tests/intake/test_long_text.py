"""What is read of a long text where it lies is what is read of its copy."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from oneclick.datasets.engine_table_dataset import EngineTableDataset
from oneclick.errors import OneclickError
from oneclick.intake import long_text
from oneclick.intake.long_text import in_file_order
from oneclick.intake.reading import read_table
from oneclick.intake.scanning import GROUP
from oneclick.tables.checking import check_table
from tests.intake.shapes import REVENUE, connection, put, read_rows

HEADERS = "id;Период;Выручка;Заметка"
FIRST = "1;текущий_месяц;0,98;"


@pytest.fixture
def all_long(monkeypatch):
    monkeypatch.setattr(long_text, "LONG", 0)


def outcome(read):
    try:
        return read()
    except OneclickError as refused:
        return str(refused)


def read_where_it_lies(stem, **arguments):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_text, "LONG", 0)
        rows = in_file_order(read_table(stem, REVENUE, connection(), **arguments))
        assert not hasattr(rows, "op")  # it is batches, so the text was not copied
    return rows.read_all()


def as_rows(table):
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


# Without digits: samples of texts so small differ in what they show of a column.
cells = st.text('abя ";,\n\r', max_size=6).map(lambda text: '"' + text.replace('"', '""') + '"')
records = st.tuples(
    st.sampled_from(["2", "007", "", "1e3", "1_000", "nan"]),
    cells | st.just("текущий_месяц"),
    st.sampled_from(["0,98", "-4,5", "1.5", "12", "", "x", '"1,25"', "3;4", '"open']),
    cells | st.just(""),
).map(";".join)
blanks = st.sampled_from([";;;", ";;;x", ""])


@given(st.lists(st.tuples(records | blanks, st.sampled_from(["\n", "\n", "\r\n"])), max_size=12))
@example([(";;;", "\n"), ("2;a;1,5;", "\n")])
@example([("2;a;1,5;", "\n"), ("3;b;2,5;", "\r\n"), (";;;", "\n"), ("4;c;3,5;", "\r\n")])
@example([("2;a;1,5;", "\n"), ("3;b;2,5;x;y", "\n")])
def test_a_text_is_read_as_its_copy_would_be(lines):
    text = "".join(line + end for line, end in [(HEADERS, "\n"), (FIRST, "\n"), *lines])
    with TemporaryDirectory() as folder:
        stem = Path(folder) / "market_money"
        put(Path(folder), text, "market_money.csv")
        told = {"overrides": {"decimal": ","}}  # else their samples differ, being so small
        assert outcome(lambda: as_rows(read_where_it_lies(stem, **told))) == outcome(
            lambda: read_rows(stem, REVENUE, **told)
        )


def write_long(folder, change=lambda lines: None):
    lines = [f"{row};текущий_месяц;{row % 1000},5;\r\n" for row in range(3 * GROUP)]
    change(lines)
    put(folder, HEADERS + "\r\n" + "".join(lines), "market_money.csv")
    return folder / "market_money"


def test_many_lines_keep_their_order_and_their_numbers(tmp_path):
    def blank_some(lines):
        lines[5] = lines[GROUP + 7] = lines[-1] = ";;;note\r\n"

    read = read_where_it_lies(write_long(tmp_path, blank_some))
    blank = {5, GROUP + 7, 3 * GROUP - 1}
    there = [row for row in range(3 * GROUP) if row not in blank]
    assert read["source_row"].to_pylist() == [row + 2 for row in there]
    assert read["customer_id"].to_pylist() == [str(row) for row in there]
    assert set(read["revenue"].to_pylist()) == {f"{value}.5" for value in range(1000)}


def test_line_ends_that_change_far_down_lose_and_repeat_nothing(tmp_path):
    def end_otherwise(lines):
        lines[2 * GROUP + 9 :] = [line.replace("\r\n", "\n") for line in lines[2 * GROUP + 9 :]]

    read = read_where_it_lies(write_long(tmp_path, end_otherwise))
    assert read["source_row"].to_pylist() == list(range(2, 3 * GROUP + 2))
    assert read["customer_id"].to_pylist() == [str(row) for row in range(3 * GROUP)]


def test_a_text_in_which_every_record_has_several_lines_is_understood(tmp_path, all_long):
    records = "".join(f'{row};a;{row},5;"one\ntwo"\n' for row in range(50))
    put(tmp_path, f"{HEADERS}\n{records}", "market_money.csv")
    table = in_file_order(read_table(tmp_path / "market_money", REVENUE, connection()))
    assert table.to_pyarrow()["revenue"].to_pylist() == [f"{row}.5" for row in range(50)]


def test_a_broken_line_far_down_is_named(tmp_path):
    def break_one(lines):
        lines[2 * GROUP] = "1;2;3;4;5;6\r\n"

    stem = write_long(tmp_path, break_one)
    with pytest.raises(OneclickError, match=rf"market_money\.csv has .* at line {2 * GROUP + 2} "):
        read_where_it_lies(stem)


def test_whoever_explores_a_long_text_finds_an_ordinary_table(tmp_path, all_long):
    put(tmp_path, f"{HEADERS}\n{FIRST}\n;;;\n2;x;-3,5;\n", "market_money.csv")
    table = read_table(tmp_path / "market_money", REVENUE, connection())
    found = table.order_by("source_row").to_pyarrow()
    assert as_rows(found) == [(2, "1", "текущий_месяц", "0.98"), (4, "2", "x", "-3.5")]
    assert table.filter(table.customer_id == "2").source_row.execute().tolist() == [4]


def test_what_is_made_of_it_is_stored_in_groups_that_are_the_same_in_every_run(tmp_path, all_long):
    table = read_table(write_long(tmp_path), REVENUE, connection())
    made = table.mutate(revenue=table.revenue.cast("float64"))
    stored = EngineTableDataset(
        filepath=str(tmp_path / "made.parquet"), connection={"backend": "duckdb"}
    )
    stored.save(in_file_order(made))
    file = pq.ParquetFile(tmp_path / "made.parquet")
    groups = [file.metadata.row_group(place).num_rows for place in range(3)]
    assert (file.metadata.num_rows, groups) == (3 * GROUP, [GROUP] * 3)
    assert file.read()["revenue"].to_pylist() == [row % 1000 + 0.5 for row in range(3 * GROUP)]


def test_other_tables_are_left_as_they_are(tmp_path):
    put(tmp_path, f"{HEADERS}\n{FIRST}\n", "market_money.csv")
    table = read_table(tmp_path / "market_money", REVENUE, connection())
    assert in_file_order(table) is table


def test_a_long_shop_is_checked_as_a_short_one(project, cleaning_rules, monkeypatch):
    catalog = yaml.safe_load((project / "conf/base/data_processing/catalog.yml").read_text("utf-8"))

    def checked(table):
        stem, told = project / "data/01_raw/sample" / table.file, catalog[table.file]
        exported = read_table(
            stem, told["columns"], connection(), optional=told.get("optional", ())
        )
        return in_file_order(check_table(exported, table, cleaning_rules))

    short = {name: checked(table) for name, table in cleaning_rules.tables.items()}
    monkeypatch.setattr(long_text, "LONG", 0)
    for name, table in cleaning_rules.tables.items():
        assert checked(table).read_all().equals(short[name].order_by("source_row").to_pyarrow())
