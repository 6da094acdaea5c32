"""A PostgreSQL server of its own for the tests, and tables of exports in it."""

import csv
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "a secret of the tests"  # noqa: S105


@dataclass(frozen=True)
class Server:
    """Where the server listens, on the loopback interface only."""

    port: int

    def connection(self, **other: Any) -> dict[str, Any]:
        """Arguments for psycopg and ibis alike, but for the name of the database."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "user": "oneclick",
            "password": PASSWORD,
        } | other

    def environment(self, **other: str) -> dict[str, str]:
        """What tells `kedro run --env warehouse` where the server is."""
        told = {**self.connection(database="shop"), **other}
        return {f"ONECLICK_WAREHOUSE_{name.upper()}": str(value) for name, value in told.items()}


def find_binaries() -> Path | None:
    """The newest PostgreSQL of the machine, if there is any."""
    found = shutil.which("initdb")
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *([Path(found).parent] if found else [])]
    return max(folders, default=None, key=str)


@contextmanager
def running_server(binaries: Path) -> Iterator[Server]:
    """Start a server in a temporary folder, as `postgres` where we are root, which it refuses."""
    with tempfile.TemporaryDirectory(prefix="oneclick-postgres-") as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        data = str(folder / "data")
        initdb = [
            *("-D", data, "-U", "oneclick", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C")
        ]
        _run(binaries / "initdb", *initdb, f"--pwfile={folder / 'password'}")
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
        )
        control = [binaries / "pg_ctl", "-D", data, "-w", "-l", str(folder / "log")]
        _run(*control, "-o", f"{options} -c fsync=off", "start")
        try:
            yield Server(port)
        finally:
            _run(*control, "-m", "immediate", "stop")


def _run(*command: object) -> None:
    as_postgres = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    words = [*as_postgres, *map(str, command)]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")


def load_exports(connection: Any, folder: Path, schema: str) -> None:
    """Load a folder of CSV exports as tables of text; ``source_row`` counts their lines."""
    connection.execute(f'CREATE SCHEMA "{schema}"')
    for path in folder.glob("*.csv"):
        text = path.read_text(encoding="utf-8-sig")
        delimiter = ";" if ";" in text.partition("\n")[0] else ","
        headers = [
            f'"{header.strip()}"'
            for header in next(csv.reader(text.splitlines(), delimiter=delimiter))
        ]
        table, columns = f'"{schema}"."{path.stem}"', ", ".join(headers)
        kinds = ", ".join(f"{header} text" for header in headers)
        lines = "source_row bigint GENERATED ALWAYS AS IDENTITY (START WITH 2)"
        connection.execute(f"CREATE TABLE {table} ({kinds}, {lines})")
        into = f"COPY {table} ({columns}) FROM STDIN (FORMAT csv, HEADER, DELIMITER '{delimiter}')"
        with connection.cursor().copy(into) as copy:
            copy.write(text.encode())
