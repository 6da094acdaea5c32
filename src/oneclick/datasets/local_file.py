from pathlib import Path
from typing import Any

from kedro.io import AbstractDataset


class LocalFileDataset(AbstractDataset[Any, Any]):
    """A file on this machine, whose folder is made when it is first saved."""

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        """Take the path of the file; what is in ``metadata`` is for other tools."""
        self._filepath = Path(filepath)
        self.metadata = metadata

    def _path_to_write(self) -> Path:
        self._filepath.parent.mkdir(parents=True, exist_ok=True)
        return self._filepath

    def _exists(self) -> bool:
        return self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
