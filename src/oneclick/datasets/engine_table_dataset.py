from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from kedro.utils import load_obj
from kedro_datasets.ibis import FileDataset

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class EngineTableDataset(FileDataset):  # type: ignore[misc]  # kedro-datasets has no types
    """A table with a row per customer: parquet, written and read by the engine of the run.

    Saving takes an Ibis table, which never leaves its engine, or a ``pyarrow.RecordBatchReader``,
    of which one batch is in memory at a time; so a table of any length can pass through a model.
    What was stored is held against its contract, for to check a question to the engine would be to
    answer it twice.
    """

    def __init__(self, *, contract: str | None = None, **arguments: Any) -> None:
        """Keep where the table lies and what it promises.

        Args:
            contract: Its schema, by import path.
            **arguments: Those of ``ibis.FileDataset``.
        """
        super().__init__(**arguments)
        self._contract = contract
        self._loaded: tuple[Path, ir.Table] | None = None

    def _connect(self) -> Any:
        from oneclick.engines import connect

        return connect(self._connection_config)

    def load(self) -> "ir.Table":
        """Return the table lazily, whichever engine wrote it.

        Many steps read the same table, and to look at its columns anew would cost each of them
        more than a question to a small one does.
        """
        from oneclick.engines import read_parquet

        path = Path(self._get_load_path())
        if self._loaded is None or self._loaded[0] != path:
            self._loaded = path, read_parquet(self.connection, path, self._table_name)
        return self._loaded[1]

    def save(self, data: Union["ir.Table", "pa.RecordBatchReader"]) -> None:
        """Let the engine write its table, or write the batches as they come.

        Raises:
            OneclickError: What was written breaks its contract.
        """
        import pyarrow as pa

        from oneclick.engines import write_parquet

        self._loaded = None
        path = Path(self._get_save_path())
        if isinstance(data, pa.RecordBatchReader):
            _write_batches(data, path)
        else:
            write_parquet(self.connection, data, path)
        if self._contract is not None:
            load_obj(self._contract).validate(self.load())


def _write_batches(batches: "pa.RecordBatchReader", path: Path) -> None:
    from pyarrow.parquet import ParquetWriter

    from oneclick.threads import ahead

    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [field.name for field in batches.schema if field.type == "string"]
    with ParquetWriter(path, batches.schema, use_dictionary=texts) as writer:
        for batch in ahead(batches):
            writer.write_batch(batch)
