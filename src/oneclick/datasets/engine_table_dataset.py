from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from oneclick.datasets.on_engine import OnEngine

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class EngineTableDataset(OnEngine):
    """A table with a row per customer: parquet, written and read by the engine of the run.

    Saving takes an Ibis table, which never leaves its engine, or a ``pyarrow.RecordBatchReader``,
    of which one batch is in memory at a time; so a table of any length can pass through a model.
    """

    def __init__(self, *, filepath: str, **shared: Any) -> None:
        """Keep where the table lies; what is ``shared`` goes to `OnEngine`."""
        super().__init__(**shared)
        self._filepath = Path(filepath)
        self._loaded: tuple[Path, ir.Table] | None = None

    def load(self) -> "ir.Table":
        """Return the table lazily, whichever engine wrote it.

        Many steps read the same table, and to look at its columns anew would cost each of them
        more than a question to a small one does.
        """
        from oneclick.engines import read_parquet

        path = self._filepath
        if self._loaded is None or self._loaded[0] != path:
            self._loaded = path, read_parquet(self.connection, path)
        return self._loaded[1]

    def save(self, data: Union["ir.Table", "pa.RecordBatchReader"]) -> None:
        """Let the engine write its table, or write the batches as they come.

        Raises:
            OneclickError: What was written breaks its contract.
        """
        import pyarrow as pa

        from oneclick.engines import write_parquet

        self._loaded = None
        if isinstance(data, pa.RecordBatchReader):
            _write_batches(data, self._filepath)
        else:
            write_parquet(self.connection, data, self._filepath)
        self._hold_against_contract()

    def _exists(self) -> bool:
        return self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}


def _write_batches(batches: "pa.RecordBatchReader", path: Path) -> None:
    from pyarrow.parquet import ParquetWriter

    from oneclick.threads import ahead

    path.parent.mkdir(parents=True, exist_ok=True)
    texts = [field.name for field in batches.schema if field.type == "string"]
    ids = [field.name for field in batches.schema if field.type == "int64"]
    options = {"use_dictionary": texts, "write_statistics": ids}  # rows are looked for by id alone
    with ParquetWriter(path, batches.schema, **options) as writer:
        for batch in ahead(batches, 16):
            writer.write_batch(batch)
