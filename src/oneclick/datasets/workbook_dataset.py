from pathlib import Path
from typing import Any, NoReturn

from kedro.io import AbstractDataset, DatasetError

from oneclick.campaign.workbook import Sheet, build_workbook


class WorkbookDataset(AbstractDataset[list[Sheet], NoReturn]):
    """Saves sheets as a formatted Excel workbook; people read it, the pipeline does not."""

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None):
        """Keep where to write.

        Args:
            filepath: Path of the ``.xlsx`` file.
            metadata: For other tools; not used here.
        """
        self._filepath = Path(filepath)
        self.metadata = metadata

    def load(self) -> NoReturn:
        """Refuse: the workbook is for people.

        Raises:
            DatasetError: Always.
        """
        raise DatasetError(
            f"{self._filepath} is for people; in code read campaign_register or campaign_excel."
        )

    def save(self, data: list[Sheet]) -> None:
        """Write the workbook, replacing an earlier one."""
        self._filepath.parent.mkdir(parents=True, exist_ok=True)
        self._filepath.write_bytes(build_workbook(data))

    def _exists(self) -> bool:
        return self._filepath.exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
