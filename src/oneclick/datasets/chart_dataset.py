import re
from html import escape

from kedro_datasets._typing import HTMLPreview

from oneclick.datasets.html_dataset import HTMLDataset
from oneclick.report.svg import describe_svg


class ChartDataset(HTMLDataset):
    """A chart as the text of an SVG element, the same bytes for the same chart."""

    def preview(self) -> HTMLPreview:
        """Return the chart under its title, on paper whatever the theme of kedro-viz is."""
        chart = describe_svg(self.load())
        page = f"<h3>{escape(chart.title)}</h3>{chart.markup}"
        page = f'<div style="padding: 1em; background: #fff; color: #1f2933">{page}</div>'
        # Kedro-viz makes a break of every end of line, and emphasis of what lies between two «_».
        return HTMLPreview(re.sub(r"\s*\n\s*", " ", page).replace("_", "-"))
