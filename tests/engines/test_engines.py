"""What the engines have in common: one reading of numbers, and plain words for what is amiss."""

import gc
import re
import sys
from pathlib import Path
from unittest.mock import Mock

import ibis
import pandas as pd
import pyarrow as pa
import pytest
import yaml
from ibis.common.exceptions import IbisError

from oneclick import engines
from oneclick.datasets.exported_table_dataset import ExportedTableDataset
from oneclick.engines import (
    connect,
    in_ranges,
    map_rows,
    read_number,
    stream_rows,
    write_number,
)
from oneclick.errors import OneclickError, explain
from oneclick.hooks import PublishingHooks
from oneclick.tables.checking import check_table
from oneclick.tables.joining import join_tables
from oneclick.tables.notes import FAULT, read_notes
from oneclick.tables.rules import CleaningRules
from tests.engines.spark import PROJECT, engine_of, needs_spark

# What people, spreadsheets and programs write where a number should stand, and worse.
CELLS = [
    *("1", "1.5", " 2 ", "1,5", "-3", "+4", "1e3", "1E3", "1e400", "-1e400", "0.1e-400", "00012"),
    *("nan", "NaN", "-nan", "inf", "Infinity", "-Infinity", "+Inf", "1d", "1D", "1f", "1.5F", "1L"),
    *("0x10", "0x1p3", "0b1", "0o7", "1_000", "1 000", "1\u00a0000", ".5", "5.", ".", "--1", "1-"),
    *("٣", "１２", "", " ", "null", "None", "н/д", "—", "-", "true", "1e", "e1", "1.2.3", "1/2"),
    *("1\x1f2", "a\x1eb", "\\d", "\\1", "$1", "'q'", '"', "a\tb", "\n1", "1\n", "1\r", "\u20031"),
    *("9007199254740993", "123456789012345678901234567890", "1e 5", "5%", "x" * 100, "тест" * 30),
]
LEVELS = [
    *("премиум", "ПРЕМИУМ", " премиум ", "премиум\u00a0", "стандартт", "стандарт_", "_стандарт"),
    *("ст андарт", "İ", "", None, "  ", "премиум\n", "ПРЕМИУМ\t ", "Ёж", "премиум\x0b", "ﬁ"),
]


@pytest.fixture(scope="module")
def spark():
    return connect(engine_of("spark"))


@pytest.fixture
def odd_behaviour(tmp_path, cleaning_rules):
    """A file of the behaviour table with every odd cell in every column."""
    names = cleaning_rules.tables["behaviour"].columns
    frame = pd.DataFrame(dict.fromkeys(names, CELLS)).astype("str")
    frame["customer_id"] = [str(place) for place in range(len(CELLS))]
    frame["service_tier"] = (LEVELS * len(CELLS))[: len(CELLS)]
    frame.insert(0, "source_row", range(len(CELLS)))
    frame.to_parquet(tmp_path / "behaviour.parquet")
    return tmp_path / "behaviour.parquet"


def customers_of(folder: Path, engine, rules: CleaningRules) -> pd.DataFrame:
    """The customers of a folder of exports, cleaned on an engine, and the reasons against them."""
    catalog = yaml.safe_load((PROJECT / "conf/base/data_processing/catalog.yml").read_text("utf-8"))
    checked = {}
    for name, table in rules.tables.items():
        shape = {key: catalog[table.file].get(key) for key in ("columns", "optional")}
        exported = ExportedTableDataset(filepath=str(folder / table.file), connection={}, **shape)
        exported._connect = lambda: engine
        exported._connection_config = {"of": engine.name, "test": str(folder)}
        checked[name] = check_table(exported.load(), table, rules)
    joined = join_tables(checked, rules).execute()
    return joined.sort_values("customer_id").reset_index(drop=True)


@pytest.fixture(scope="module")
def sample_in_parts(tmp_path_factory) -> Path:
    """The committed sample as a cluster would export it: folders of typed parquet parts."""
    folder = tmp_path_factory.mktemp("parts")
    for name in ("market_file", "market_money", "market_time", "money"):
        money = {"sep": ";", "decimal": ","} if name == "money" else {}
        table = pd.read_csv(PROJECT / f"data/01_raw/sample/{name}.csv", **money)
        (folder / f"{name}.parquet").mkdir()
        for part in range(2):
            table.iloc[part::2].to_parquet(folder / f"{name}.parquet/part-{part}.parquet")
    return folder


