from pathlib import Path

import pytest

from oneclick.datasets.chart_dataset import ChartDataset
from oneclick.datasets.html_dataset import HTMLDataset
from oneclick.report.charts.style import as_svg, new_figure
from oneclick.texts.words import Words


def draw(heights: list[float]):
    title = {"champion": "A <b> & $x$", "auc": "0.9"}
    figure = new_figure(Words("report", "en"), "comparison", 4, 3, **title)
    figure.subplots().bar(range(len(heights)), heights)
    return figure


def test_the_same_figure_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        ChartDataset(str(tmp_path / f"{name}.svg")).save(as_svg(draw, [1.0, 2.0]))

    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_loading_gives_an_element_that_describes_itself(tmp_path: Path) -> None:
    dataset = ChartDataset(str(tmp_path / "deep" / "chart.svg"))
    assert not dataset.exists()

    dataset.save(as_svg(draw, [1.0]))
    svg = dataset.load()

    assert dataset.exists()
    assert svg.startswith("<svg ")
    assert 'role="img"' in svg
    assert (
        "<title>The chosen model, “A &lt;b&gt; &amp; $x$”, has the highest ROC-AUC, 0.9</title>"
        in svg
    )
    assert "<desc>Mean ROC-AUC of the models" in svg
    assert "matplotlib" not in svg.lower()
    assert "<text" in svg


def test_the_preview_is_the_chart_under_its_title(tmp_path: Path) -> None:
    dataset = ChartDataset(str(tmp_path / "chart.svg"))
    dataset.save(as_svg(draw, [1.0]))

    preview = dataset.preview()
    assert (
        "<h3>The chosen model, “A &lt;b&gt; &amp; $x$”, has the highest ROC-AUC, 0.9</h3><svg "
        in preview
    )
    assert "\n" not in preview
    assert dataset.preview.__annotations__["return"].__name__ == "HTMLPreview"


@pytest.mark.parametrize("page", ["<p>Привет, 🎁</p>", ""])
def test_a_page_comes_back_as_it_was(tmp_path: Path, page: str) -> None:
    dataset = HTMLDataset(str(tmp_path / "deep" / "report.html"))

    dataset.save(page)

    assert dataset.load() == page
    assert dataset.preview() == page
    assert dataset.preview.__annotations__["return"].__name__ == "HTMLPreview"
