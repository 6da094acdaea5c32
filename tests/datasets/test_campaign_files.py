from functools import partial

import ibis
import pandas as pd
import pytest
from kedro.io import DatasetError

from oneclick.campaign.workbook import Block, Sheet
from oneclick.datasets import table_csv_dataset
from oneclick.datasets.table_csv_dataset import TableCsvDataset
from oneclick.datasets.workbook_dataset import WorkbookDataset
from oneclick.engines import stream_rows

FRAME = pd.DataFrame({"id": [1, 2, 3], "share": [0.5, 0.25, None], "имя": ["а;б", 'в"г', None]})


@pytest.fixture
def table():
    backend = ibis.duckdb.connect()
    return backend.create_table("t", FRAME).order_by("id")


def test_a_table_survives_the_russian_dialect(table, tmp_path) -> None:
    dataset = TableCsvDataset(
        filepath=str(tmp_path / "new" / "t.csv"), sep=";", decimal=",", encoding="utf-8-sig"
    )
    assert not dataset.exists()
    dataset.save(table)
    pd.testing.assert_frame_equal(dataset.load(), FRAME)


def test_pages_are_written_one_after_another(table, tmp_path, monkeypatch) -> None:
    whole, paged = (TableCsvDataset(filepath=str(tmp_path / name)) for name in ("a.csv", "b.csv"))
    whole.save(table)
    for rows in (1, 2, 3):
        few = partial(stream_rows, rows=rows)
        monkeypatch.setattr(table_csv_dataset, "stream_rows", few)
        paged.save(table)
        assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_an_empty_table_still_has_a_header(table, tmp_path) -> None:
    TableCsvDataset(filepath=str(tmp_path / "t.csv")).save(table.filter(table.id > 9))
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "id,share,имя\n"


def test_a_workbook_is_saved_and_not_read(tmp_path) -> None:
    dataset = WorkbookDataset(filepath=str(tmp_path / "new" / "t.xlsx"))
    dataset.save([Sheet("a", [Block(FRAME)])])
    assert dataset.exists()
    with pytest.raises(DatasetError, match="is for people"):
        dataset.load()