def test_tables_in_parts_are_read_as_files_are(sample_in_parts, cleaning_rules):
    duckdb = connect(engine_of("base"))
    of_files = customers_of(PROJECT / "data/01_raw/sample", duckdb, cleaning_rules)

    pd.testing.assert_frame_equal(of_files, customers_of(sample_in_parts, duckdb, cleaning_rules))


@pytest.mark.parametrize(
    ("cell", "number"),
    [("1.5", 1.5), ("1e3", 1000.0), ("-.5", -0.5), ("1_000", None), ("1d", None), ("0x10", None)],
)
def test_a_number_is_read_by_one_rule(cell, number):
    read = read_number(ibis.memtable({"cell": [cell]}).cell).execute()[0]
    assert read == number or (number is None and pd.isna(read))


def test_a_long_table_is_made_in_ranges_that_leave_nobody_out(monkeypatch):
    # Given ids with gaps, and of other tables not all of them
    ids = [3, 4, 5, 900, 901, 10**12, 10**12 + 7]
    duckdb = ibis.duckdb.connect()
    people = duckdb.create_table("people", pa.table({"id": ids}))
    names = duckdb.create_table("names", pa.table({"id": ids[::2], "name": list("abcd")}))
    table = people.left_join(names, "id").drop("id_right").order_by("id")
    assert in_ranges(lambda within: within(table), "id", people) is table
    # When only three rows are joined at a time
    monkeypatch.setattr(engines, "_RANGE", 3)
    rows = in_ranges(lambda within: within(table), "id", people).read_all()
    # Then all are there as before, in order
    assert rows.to_pydict() == table.to_pyarrow().to_pydict()
    assert rows["id"].to_pylist() == ids


def test_ranges_leave_out_nobody_whom_only_another_table_knows(monkeypatch):
    # Given ids below, between and above those that say where the ranges end, and no ids at all
    monkeypatch.setattr(engines, "_RANGE", 2)
    duckdb = ibis.duckdb.connect()
    known = duckdb.create_table("known", pa.table({"id": [10, 20, 30, 40, None]}))
    others = duckdb.create_table("others", pa.table({"id": [-5, 15, 10**12]}))

    def make(within):
        known_within, others_within = within(known), within(others)
        return known_within.select("id").union(others_within).order_by("id")

    # When made in ranges
    rows = in_ranges(make, "id", known).read_all()
    # Then everybody who has an id is there once, in order
    assert rows["id"].to_pylist() == [-5, 10, 15, 20, 30, 40, 10**12]


def test_what_is_cached_lasts_until_the_last_range(monkeypatch):
    monkeypatch.setattr(engines, "_RANGE", 2)
    known = ibis.duckdb.connect().create_table("known", pa.table({"id": [10, 20, 30, 40]}))

    def make_of_cached():
        cached = known.mutate(half=known.id / 2).cache()
        return in_ranges(lambda within: within(cached.order_by("id")), "id", known)

    rows = make_of_cached()
    gc.collect()
    assert rows.read_all()["half"].to_pylist() == [5, 10, 15, 20]


