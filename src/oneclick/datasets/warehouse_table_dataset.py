import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Union

from oneclick.datasets.on_engine import OnEngine

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class WarehouseTableDataset(OnEngine):
    """A table with a row per customer that stays in the warehouse.

    It stands where its file would lie: the results of ``data/snapshots/2026-11`` are the schema
    ``oneclick_2026-11``, and ``03_primary/customers.parquet`` in it is the table ``customers``.
    """

    def __init__(self, *, filepath: str, **shared: Any) -> None:
        """Keep where its file would lie; what is ``shared`` goes to `OnEngine`."""
        super().__init__(**shared)
        folder, inside = re.split(r"/\d\d_\w+/", filepath, maxsplit=1)
        self._filepath = PurePosixPath(filepath)
        self.schema = f"oneclick_{PurePosixPath(folder).name}"
        self.table = "_".join(PurePosixPath(inside).with_suffix("").parts)

    def load(self) -> "ir.Table":
        """Return the table; it is lazy."""
        return self._connection.relation(self.schema, self.table)

    def save(self, data: Union["ir.Table", "pa.RecordBatchReader"]) -> None:
        """Let the server fill the table, or copy batches into it as they come.

        Raises:
            OneclickError: What was stored breaks its contract.
        """
        self._connection.store(self.schema, self.table, data)
        self._hold_against_contract()

    def _exists(self) -> bool:
        return self._connection.has(self.schema, self.table)

    def _describe(self) -> dict[str, Any]:
        return {"schema": self.schema, "table": self.table}
