from pathlib import Path
from typing import TYPE_CHECKING

from kedro_datasets.ibis import FileDataset

if TYPE_CHECKING:
    import pyarrow as pa


class StreamedTableDataset(FileDataset):  # type: ignore[misc]  # kedro-datasets has no types
    """A parquet file that Python computes batch by batch; it loads as an Ibis table.

    Saving takes a ``pyarrow.RecordBatchReader`` and holds one batch in memory at a time, so a table
    of any length can pass through a model. Arguments are those of ``ibis.FileDataset``.
    """

    def save(self, data: "pa.RecordBatchReader") -> None:
        """Write the batches as they come."""
        from pyarrow.parquet import ParquetWriter

        path = Path(self._get_save_path())
        path.parent.mkdir(parents=True, exist_ok=True)
        with ParquetWriter(path, data.schema) as writer:
            for batch in data:
                writer.write_batch(batch)
