from collections.abc import Iterator
from typing import Any

import ibis
import pytest

from tests.engines.server import Server, find_binaries, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A server whose database sorts texts as Russian readers do, unlike the other engines."""
    psycopg = pytest.importorskip("psycopg", reason="the extra `warehouse` is not installed")
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("there is no PostgreSQL on this machine (Debian: apt-get install postgresql)")
    with running_server(binaries) as server:
        with psycopg.connect(**server.connection(dbname="postgres"), autocommit=True) as admin:
            admin.execute(
                "CREATE DATABASE shop TEMPLATE template0 "
                "LOCALE_PROVIDER icu ICU_LOCALE 'ru' LOCALE 'C'"
            )
        yield server


@pytest.fixture(scope="module")
def warehouse(server, tmp_path_factory) -> Iterator[Any]:
    """The connection that runs use."""
    from oneclick.warehouse.connection import connect

    no_file = tmp_path_factory.mktemp("conf") / "credentials.yml"
    connection = connect({"filepath": str(no_file)}, **server.connection(database="shop"))
    yield connection
    connection.disconnect()


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Any]:
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()
