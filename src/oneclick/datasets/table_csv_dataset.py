from typing import Any

import ibis.expr.types as ir
import pandas as pd

from oneclick.datasets.local_file import LocalFileDataset
from oneclick.engines import stream_rows


class TableCsvDataset(LocalFileDataset):
    """Saves an Ibis table of any length as CSV, batch by batch, in a wanted dialect."""

    def __init__(
        self,
        *,
        filepath: str,
        sep: str = ",",
        decimal: str = ".",
        encoding: str = "utf-8",
        line_end: str = "\n",
        metadata: dict[str, Any] | None = None,
    ):
        """Keep where and how to write.

        Args:
            filepath: Path of the CSV file.
            sep: Between fields.
            decimal: The decimal mark.
            encoding: ``utf-8``, or ``utf-8-sig`` for a byte-order mark that Excel looks for.
            line_end: The end of a line.
            metadata: For other tools; not used here.
        """
        super().__init__(filepath, metadata)
        self._dialect: dict[str, Any] = {"sep": sep, "decimal": decimal}
        self._encoding = encoding
        self._line_end = line_end

    def save(self, data: ir.Table) -> None:
        """Write the rows in the order of the table; it must be a total one, by id."""
        style = {**self._dialect, "index": False, "lineterminator": self._line_end}
        with self._path_to_write().open("w", encoding=self._encoding, newline="") as file:
            pd.DataFrame(columns=list(data.columns)).to_csv(file, **style)
            for batch in stream_rows(data):
                batch.to_pandas(integer_object_nulls=True).to_csv(file, header=False, **style)

    def load(self) -> pd.DataFrame:
        """Read the file back, for a notebook or a test."""
        return pd.read_csv(self._filepath, encoding=self._encoding, **self._dialect)
