from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from kedro_datasets.ibis import FileDataset

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class EngineTableDataset(FileDataset):  # type: ignore[misc]  # kedro-datasets has no types
    """A table with a row per customer: parquet, written and read by the engine of the run.

    Saving takes an Ibis table, which never leaves its engine, or a ``pyarrow.RecordBatchReader``,
    of which one batch is in memory at a time; so a table of any length can pass through a model.
    Arguments are those of ``ibis.FileDataset``.
    """

    def _connect(self) -> Any:
        from oneclick.engines import connect

        return connect(self._connection_config)

    def load(self) -> "ir.Table":
        """Return the table lazily, whichever engine wrote it."""
        from oneclick.engines import read_parquet

        return read_parquet(self.connection, Path(self._get_load_path()), self._table_name)

    def save(self, data: Union["ir.Table", "pa.RecordBatchReader"]) -> None:
        """Let the engine write its table, or write the batches as they come."""
        import pyarrow as pa

        if not isinstance(data, pa.RecordBatchReader):
            super().save(data)
            return
        from pyarrow.parquet import ParquetWriter

        path = Path(self._get_save_path())
        path.parent.mkdir(parents=True, exist_ok=True)
        with ParquetWriter(path, data.schema) as writer:
            for batch in data:
                writer.write_batch(batch)
