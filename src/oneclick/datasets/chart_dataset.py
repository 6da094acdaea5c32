import base64
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from kedro.io import AbstractDataset
from kedro_datasets._typing import ImagePreview

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class ChartDataset(AbstractDataset["Figure", str]):
    """A chart as SVG for the report, and as PNG beside it for previews.

    Saving takes a matplotlib figure, loading gives the text of the SVG. The same figure gives the
    same bytes.

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

    def save(self, data: "Figure") -> None:
        """Write the SVG, and the PNG beside it."""
        from oneclick.report.charts.style import as_pictures

        path = Path(self._filepath)
        path.parent.mkdir(parents=True, exist_ok=True)
        pictures = as_pictures(data)
        path.write_text(pictures.svg, encoding="utf-8", newline="\n")
        path.with_suffix(".png").write_bytes(pictures.png)

    def preview(self) -> ImagePreview:
        """Return the PNG, encoded as kedro-viz wants it."""
        picture = Path(self._filepath).with_suffix(".png").read_bytes()
        return ImagePreview(base64.b64encode(picture).decode("ascii"))

    def _exists(self) -> bool:
        return Path(self._filepath).exists()

    def _describe(self) -> dict[str, Any]:
        return {"filepath": str(self._filepath)}
