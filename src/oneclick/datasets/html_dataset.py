import re

from kedro_datasets._typing import HTMLPreview

from oneclick.datasets.local_file import LocalFileDataset


class HTMLDataset(LocalFileDataset):
    """A page of HTML, which kedro-viz shows as it is."""

    def load(self) -> str:
        """Return the page as text."""
        return self._filepath.read_text(encoding="utf-8")

    def save(self, data: str) -> None:
        """Write the page."""
        self._path_to_write().write_text(data, encoding="utf-8", newline="\n")

    def preview(self) -> HTMLPreview:
        """Return the page's content for kedro-viz, which makes a break of every end of line."""
        page = self.load()
        content = re.search(r"<main\b.*</main>", page, re.DOTALL)
        return HTMLPreview(re.sub(r"\s*\n\s*", " ", content[0] if content else page))
