from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._utils import ConnectionMixin

if TYPE_CHECKING:
    import ibis.expr.types as ir


class WarehouseExportDataset(ConnectionMixin, AbstractDataset):  # type: ignore[misc]  # untyped
    """A table of the shop in the warehouse, as lazy text under our column names.

    It stands where an exported file would lie: ``raw=shop`` and the name ``money`` are the table
    ``money`` of the schema ``shop``. Arguments are those of ``ExportedTableDataset``.
    """

    _CONNECTION_GROUP: ClassVar[str] = "ibis"

    def __init__(
        self,
        *,
        filepath: str,
        columns: dict[str, list[str]],
        connection: dict[str, Any],
        optional: list[str] | None = None,
        dialect: dict[str, str] | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        """Keep where the table is and how its columns may be called.

        Args:
            filepath: Schema and table, as the end of a path.
            columns: Our name of every column and the names that it may have.
            connection: The engine of the environment.
            optional: Columns that may be absent; they are null then.
            dialect: ``decimal``, where texts leave it open.
            metadata: For other tools; not used here.
        """
        path = PurePosixPath(filepath)
        self._schema, self._table = path.parent.name, path.name
        self._columns = columns
        self._optional = optional or []
        self._dialect = dialect or {}
        self._connection_config = connection
        self.metadata = metadata

    def _connect(self) -> Any:
        from oneclick.engines import connect

        return connect(self._connection_config)

    def load(self) -> "ir.Table":
        """Return the table as text.

        Raises:
            OneclickError: The table is missing, or cannot be read without doubt.
        """
        from oneclick.intake.relation import read_relation

        relation = self._connection.relation(self._schema, self._table)
        name = f"{self._schema}.{self._table}"
        with self._connection.explained(f"The table {name} cannot be read"):
            return read_relation(relation, name, self._columns, self._dialect, self._optional)

    def save(self, data: Any) -> NoReturn:
        """Refuse: tables of the shop are read, never written."""
        raise DatasetError(f"{self._schema}.{self._table} belongs to the shop.")

    def _exists(self) -> bool:
        return self._connection.has(self._schema, self._table)

    def _describe(self) -> dict[str, Any]:
        return {"schema": self._schema, "table": self._table, "dialect": self._dialect}
