"""Tables of the warehouse are read by the rules of files, or refused with what to do."""

import logging
import traceback
from pathlib import Path

import pytest
from kedro.io import DatasetError

from oneclick.datasets.warehouse_export_dataset import WarehouseExportDataset
from oneclick.datasets.warehouse_table_dataset import WarehouseTableDataset
from oneclick.engines import connect
from oneclick.errors import ConnectionLostError, OneclickError, explain
from oneclick.warehouse.erasure import erase_rows
from oneclick.warehouse.publishing import SchemaPublication
from tests.end_to_end.shop import make_project, run_kedro
from tests.engines.server import PASSWORD

psycopg = pytest.importorskip("psycopg")
COLUMNS = {"customer_id": ["id"], "unpaid": ["Неоплаченные_продукты_штук_квартал"]}


@pytest.fixture
def config(server, tmp_path) -> dict:
    """The engine of conf/warehouse, with the credentials in a file."""
    path = tmp_path / "credentials.yml"
    lines = [f"  {key}: {told!r}\n" for key, told in server.connection(database="shop").items()]
    path.write_text("warehouse:\n" + "".join(lines))
    return {"backend": "postgres", "credentials": {"filepath": str(path)}}


@pytest.fixture
def fill(warehouse):
    """Make the table shop.orders of a definition and rows."""

    def fill(definition: str, rows: str) -> None:
        warehouse.con.execute("DROP SCHEMA IF EXISTS shop CASCADE; CREATE SCHEMA shop")
        warehouse.con.execute(f"CREATE TABLE shop.orders {definition}")
        if rows:
            warehouse.con.execute(f"INSERT INTO shop.orders VALUES {rows}")  # noqa: S608

    return fill


def export(config: dict, **other) -> WarehouseExportDataset:
    told = {"filepath": "shop/orders", "columns": COLUMNS, "connection": config} | other
    return WarehouseExportDataset(**told)


def test_columns_of_any_type_become_text_under_our_names(config, fill):
    # Given columns in another order and case, whose names PostgreSQL has cut to 63 bytes
    fill(
        '("Неоплаченные продукты штук квартал" numeric, left_out text, "ID" integer)',
        "(1.50, 'x', 7), (NULL, 'y', 8)",
    )

    table = export(config).load()

    assert table.columns == ("source_row", "customer_id", "unpaid")
    assert table.order_by("customer_id").to_pyarrow().to_pylist() == [
        {"source_row": None, "customer_id": "7", "unpaid": "1.50"},
        {"source_row": None, "customer_id": "8", "unpaid": None},
    ]


def test_texts_are_taken_for_numbers_by_the_rules_of_files(config, fill, caplog):
    caplog.set_level(logging.INFO, "oneclick.intake")
    fill(
        '(id text, "Неоплаченные_продукты_штук_квартал" text, source_row int)',
        "('1', '1 234,5', 2), ('2', '0,7', 3), ('3', '4.2', 4)",
    )

    found = export(config).load().order_by("source_row").execute()

    assert found["unpaid"].tolist()[:2] == ["1234.5", "0.7"]
    assert found["unpaid"][2].startswith("4.2 (")  # unreadable, and so rejected
    assert found["source_row"].tolist() == [2, 3, 4]
    assert "3 rows" in caplog.text
    assert "left out" not in caplog.text  # the lines are used, though no column of ours


