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
