"""A table per customer is held against its contract as it was stored."""

import ibis
import pyarrow as pa
import pytest
from kedro.io import DatasetError

from oneclick.datasets.engine_table_dataset import EngineTableDataset


@pytest.fixture
def dataset(tmp_path):
    return EngineTableDataset(
        filepath=str(tmp_path / "new" / "scores.parquet"),
        contract="oneclick.modelling.schemas.DeclineScores",
        connection={"backend": "duckdb"},
    )


def scores(p_decline: float) -> pa.Table:
    return pa.table({"customer_id": [1], "p_decline": [p_decline], "score_source": ["model"]})


@pytest.mark.parametrize("as_stored", [ibis.memtable, pa.Table.to_reader])
def test_a_sound_table_is_stored_and_a_broken_one_refused(dataset, as_stored):
    dataset.save(as_stored(scores(0.5)))
    assert dataset.load().p_decline.execute().tolist() == [0.5]

    with pytest.raises(DatasetError, match=r"breaks its contract \(p_decline: less_than"):
        dataset.save(as_stored(scores(1.5)))
