import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from kedro.io import DatasetError
from kedro_datasets.ibis import FileDataset

from oneclick.datasets.exported_table_dataset import ExportedTableDataset
from oneclick.errors import OneclickError

CONNECTION = {"backend": "duckdb", "database": ":memory:"}
COLUMNS = {"customer_id": ["id"], "monthly_profit": ["Прибыль"]}


def make(folder, **arguments):
    return ExportedTableDataset(
        filepath=str(folder / "money"), columns=COLUMNS, connection=CONNECTION, **arguments
    )


def test_an_export_loads_as_text_under_our_names(tmp_path):
    (tmp_path / "money.csv").write_text("id;Прибыль\n1;0,98\n", encoding="cp1251")
    loaded = make(tmp_path).load().to_pyarrow().to_pylist()
    assert loaded == [{"source_row": 2, "customer_id": "1", "monthly_profit": "0.98"}]


def test_dialect_and_optional_columns_come_from_the_catalog(tmp_path):
    (tmp_path / "money.csv").write_text("id\n1,234\n", encoding="utf-8")
    dialect = {"delimiter": ";", "decimal": "."}
    loaded = make(tmp_path, dialect=dialect, optional=["monthly_profit"]).load()
    assert loaded.to_pyarrow().to_pylist() == [
        {"source_row": 2, "customer_id": "1234", "monthly_profit": None}
    ]


def test_it_lives_in_the_connection_of_the_other_datasets(tmp_path):
    """One node joins exports and saved tables, so they must be in one database."""
    (tmp_path / "money.csv").write_text("id;Прибыль\n1;0,98\n", encoding="utf-8")
    export = make(tmp_path).load()
    saved = FileDataset(filepath=str(tmp_path / "saved.parquet"), connection=CONNECTION)
    saved.save(export)
    joined = export.join(saved.load(), "customer_id")
    assert joined.count().to_pyarrow().as_py() == 1


def write_part(path, **columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


@pytest.mark.parametrize("part", ["part-0.parquet", "month=1/part-0.parquet"])
def test_a_folder_of_parts_is_read_wherever_it_lies(tmp_path, part):
    folder = tmp_path / "exports [1]"
    write_part(folder / "money.parquet" / part, id=[1, 2], Прибыль=[0.98, 4.0])
    loaded = make(folder).load().order_by("customer_id").to_pyarrow().to_pylist()
    assert loaded == [
        {"source_row": None, "customer_id": "1", "monthly_profit": "0.98"},
        {"source_row": None, "customer_id": "2", "monthly_profit": "4.0"},
    ]


def test_a_folder_beside_a_file_is_not_preferred_in_silence(tmp_path):
    (tmp_path / "money.csv").write_text("id;Прибыль\n1;0,98\n", encoding="utf-8")
    write_part(tmp_path / "money.parquet/part-0.parquet", id=[1], Прибыль=[7.0])
    with pytest.raises(DatasetError, match=r"Which one is .* money\.csv and money\.parquet"):
        make(tmp_path).load()


def test_a_folder_without_parts_is_named(tmp_path):
    (tmp_path / "money.parquet").mkdir()
    with pytest.raises(DatasetError, match=r"money\.parquet is a folder without parquet files"):
        make(tmp_path).load()


@pytest.mark.parametrize("name", ["money.csv", "money.csv.gz", "money.xlsx", "MONEY.parquet"])
def test_it_exists_in_any_format(tmp_path, name):
    assert not make(tmp_path).exists()
    assert not make(tmp_path / "nowhere").exists()
    (tmp_path / name).touch()
    assert make(tmp_path).exists()


def test_a_missing_export_is_named(tmp_path):
    with pytest.raises((DatasetError, OneclickError), match="money is missing") as missing:
        make(tmp_path).load()
    assert isinstance(missing.value, OneclickError) or isinstance(
        missing.value.__cause__, OneclickError
    )


def test_an_export_is_never_written(tmp_path):
    with pytest.raises(DatasetError, match="never written"):
        make(tmp_path).save("anything")
