"""A table that the shop exported, read as text under our column names."""

from pathlib import Path
from typing import Any, ClassVar, NoReturn

from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._utils import ConnectionMixin


class ExportedTableDataset(ConnectionMixin, AbstractDataset):
    """Reads one exported file lazily; every cell stays text, ``source_row`` is its line."""

    _CONNECTION_GROUP: ClassVar[str] = "ibis"

    def __init__(
        self,
        *,
        filepath: str,
        columns: dict[str, list[str]],
        connection: dict[str, Any],
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._filepath = Path(filepath)
        self._columns = columns
        self._connection_config = connection
        self.metadata = metadata

    def _connect(self) -> Any:
        import ibis

        config = dict(self._connection_config)
        return getattr(ibis, config.pop("backend")).connect(**config)

    def load(self) -> Any:
        """Return the table as text."""
        import ibis

        path = self._filepath.with_suffix(".csv")
        header = path.open(encoding="utf-8-sig").readline()
        table = self._connection.read_csv(
            str(path), delim=";" if ";" in header else ",", header=True, all_varchar=True
        )
        names = {ours: theirs[0] for ours, theirs in self._columns.items()}
        return table.select(source_row=ibis.row_number() + 2, **{o: table[t] for o, t in names.items()})

    def save(self, data: Any) -> NoReturn:
        """Refuse: exports are read, never written."""
        raise DatasetError(f"{self._filepath} is an export of the shop and is never written.")

    def _exists(self) -> bool:
        return self._filepath.with_suffix(".csv").exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
