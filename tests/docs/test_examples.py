"""The examples in the documentation name what exists."""

import ast
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from oneclick.parameter_checks import check_names

EXAMPLES = sorted((Path(__file__).parents[2] / "docs/examples").glob("*.py"))


def tasks(example: Path) -> list[dict]:
    """The arguments of every task of a DAG file.

    Airflow itself is no dependency of the project: its names are replaced by recorders.
    """
    found = []

    class Recorder:
        def __init__(self, *_, **arguments):
            if "bash_command" in arguments:
                found.append(arguments)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def __rshift__(self, other):
            return other

    tree = ast.parse(example.read_text(encoding="utf-8"))
    imports = (ast.Import, ast.ImportFrom, ast.Try)
    tree.body = [part for part in tree.body if not isinstance(part, imports)]
    airflow = dict.fromkeys(("DAG", "BashOperator", "CronDataIntervalTimetable"), Recorder)
    names = {**airflow, "datetime": datetime, "timedelta": timedelta}
    exec(compile(tree, str(example), "exec"), names)  # noqa: S102  # our own file
    return found


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_a_schedule_names_pipelines_environments_and_parameters_that_exist(example, project):
    # Given what Airflow fills in filled in
    commands = [task["bash_command"] for task in tasks(example)]
    found = [re.sub(r"\{\{.*?\}\}", "2026-12", command) for command in commands]

    assert found
    for command in found:
        assert "kedro run" in command
        for name in re.findall(r"--pipelines? (\S+)", command):
            assert (project / "src/oneclick/pipelines" / name / "pipeline.py").is_file(), name
        for name in re.findall(r"--env (\S+)", command):
            assert (project / "conf" / name / "globals.yml").is_file(), name
        given = re.findall(r"--params (\S+)", command)
        check_names(project / "conf", dict(pair.split("=", 1) for pair in given[0].split(",")))


def test_no_campaign_is_read_out_before_the_first_one(project):
    score, read_out, _ = tasks(project / "docs/examples/airflow_monthly.py")
    first = datetime(2026, 1, 1)  # when months begin to be scored
    assert "timedelta(days=85)" in read_out["bash_command"]
    assert read_out["start_date"] - timedelta(days=85) >= first
    assert "start_date" not in score