class TestSpark:
    pytestmark = needs_spark

    def test_odd_cells_are_judged_as_by_duckdb(self, spark, odd_behaviour, cleaning_rules):
        judged, notes = [], []
        for engine in (connect(engine_of("base")), spark):
            raw = engine.read_parquet(odd_behaviour)
            checked = check_table(raw, cleaning_rules.tables["behaviour"], cleaning_rules)
            judged.append(checked.order_by("source_row").execute())
            noted = read_notes(checked, "faults", FAULT)
            noted = noted.select("source_row", "column", "value", "reason").execute()
            notes.append(noted.sort_values(list(noted.columns)).reset_index(drop=True))

        pd.testing.assert_frame_equal(*judged)
        pd.testing.assert_frame_equal(*notes)
        assert len(notes[0]) > 400

    def test_tables_in_parts_are_read_by_the_cluster(self, spark, sample_in_parts, cleaning_rules):
        duckdb = connect(engine_of("base"))
        pd.testing.assert_frame_equal(
            customers_of(sample_in_parts, duckdb, cleaning_rules),
            customers_of(sample_in_parts, spark, cleaning_rules),
        )

    def test_great_numbers_are_written_without_an_exponent(self, spark, tmp_path):
        numbers = [1.5, 106862.2, 1e7, 12345678.25, 98765432.1, -2e8]
        pd.DataFrame({"x": numbers}).to_parquet(tmp_path / "t.parquet")
        duckdb = connect(engine_of("base"))
        ours, theirs = (
            set(write_number(engine.read_parquet(tmp_path / "t.parquet").x).execute())
            for engine in (duckdb, spark)
        )
        assert ours == theirs

    def test_a_table_streams_in_its_order(self, spark, tmp_path):
        pd.DataFrame({"id": range(25_000), "name": "x"}).to_parquet(tmp_path / "t.parquet")
        table = spark.read_parquet(tmp_path / "t.parquet")

        batches = list(stream_rows(table.order_by(ibis.desc("id"))))

        assert len(batches) > 1
        assert pa.Table.from_batches(batches)["id"].to_pylist() == list(range(24_999, -1, -1))

    def test_python_maps_a_table_on_the_workers(self, spark, tmp_path):
        pd.DataFrame({"id": range(100)}).to_parquet(tmp_path / "t.parquet")

        def square(batches):
            for batch in batches:
                frame = batch.to_pandas()
                yield pa.RecordBatch.from_pandas(frame.assign(square=frame.id**2), schema=schema)

        schema = pa.schema([("id", pa.int64()), ("square", pa.int64())])
        mapped = map_rows(spark.read_parquet(tmp_path / "t.parquet"), "id", square, schema)

        assert isinstance(mapped, ibis.Table)
        assert mapped.square.sum().execute() == sum(n**2 for n in range(100))

    def test_a_function_that_the_engine_lacks_is_named_with_the_engine(self, spark, tmp_path):
        pd.DataFrame({"x": [1.0, 2.0]}).to_parquet(tmp_path / "t.parquet")
        with pytest.raises(IbisError) as failed:
            spark.read_parquet(tmp_path / "t.parquet").x.kurtosis().execute()

        # When a run fails with it
        hooks = PublishingHooks()
        hooks._engine = "pyspark"
        hooks.on_pipeline_error(failed.value, catalog=None)

        assert re.search(r"engine pyspark lacks .*'Kurtosis'", explain(failed.value))

    def test_a_master_that_does_not_answer_is_named(self):
        with pytest.raises(
            OneclickError, match=r"spark://127\.0\.0\.1:1 does not answer.*of the environment"
        ):
            connect({"backend": "pyspark", "master": "spark://127.0.0.1:1", "options": {}})

    def test_without_java_it_is_said_that_java_is_missing(self, monkeypatch, tmp_path):
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.delenv("JAVA_HOME", raising=False)
        with pytest.raises(OneclickError, match="needs Java"):
            connect(engine_of("spark"))


def test_why_spark_does_not_start_is_told_in_its_own_word(monkeypatch):
    said = (
        "An error occurred while calling None.org.apache.spark.api.java.JavaSparkContext.\n"
        ": org.apache.spark.SparkException: Could not parse Master URL: 'local[x]'\n"
        "\tat org.apache.spark.SparkContext$.createTaskScheduler(SparkContext.scala:3248)\n"
    )
    builder = Mock()
    builder.appName().master().config().getOrCreate.side_effect = RuntimeError(said)
    monkeypatch.setitem(sys.modules, "pyspark", Mock())
    monkeypatch.setitem(sys.modules, "pyspark.sql", Mock(SparkSession=Mock(builder=builder)))
    monkeypatch.setenv("JAVA_HOME", "somewhere")

    with pytest.raises(OneclickError, match=r"SparkException: Could not parse Master URL: 'loc"):
        connect({"backend": "pyspark", "master": "local[x]", "options": {}})


def test_without_pyspark_it_is_said_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(OneclickError, match=r"pip install -r requirements-spark\.lock"):
        connect(engine_of("spark"))


def test_the_lock_that_the_message_names_is_there():
    assert (PROJECT / "requirements-spark.lock").is_file()
