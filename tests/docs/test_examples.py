"""The examples in the documentation name what exists."""

import ast
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from oneclick.parameter_checks import check_names

EXAMPLES = sorted((Path(__file__).parents[2] / "docs/examples").glob("*.py"))


def commands(example: Path) -> list[str]:
    """Every kedro command of a DAG file, with what Airflow fills in filled in.

    Airflow itself is no dependency of the project: its names are replaced by recorders.
    """
    found = []

    class Recorder:
        def __init__(self, *_, **arguments):
            if "bash_command" in arguments:
                found.append(arguments["bash_command"])

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
    return [re.sub(r"\{\{.*?\}\}", "2026-12", command) for command in found]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_a_schedule_names_pipelines_environments_and_parameters_that_exist(example, project):
    found = commands(example)

    assert found
    for command in found:
        assert "kedro run" in command
        for name in re.findall(r"--pipelines? (\S+)", command):
            assert (project / "src/oneclick/pipelines" / name / "pipeline.py").is_file(), name
        for name in re.findall(r"--env (\S+)", command):
            assert (project / "conf" / name / "globals.yml").is_file(), name
        given = re.findall(r"--params (\S+)", command)
        check_names(project / "conf", dict(pair.split("=", 1) for pair in given[0].split(",")))
