import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, Union

from kedro.io import AbstractDataset
from kedro.utils import load_obj
from kedro_datasets._utils import ConnectionMixin

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class WarehouseTableDataset(ConnectionMixin, AbstractDataset):  # type: ignore[misc]  # untyped
    """A table with a row per customer that stays in the warehouse.

    It stands where its file would lie: the results of ``data/snapshots/2026-11`` are the schema
    ``oneclick_2026-11``, and ``03_primary/customers.parquet`` in it is the table ``customers``.
    """

    _CONNECTION_GROUP: ClassVar[str] = "ibis"

    def __init__(
        self,
        *,
        filepath: str,
        connection: dict[str, Any],
        contract: str | None = None,
        metadata: dict[str, Any] | None = None,
        **_: Any,
    ) -> None:
        """Keep where the table stands.

        Args:
            filepath: Where its file would lie.
            connection: The engine of the environment.
            contract: The table's schema, by import path; what was stored is held against it.
            metadata: For other tools; not used here.
            _: How a file would be written.
        """
        folder, inside = re.split(r"/\d\d_\w+/", filepath, maxsplit=1)
        self._filepath = PurePosixPath(filepath)
        self._connection_config = connection
        self.schema = f"oneclick_{PurePosixPath(folder).name}"
        self.table = "_".join(PurePosixPath(inside).with_suffix("").parts)
        self._contract = contract
        self.metadata = metadata

    def _connect(self) -> Any:
        from oneclick.engines import connect

        return connect(self._connection_config)

    @property
    def connection(self) -> Any:
        """The Ibis connection that all tables of a run share."""
        return self._connection

    def load(self) -> "ir.Table":
        """Return the table; it is lazy."""
        return self._connection.relation(self.schema, self.table)

    def save(self, data: Union["ir.Table", "pa.RecordBatchReader"]) -> None:
        """Let the server fill the table, or copy batches into it as they come.

        Raises:
            OneclickError: What was stored breaks its contract.
        """
        self._connection.store(self.schema, self.table, data)
        if self._contract is not None:
            load_obj(self._contract).validate(self.load())

    def _exists(self) -> bool:
        return self._connection.has(self.schema, self.table)

    def _describe(self) -> dict[str, Any]:
        return {"schema": self.schema, "table": self.table}
