from typing import NoReturn

from kedro.io import DatasetError

from oneclick.campaign.workbook import Sheet, build_workbook
from oneclick.datasets.local_file import LocalFileDataset


class WorkbookDataset(LocalFileDataset):
    """Saves sheets as a formatted Excel workbook; people read it, the pipeline does not."""

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
        self._path_to_write().write_bytes(build_workbook(data))
