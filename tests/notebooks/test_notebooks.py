"""The notebooks run from the first cell to the last, and hold no output in git."""

import json
import os
import re
import shutil
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from oneclick.errors import OneclickError
from oneclick.notebooks import need_model
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
        run_cells(notebook, project)
        return [cell for cell in notebook.cells if cell.cell_type == "code"]

    return execute


def run_cells(notebook, project: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "MPLBACKEND": "agg"}
    resources = {"metadata": {"path": project / "notebooks"}}
    NotebookClient(notebook, timeout=120, resources=resources).execute(env=environment)


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
    assert "Snapshot: sample\n" in [output.get("text") for output in cells[0].outputs]
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


@pytest.mark.slow
def test_a_month_without_a_model_stops_a_notebook_with_one_sentence(executed):
    # Given a notebook in which another month is loaded
    notebook = nbformat.read(FOLDER / "02_model_and_one_customer.ipynb", as_version=4)
    first, check, *rest = (cell for cell in notebook.cells if cell.cell_type == "code")
    other = nbformat.v4.new_code_cell("%reload_kedro --params=snapshot=2026-12")
    notebook.cells = [first, other, check, *rest]
    # When it is run to the end
    with pytest.raises(CellExecutionError):
        run_cells(notebook, finished_project())
    # Then the cell says so and nothing else, and none below it runs
    [said] = check.outputs
    assert said.text.startswith("No run has trained a model on snapshot 2026-12 yet. Run: kedro")
    assert [cell for cell in rest if cell.outputs] == []


def test_a_scored_month_names_the_month_whose_model_scored_it(tmp_path):
    reports = tmp_path / "snapshots/2026-12/08_reporting"
    reports.mkdir(parents=True)
    folders = {"snapshots": "snapshots", "models": "models"}
    settings = {"globals": folders, "parameters": {"snapshot": "2026-12"}}
    context = SimpleNamespace(project_path=tmp_path, config_loader=settings)
    (reports / "champion_choice.json").write_text("{}")
    need_model(context)  # trained on
    # When another month's model scores it
    (reports / "scored_by.json").write_text(json.dumps({"snapshot": "2026-11"}))
    (reports / "drift_summary.json").write_text(json.dumps({"model_snapshot": "2026-11"}))

    with pytest.raises(OneclickError, match=r"the model of 2026-11.*snapshot=2026-11$"):
        need_model(context)
