"""One customer in a hundred is faulty: exactly these are rejected, each with its place."""

import pandas as pd
import pytest

from oneclick.sample.shop import write_shop
from tests.end_to_end.dirty import FAULTS, check_rejected, spoil
from tests.end_to_end.shop import make_project, run_kedro


@pytest.mark.slow
def test_of_a_hundred_thousand_customers_exactly_the_faulty_rows_are_rejected(tmp_path):
    # Given a shop, and the same with one customer in a hundred spoilt
    project = make_project(tmp_path / "oneclick")
    write_shop(tmp_path / "sound", 100_000, seed=3)
    results = project / "data/snapshots"

    def clean(name: str) -> None:
        params = f"raw={tmp_path / name},snapshot={name}"
        finished = run_kedro(project, "run", "--pipeline", "data_processing", "--params", params)
        assert finished.returncode == 0, finished.stderr

    # When both are cleaned
    clean("sound")
    kept = pd.read_parquet(results / "sound/03_primary/customers.parquet")["customer_id"]
    expected = spoil(tmp_path / "sound", tmp_path / "dirty", kept)
    clean("dirty")

    # Then the faults, and they alone, are listed with line, value and reason
    assert len(expected) == len(range(0, len(kept), 100))
    assert set(expected["reason"]) == {fault.reason for fault in FAULTS}
    check_rejected(results / "sound", results / "dirty", expected)
