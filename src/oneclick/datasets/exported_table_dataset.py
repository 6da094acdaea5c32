from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from kedro.io import DatasetError

from oneclick.datasets.on_engine import OnEngine

if TYPE_CHECKING:
    from ibis.expr.types import Table


class ExportedTableDataset(OnEngine):
    """A table that the shop exported, as lazy text under our column names.

    Whatever encoding, delimiter, decimal mark or format the file has is found out; a file that
    cannot be read without doubt is refused with what to do. ``source_row`` is a record's line.
    A folder ``<name>.parquet`` of parts is read by the engine itself, and has no lines.

    Example:
        ```yaml
        money:
          type: oneclick.datasets.exported_table_dataset.ExportedTableDataset
          filepath: data/01_raw/2026-12/money      # .csv, .csv.gz, .xlsx or .parquet
          columns: {customer_id: [id], monthly_profit: [Прибыль]}
          dialect: {decimal: ","}                  # only if the file cannot tell
          connection: ${globals:engine}
        ```
    """

    def __init__(
        self,
        *,
        filepath: str,
        columns: dict[str, list[str]],
        optional: list[str] | None = None,
        dialect: dict[str, str] | None = None,
        **shared: Any,
    ) -> None:
        """Keep where the table is and how its columns may be called.

        Args:
            filepath: Folder and name of the file, without its ending.
            columns: Our name of every column and the headers that it may have.
            optional: Columns that may be absent; they are null then.
            dialect: ``encoding``, ``delimiter`` or ``decimal``, where the file leaves it open.
            **shared: Those of `OnEngine`.
        """
        super().__init__(**shared)
        self._filepath = Path(filepath)
        self._columns = columns
        self._optional = optional or []
        self._dialect = dialect or {}

    def load(self) -> "Table":
        """Return the table as text.

        Raises:
            OneclickError: The file is missing or cannot be read without doubt.
        """
        from oneclick.intake.locating import find_file

        found = find_file(self._filepath)
        if found.is_dir():  # as a cluster exports: no single machine need read it through
            from oneclick.engines import read_parquet
            from oneclick.intake.relation import read_relation

            table = read_parquet(self._connection, found)
            return read_relation(table, str(found), self._columns, self._dialect, self._optional)
        from oneclick.intake.reading import read_table

        return read_table(
            self._filepath, self._columns, self._connection, self._dialect, self._optional
        )

    def save(self, data: Any) -> NoReturn:
        """Refuse: exports are read, never written."""
        raise DatasetError(f"{self} is an export of the shop and is never written.")

    def _exists(self) -> bool:
        from oneclick.intake.locating import find_files

        return bool(find_files(self._filepath))

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath), "dialect": self._dialect}
