"""The notebooks run from the first cell to the last, and hold no output in git."""

import os
import re
import shutil
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.browser.finished import finished_project

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """Run a notebook where a user would: in the folder of a project whose main job has run."""
    project = finished_project()
    folder = project / "notebooks"
    folder.mkdir(exist_ok=True)

    @cache
    def execute(path: Path) -> list:
        shutil.copy(path, folder)
        notebook = nbformat.read(path, as_version=4)
        environment = {**os.environ, "PYTHONPATH": str(project / "src"), "MPLBACKEND": "agg"}
        client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}})
        client.execute(env=environment)
        return [cell for cell in notebook.cells if cell.cell_type == "code"]

    return execute


def test_there_are_three():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_git_holds_no_output(path):
    cells = nbformat.read(path, as_version=4).cells
    assert [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, executed):
    cells = executed(path)
    silent = [cell.source for cell in cells[1:] if not cell.outputs and "import" not in cell.source]
    assert silent == []
    complaints = [
        output.text
        for cell in cells
        for output in cell.outputs
        if output.get("name") == "stderr" and "Warning" in output.text
    ]
    assert complaints == []


@pytest.mark.slow
def test_more_budget_never_brings_less(executed):
    cells = executed(FOLDER / "03_offers_and_budget.ipynb")
    shown = next(cell for cell in cells if "by_budget" in cell.source).outputs[-1]
    html = shown["data"]["text/html"]
    columns = re.findall(r"<th>(\w+)</th>", html.split("</thead>")[0])
    rows = [re.findall(r"<td>(.*?)</td>", row) for row in html.split("<tr>")]
    place = columns.index("expected_profit") - columns.index("contacted")
    profits = [float(row[place]) for row in rows if row]
    assert len(profits) == 4
    assert profits == sorted(profits)
