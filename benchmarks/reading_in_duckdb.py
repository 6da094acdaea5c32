"""What DuckDB needs to read the four exported files and count their rows.

    python -m benchmarks.reading_in_duckdb FOLDER count|values|tables

``count`` lets DuckDB skip what a count does not need; ``values`` reads every cell; ``tables`` puts
every file into a table of its own, in memory, and counts that.
"""

import sys
from pathlib import Path

import duckdb

from oneclick.sample.shop import FILES


def main(folder: Path, what: str) -> None:
    """Read each file once with two threads."""
    with duckdb.connect(config={"threads": 2}) as engine:
        for file, separator in FILES.values():
            scan = f"read_csv('{folder / file}', delim = '{separator}')"
            if what == "tables":
                engine.execute(f'create table "{file}" as from {scan}')
                scan = f'"{file}"'
            wanted = "count(*)"
            if what == "values":
                names = engine.execute(f"describe from {scan}").fetchall()
                wanted += "".join(f', max("{name}")' for name, *_ in names)
            engine.execute(f"select {wanted} from {scan}").fetchall()  # noqa: S608


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
