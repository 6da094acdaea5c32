"""One customer in a hundred has a faulty row: time and memory of cleaning, and what it rejects.

python -m benchmarks.dirty_rows [CUSTOMERS]
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.measuring import measure
from oneclick.sample.shop import write_shop
from tests.end_to_end.dirty import check_rejected, spoil
from tests.end_to_end.shop import make_project


def main(customers: int) -> None:
    """Clean a sound shop and a spoilt one; stop if other rows are rejected than were spoilt."""
    with tempfile.TemporaryDirectory() as folder:
        project = make_project(Path(folder) / "oneclick")
        results = project / "data/snapshots"
        sound, dirty = Path(folder) / "sound", Path(folder) / "dirty"
        write_shop(sound, customers, seed=3)
        command = ("-m", "kedro", "run", "--pipeline", "data_processing", "--params")
        usage = measure(*command, f"raw={sound},snapshot=sound", folder=project)
        print(f"{customers} sound customers  {usage}", flush=True)
        kept = pd.read_parquet(results / "sound/03_primary/customers.parquet")["customer_id"]
        expected = spoil(sound, dirty, kept)
        usage = measure(*command, f"raw={dirty},snapshot=dirty", folder=project)
        check_rejected(results / "sound", results / "dirty", expected)
        print(f"{len(expected)} of them spoilt   {usage}; exactly these were rejected")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
