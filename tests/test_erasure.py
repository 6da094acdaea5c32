"""What forgetting a customer does to files that a small run does not make."""

import os
from pathlib import Path

import ibis
import pandas as pd
import pytest

from oneclick.erasure import forget, read_ids
from oneclick.errors import OneclickError


@pytest.fixture
def run(tmp_path) -> Path:
    folder = tmp_path / "snapshots/.runs/2026-11/run-1"
    folder.mkdir(parents=True)
    return folder


def forget_in(run: Path, *ids: str) -> list[str]:
    return forget(run.parents[2], read_ids(ids), None)


def test_a_part_of_sparks_is_replaced_together_with_its_checksum(run):
    # Given a table as Spark writes it
    for part, ids in {"part-0": [1, 2], "part-1": [3]}.items():
        path = run / f"customers.parquet/{part}.snappy.parquet"
        path.parent.mkdir(exist_ok=True)
        pd.DataFrame({"customer_id": ids, "faults": ""}).to_parquet(path)
        path.with_name(f".{path.name}.crc").write_bytes(b"of the part before")

    forget_in(run, "2")

    table = run / "customers.parquet"
    assert pd.read_parquet(table)["customer_id"].tolist() == [1, 3]
    assert [path.name for path in sorted(table.glob(".*"))] == [".part-1.snappy.parquet.crc"]


def test_rows_go_from_every_group_of_a_long_table_and_ids_are_not_rounded(run):
    # Given ids that no floating-point number can tell apart, and some that are missing
    near = [9_007_199_254_740_992, 9_007_199_254_740_993]
    ids = pd.array([*near, None] * 10, dtype="Int64")
    table = pd.DataFrame({"customer_id": ids, "row": range(30)})
    table.to_parquet(run / "long.parquet", row_group_size=4)

    forget_in(run, str(near[1]))

    kept = pd.read_parquet(run / "long.parquet")
    assert kept["row"].tolist() == [row for row in range(30) if row % 3 != 1]


def test_lists_that_name_a_customer_go_and_others_stay(run):
    # Given the lists of two runs, the second of which lists another customer with a price of 5,0
    folders = [run / "07_model_output", run.with_name("run-2") / "07_model_output"]
    for folder, record in zip(folders, ("5;7,0", "6;5,0"), strict=True):
        folder.mkdir(parents=True)
        (folder / "campaign_excel.csv").write_bytes(f"\ufeffID;cost\r\n{record}\r\n".encode())
        (folder / "campaign.xlsx").write_bytes(b"a workbook")

    printed = forget_in(run, "5")

    assert [len(list(folder.iterdir())) for folder in folders] == [0, 2]
    assert "2026-11: removed 0 rows, campaign.xlsx, campaign_excel.csv" in printed


def test_a_file_keeps_its_rights_and_another_link_to_it_its_rows(run, tmp_path):
    path, other = run / "register.parquet", tmp_path / "copy.parquet"
    pd.DataFrame({"customer_id": [5, 6]}).to_parquet(path)
    path.chmod(0o640)
    other.hardlink_to(path)

    forget_in(run, "5")

    assert pd.read_parquet(path)["customer_id"].tolist() == [6]
    assert path.stat().st_mode & 0o777 == 0o640
    assert pd.read_parquet(other)["customer_id"].tolist() == [5, 6]


def test_what_a_killed_run_has_left_goes(run):
    unfinished = run.with_name("run-2.unfinished")
    unfinished.mkdir()

    printed = forget_in(run, "5")

    assert not unfinished.exists()
    assert "2026-11: removed 0 rows" in printed


def test_a_table_may_be_left_without_rows(run):
    pd.DataFrame({"customer_id": [5], "value": "x"}).to_parquet(run / "rejected_rows.parquet")

    forget_in(run, "5")

    table = ibis.duckdb.connect().read_parquet(run / "rejected_rows.parquet")
    assert table.execute().empty


def test_tables_in_a_warehouse_are_told_where_it_is_not_known(run):
    (run.parent / ".tables").write_text("warehouse")

    assert "- tables of 2026-11 in the warehouse: repeat with --env" in forget_in(run, "5")


@pytest.mark.parametrize("word", ["abc", "4_0", "-1", "1.0", "", "²", "1" * 17])
def test_what_is_no_id_is_refused(word):
    with pytest.raises(OneclickError, match="is no customer's id"):
        read_ids(["5", word])


def test_only_a_snapshot_that_held_the_customer_needs_another_model(run):
    # Given two months with a model each, one of which holds the customer
    for month, ids in {"2026-11": [5, 6], "2026-12": [6]}.items():
        folder = run.parents[1] / month / "run-1"
        (folder / "06_models").mkdir(parents=True)
        (folder / "06_models/decline_model.skops").write_bytes(b"a model")
        pd.DataFrame({"customer_id": ids}).to_parquet(folder / "customers.parquet")

    printed = forget_in(run, "5")

    assert printed[:2] == ["2026-11: removed 1 rows", "2026-12: removed 0 rows"]
    models = [line for line in printed if "model of" in line]
    assert models == ["- the model of 2026-11: train the next one without the customer"]
    assert any(line.startswith("- reports") for line in printed)


def test_an_id_that_nobody_has_is_told_so_and_asks_for_little(run):
    (run / "06_models").mkdir()
    (run / "06_models/decline_model.skops").write_bytes(b"a model")
    pd.DataFrame({"customer_id": [5]}).to_parquet(run / "customers.parquet")

    printed = forget_in(run, "999999999")

    assert printed == [
        "2026-11: removed 0 rows",
        "No kept result holds 999999999. If an earlier call removed them, what it said of models "
        "and reports still holds.",
        "Left for you (docs/personal_data.md says how):",
        "- your exports, or the next run brings the rows back",
        "- the stop list of the CRM, lists that were handed on, backups and copies",
    ]


def test_a_table_keeps_its_time_and_its_rights(run):
    table = run / "customers.parquet"
    pd.DataFrame({"customer_id": [5, 6]}).to_parquet(table)
    os.utime(table, (1_700_000_000, 1_700_000_000))
    table.chmod(0o640)

    forget_in(run, "5")

    assert pd.read_parquet(table)["customer_id"].tolist() == [6]
    assert (table.stat().st_mtime, table.stat().st_mode & 0o777) == (1_700_000_000, 0o640)