@pytest.mark.parametrize(
    ("definition", "rows", "message"),
    [
        ("(id int)", "(1)", r"shop\.orders has no column 'Неоплаченные.*its headers are 'id'"),
        ('(id int, "ID" int)', "(1, 1)", "has the column customer_id twice"),
        ('(id int, "Неоплаченные_продукты_штук_квартал" int)', "", "shop.orders is empty"),
        (
            '(id int, "Неоплаченные_продукты_штук_квартал" text)',
            "(1, 'РџСЂРёР±С‹Р»СЊ')",
            "windows-1251",
        ),
        (
            '(id int, "Неоплаченные_продукты_штук_квартал" int, source_row text)',
            "(1, 1, '2')",
            r"shop\.orders, column source_row: .*the type bigint instead of string",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(config, fill, definition, rows, message):
    fill(definition, rows)
    with pytest.raises(DatasetError, match=message):
        export(config).load()


def test_a_missing_table_is_named_beside_those_that_are_there(config, fill):
    fill("(id int)", "")
    with pytest.raises(DatasetError, match=r"no table shop\.money; the schema shop holds orders"):
        export(config, filepath="shop/money").load()


def test_an_unreachable_server_is_told(config, monkeypatch):
    monkeypatch.setenv("ONECLICK_WAREHOUSE_PORT", "1")  # the environment goes before the file
    with pytest.raises(OneclickError, match=r"port 1 failed.*ONECLICK_WAREHOUSE_HOST"):
        connect(config)


def test_a_wrong_password_is_told_and_not_shown(config, monkeypatch):
    monkeypatch.setenv("ONECLICK_WAREHOUSE_PASSWORD", "not-the-word")
    with pytest.raises(
        OneclickError, match='password authentication failed for user "oneclick"'
    ) as told:
        connect(config)
    assert "not-the-word" not in f"{told.value}{told.value.__context__!r}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("warehouse:\n  host: h\n  password: @S3cr3t\n", "Line 3 of .*is not valid YAML. Put"),
        ("warehouse:\n  password: S3: S3cr3t\n", "Line 2 of .*is not valid YAML.*in quotes"),
        ("warehouse: {host: h, password: 'S3cr3t}\n", "Line 1 of .*is not valid YAML"),
        ("warehouse: {password: !S3cr3t x}\n", "Line 1 of .*is not valid YAML"),
        ("warehouse: {password: 2026-99-99}\n", r"Line \? of .*is not valid YAML"),
        ("warehouse: S3cr3t\n", r"credentials\.yml cannot be understood.*warehouse: {host: …"),
        ("S3cr3t\n", r"credentials\.yml cannot be understood"),
        ("warehouse: {password: 0123}\n", "cannot be understood.*the password in quotes"),
        ("warehouse: {1: S3cr3t}\n", "cannot be understood"),
        ("warehouse: {pasword: S3cr3t}\n", r'option "pasword".*credentials\.yml'),
    ],
)
def test_a_file_of_credentials_that_cannot_be_read_is_told_and_not_shown(config, text, message):
    path = Path(config["credentials"]["filepath"])
    path.write_text(text)

    with pytest.raises(OneclickError, match=message) as caught:
        connect(config)

    assert "S3cr3t" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.slow
@pytest.mark.parametrize("environment", ["warehouse", "local"])
def test_kedro_does_not_show_the_file_of_credentials(tmp_path, environment):
    project = make_project(tmp_path / "oneclick")
    (project / "conf/local").mkdir(exist_ok=True)
    path = project / "conf/local/credentials.yml"
    for password in ("!S3cr3t x", "${S3cr3t}"):  # a tag, and what kedro would fill in
        path.write_text(f"warehouse:\n  port: 1\n  host: 127.0.0.1\n  password: {password}\n")

        command = (
            "run",
            "--env",
            environment,
            "--params",
            "raw=nowhere,snapshot=new",
            "--traceback",
        )
        finished = run_kedro(project, *command)

        assert finished.returncode == 1
        records = [record.read_text() for record in (project / "data/runs").glob("*.json")]
        assert "S3cr3t" not in "".join([finished.stdout, finished.stderr, *records])


def test_a_dataset_shows_no_password(config):
    assert PASSWORD not in repr(export(config)) + repr(export(config)._describe())


@pytest.fixture
def guest(warehouse, config, monkeypatch):
    """Come as somebody who may look at nothing and make nothing."""
    warehouse.con.execute("DROP ROLE IF EXISTS guest")
    warehouse.con.execute(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")
    monkeypatch.setenv("ONECLICK_WAREHOUSE_USER", "guest")
    config["credentials"]["as"] = "guest"  # another key, hence another connection
    connection = connect({**config, "credentials": {"filepath": config["credentials"]["filepath"]}})
    yield connection
    connection.disconnect()


def test_missing_rights_are_told(guest, fill):
    fill("(id int)", "(1)")
    reading = guest.explained("The table shop.orders cannot be read")
    with pytest.raises(OneclickError, match="cannot be read: permission denied"), reading:
        guest.relation("shop", "orders").count().execute()
    with pytest.raises(OneclickError, match=r"No schema oneclick_m\.unfinished can be made: perm"):
        SchemaPublication(guest, "oneclick_m", "run-1").begin()


def test_rights_that_publishing_needs_are_asked_for_before_the_work(guest, warehouse, published):
    # Given somebody who may make schemas, in a database that another role's run has published to
    warehouse.con.execute("GRANT CREATE ON DATABASE shop TO guest")
    with pytest.raises(OneclickError, match=r"belongs to oneclick,.*GRANT oneclick TO \"guest\""):
        SchemaPublication(guest, "oneclick_m", "run-2").begin()

    # When nobody may make temporary tables any more
    warehouse.con.execute("REVOKE TEMPORARY ON DATABASE shop FROM PUBLIC")
    try:
        with pytest.raises(OneclickError, match='GRANT TEMPORARY ON DATABASE "shop" TO "guest"'):
            SchemaPublication(guest, "oneclick_other", "run-2").begin()
    finally:
        warehouse.con.execute("GRANT TEMPORARY ON DATABASE shop TO PUBLIC")
        warehouse.con.execute("REVOKE CREATE ON DATABASE shop FROM guest")


def test_a_name_that_postgresql_would_cut_is_refused(warehouse):
    with pytest.raises(OneclickError, match=r"too long.*at most 43 letters \(21 Russian ones\)"):
        SchemaPublication(warehouse, f"oneclick_{'x' * 44}", "run-1").begin()
    longest = SchemaPublication(warehouse, f"oneclick_{'x' * 43}", "run-1")
    longest.begin()
    longest.abandon()


def published_tables(warehouse, schema: str = "oneclick_m") -> dict[str, int]:
    return {
        name: warehouse.relation(schema, name).x.max().execute()
        for name in warehouse.tables(schema)
    }


def begin(warehouse, run_id: str, **tables: int) -> SchemaPublication:
    publication = SchemaPublication(warehouse, "oneclick_m", run_id)
    publication.begin()
    for name, value in tables.items():
        warehouse.con.execute(
            f'CREATE TABLE "{publication.staging}"."{name}" AS SELECT {value} AS x'
        )
    return publication


@pytest.fixture
def published(warehouse):
    """A first run has published the tables a and b."""
    warehouse.con.execute("DROP SCHEMA IF EXISTS oneclick_m CASCADE")
    begin(warehouse, "run-1", a=1, b=1).publish()


def test_tables_appear_together_and_the_others_stay(warehouse, published):
    publication = begin(warehouse, "run-2", b=2, c=2)
    assert published_tables(warehouse) == {"a": 1, "b": 1}

    publication.publish()

    assert published_tables(warehouse) == {"a": 1, "b": 2, "c": 2}
    assert publication.published_run() == "run-2"
    assert warehouse.tables(publication.staging) == []


def test_a_run_that_fails_or_is_killed_leaves_the_tables_as_they_were(warehouse, published, config):
    begin(warehouse, "run-2", a=2).abandon()
    assert published_tables(warehouse) == {"a": 1, "b": 1}

    # Given a run that is killed amid its tables: its connection just ends
    killed = connect(config)
    begin(killed, "run-3", a=3)
    killed.con.close()

    assert published_tables(warehouse) == {"a": 1, "b": 1}
    begin(warehouse, "run-4", a=4).publish()  # and the next run clears up after it
    assert published_tables(warehouse) == {"a": 4, "b": 1}


def test_two_runs_of_a_snapshot_cannot_mix(warehouse, published, config):
    first = begin(warehouse, "run-2", a=2)
    other = connect(config)
    with pytest.raises(OneclickError, match="Another run is writing the schema 'oneclick_m'"):
        begin(other, "run-3")
    other.disconnect()
    first.publish()
    assert published_tables(warehouse) == {"a": 2, "b": 1}


def test_a_table_stands_where_its_file_would_lie(config):
    path = "/project/data/snapshots/2026-11/02_intermediate/outcome/behaviour.parquet"
    dataset = WarehouseTableDataset(filepath=path, connection=config)
    assert (dataset.schema, dataset.table) == ("oneclick_2026-11", "outcome_behaviour")


def test_a_reader_who_does_not_end_is_named_and_nothing_is_published(warehouse, published, config):
    publication = begin(warehouse, "run-2", a=2, c=2)
    publication.patience = "10ms"
    reader = connect(config)
    with reader.con.transaction():
        reader.con.execute("SELECT * FROM oneclick_m.b")
        with pytest.raises(OneclickError, match=r"for 10ms somebody has been reading .*stat_activ"):
            publication.publish()
    reader.disconnect()

    assert published_tables(warehouse) == {"a": 1, "b": 1}
    publication.publish()
    assert published_tables(warehouse) == {"a": 2, "b": 1, "c": 2}


def shut_down(warehouse, other) -> None:
    """End the connection of ``other`` as a server that stops would."""
    warehouse.con.execute("SELECT pg_terminate_backend(%s)", [other.con.info.backend_pid])


def test_a_connection_lost_amid_publishing_leaves_it_open_what_is_published(
    warehouse, published, config, monkeypatch
):
    # Given a server that publishes and is gone before it says so
    lost = connect(config)
    publication = begin(lost, "run-2", a=2)
    replace = publication._replace

    def replace_and_lose() -> None:
        replace()
        shut_down(warehouse, lost)
        lost.con.execute("SELECT 1")

    monkeypatch.setattr(publication, "_replace", replace_and_lose)

    with pytest.raises(ConnectionLostError, match=r"may be there or not\. Run again"):
        publication.publish()
    publication.abandon()  # is no error of its own

    assert published_tables(warehouse) == {"a": 2, "b": 1}
    assert SchemaPublication(warehouse, "oneclick_m", "run-3").published_run() == "run-2"


def test_a_connection_lost_while_reading_is_explained(warehouse, published, config):
    lost = connect(config)
    table = lost.relation("oneclick_m", "a")
    shut_down(warehouse, lost)

    with pytest.raises(psycopg.OperationalError) as caught:
        table.execute()
    assert "connection to the warehouse was lost" in explain(caught.value)
    told = pytest.raises(OneclickError, match=r"a cannot be read\. The connection to the warehouse")
    with told, lost.explained("The table a cannot be read"):
        table.execute()


def test_a_forgotten_customer_leaves_every_table_of_a_snapshot(warehouse):
    warehouse.con.execute(
        'DROP SCHEMA IF EXISTS "oneclick_2026-11" CASCADE; CREATE SCHEMA "oneclick_2026-11";'
        'SET search_path TO "oneclick_2026-11";'
        "CREATE TABLE customers AS SELECT * FROM (VALUES (5, 'a'), (6, 'b')) v(customer_id, x);"
        "CREATE TABLE figures AS SELECT 5 AS customers;"
        "RESET search_path"
    )

    def erase() -> int:
        return erase_rows(warehouse, "oneclick_2026-11", "customer_id", [5])

    def left(table: str) -> list[tuple]:
        return warehouse.con.execute(f'SELECT * FROM "oneclick_2026-11".{table}').fetchall()  # noqa: S608

    assert (erase(), erase()) == (1, 0)
    assert left("customers") == [(6, "b")]
    assert left("figures") == [(5,)]
    assert warehouse.tables("oneclick_2026-11.unfinished") == []
