"""The data dictionary says what the schemas say, of every table that crosses a border."""

import pytest
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from oneclick.makers.dictionary import find_flows, schema_of, write_dictionary

TABLES = ("ParquetDataset", "FileDataset", "EngineTableDataset")


@pytest.fixture(scope="module")
def catalog(project):
    bootstrap_project(project)
    with KedroSession.create(project) as session:
        return session.load_context().config_loader["catalog"]


def test_it_is_up_to_date(project):
    stored = (project / "docs/data_dictionary.md").read_text(encoding="utf-8")
    assert stored == write_dictionary(project), "Run: make dictionary"


def test_every_table_that_crosses_a_border_has_a_schema(catalog):
    crossing = [name for name, flow in find_flows().items() if flow.makers and flow.readers]
    tables = [name for name in crossing if catalog[name]["type"].endswith(TABLES)]
    assert len(tables) > 20
    assert [name for name in tables if not schema_of(catalog[name])] == []


def test_every_column_has_a_meaning(project):
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in write_dictionary(project).splitlines()
        if line.startswith("| `")
    ]
    assert len(rows) > 250
    assert [row for row in rows if not row[3]] == []


def test_who_reads_the_model_in_service_is_the_scoring():
    flows = find_flows()
    assert flows["service_background"].readers == ("scoring",)
    assert flows["customers"].makers == ("data_processing",)
