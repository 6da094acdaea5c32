import re
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.io import AbstractDataset
from kedro_datasets._typing import HTMLPreview

from oneclick.report.svg import describe_svg


class ChartDataset(AbstractDataset[str, str]):
    """A chart as the text of an SVG element, the same bytes for the same chart.

    Example:
        ```yaml
        chart_roc:
          type: oneclick.datasets.chart_dataset.ChartDataset
          filepath: data/08_reporting/charts/roc.svg
        ```
    """

    def __init__(self, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        """Take the path of the SVG; what is in ``metadata`` is for other tools."""
        self._filepath = PurePosixPath(filepath)
        self.metadata = metadata

    def load(self) -> str:
        """Return the SVG as text."""
        return Path(self._filepath).read_text(encoding="utf-8")

    def save(self, data: str) -> None:
        """Write the SVG."""
        path = Path(self._filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(data, encoding="utf-8", newline="\n")

    def preview(self) -> HTMLPreview:
        """Return the chart under its title, on paper whatever the theme of kedro-viz is."""
        chart = describe_svg(self.load())
        page = f"<h3>{escape(chart.title)}</h3>{chart.markup}"
        page = f'<div style="padding: 1em; background: #fff; color: #1f2933">{page}</div>'
        # Kedro-viz makes a break of every end of line, and emphasis of what lies between two «_».
        return HTMLPreview(re.sub(r"\s*\n\s*", " ", page).replace("_", "-"))

    def _exists(self) -> bool:
        return Path(self._filepath).exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
