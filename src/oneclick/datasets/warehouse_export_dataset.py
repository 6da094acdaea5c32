from typing import TYPE_CHECKING, Any

from oneclick.datasets.exported_table_dataset import ExportedTableDataset

if TYPE_CHECKING:
    import ibis.expr.types as ir


class WarehouseExportDataset(ExportedTableDataset):
    """A table of the shop in the warehouse, as lazy text under our column names.

    It stands where an exported file would lie: ``raw=shop`` and the name ``money`` are the table
    ``money`` of the schema ``shop``. Arguments are those of ``ExportedTableDataset``.
    """

    def __init__(self, **arguments: Any) -> None:
        """Keep where the table is and how its columns may be called."""
        super().__init__(**arguments)
        self._schema, self._table = self._filepath.parent.name, self._filepath.name
        del self._filepath  # it is no file, and nobody shall look for one

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

    def _exists(self) -> bool:
        return self._connection.has(self._schema, self._table)

    def _describe(self) -> dict[str, Any]:
        return {"schema": self._schema, "table": self._table, "dialect": self._dialect}
