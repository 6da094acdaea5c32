"""What forgetting a customer does to files that a small run does not make."""

from pathlib import Path

import ibis
import pandas as pd
import pytest

from oneclick.erasure import forget, read_ids
from oneclick.errors import OneclickError

HEADERS = "client_id"


@pytest.fixture
def run(tmp_path) -> Path:
    folder = tmp_path / "snapshots/.runs/2026-11/run-1"
    folder.mkdir(parents=True)
    return folder


def forget_in(run: Path, *ids: str) -> list[str]:
    return forget(run.parents[2], read_ids(ids), HEADERS, None)


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


def test_records_of_a_list_keep_their_bytes_wherever_a_line_ends(run):
    path = run / "campaign_excel.csv"
    first = '\ufeffПредложение;ID клиента\r\n"два;\r\nслова";4\r\n'
    path.write_bytes((first + '"7;\nслова";5\r\n7;6\r\n').encode())

    forget_in(run, "5", "7")

    assert path.read_bytes().decode() == first + "7;6\r\n"


def test_a_list_without_a_known_column_of_ids_is_left_and_told(run):
    path = run / "campaign_crm.csv"
    path.write_text("who,offer\n5,7\n")

    printed = forget_in(run, "5")

    assert f"- {path}, if it lists customers: none of its headers is known" in printed
    assert path.read_text() == "who,offer\n5,7\n"


def test_a_file_keeps_its_rights_and_another_link_to_it_its_rows(run, tmp_path):
    path = run / "campaign_crm.csv"
    path.write_text("client_id\n5\n6\n")
    path.chmod(0o640)
    (tmp_path / "copy.csv").hardlink_to(path)

    forget_in(run, "5")

    assert path.read_text() == "client_id\n6\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "copy.csv").read_text() == "client_id\n5\n6\n"


def test_what_a_killed_run_has_left_goes(run):
    unfinished = run.with_name("run-2.unfinished")
    unfinished.mkdir()

    printed = forget_in(run, "5")

    assert not unfinished.exists()
    assert "Found nowhere: 5" in printed


def test_the_message_of_a_refused_run_quotes_no_id(run):
    record = run.parents[3] / "runs/run-1.json"
    record.parent.mkdir()
    message = "File money.csv, column customer_id: 5 × not a number, for example '№{}'\\n"
    others = "File money.csv, column monthly_profit: 1 × not a number, for example '1,5'"
    record.write_text(f'{{"message": "{message.format(5)}{others}"}}', encoding="utf-8")

    forget_in(run, "5")

    told = f'{{"message": "{message.format("…")}{others}"}}'
    assert record.read_text(encoding="utf-8") == told


def test_a_table_may_be_left_without_rows(run):
    pd.DataFrame({"customer_id": [5], "value": "x"}).to_parquet(run / "rejected_rows.parquet")

    forget_in(run, "5")

    table = ibis.duckdb.connect().read_parquet(run / "rejected_rows.parquet")
    assert table.execute().empty


def test_tables_in_a_warehouse_are_told_where_it_is_not_known(run):
    (run.parent / ".tables").write_text("warehouse")

    assert "- tables of 2026-11 in the warehouse: repeat with --env warehouse" in forget_in(
        run, "5"
    )


@pytest.mark.parametrize("word", ["abc", "4_0", "-1", "1.0", "", "²", "1" * 17])
def test_what_is_no_id_is_refused(word):
    with pytest.raises(OneclickError, match="is no customer's id"):
        read_ids(["5", word])
