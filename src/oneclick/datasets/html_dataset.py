import re
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.io import AbstractDataset
from kedro_datasets._typing import HTMLPreview


class HTMLDataset(AbstractDataset[str, str]):
    """A page of HTML, which kedro-viz shows as it is.

    Example:
        ```yaml
        report:
          type: oneclick.datasets.html_dataset.HTMLDataset
          filepath: data/08_reporting/report.html
        ```
    """

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        """Take the path of the page; what is in ``metadata`` is for other tools."""
        self._filepath = PurePosixPath(filepath)
        self.metadata = metadata

    def load(self) -> str:
        """Return the page as text."""
        return Path(self._filepath).read_text(encoding="utf-8")

    def save(self, data: str) -> None:
        """Write the page."""
        path = Path(self._filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data, encoding="utf-8", newline="\n")

    def preview(self) -> HTMLPreview:
        """Return the page's content for kedro-viz, which makes a break of every end of line."""
        page = self.load()
        content = re.search(r"<main\b.*</main>", page, re.DOTALL)
        return HTMLPreview(re.sub(r"\s*\n\s*", " ", content[0] if content else page))

    def _exists(self) -> bool:
        return Path(self._filepath).exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
