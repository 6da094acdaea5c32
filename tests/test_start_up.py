"""Commands start at once because naming the pipelines imports nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    *("duckdb", "ibis", "matplotlib", "numba", "numpy", "openpyxl", "pandas", "pandera", "phik"),
    *("pyarrow", "scipy", "shap", "skops", "sklearn", "xlsxwriter"),
}
LOADED_AFTER = """
import sys
from pathlib import Path
from kedro.framework.project import pipelines
from kedro.framework.startup import bootstrap_project
from kedro.validation.type_extractor import TypeExtractor

bootstrap_project(Path.cwd())
{look}
print(*{{name.partition(".")[0] for name in sys.modules}})
"""


@pytest.mark.parametrize(
    "look",
    ["list(pipelines)", "TypeExtractor(dict(pipelines)).extract_types_from_pipelines()"],
    ids=["names of pipelines", "types of parameters"],
)
def test_looking_at_the_pipelines_imports_nothing_heavy(project: Path, look: str):
    command = [sys.executable, "-c", LOADED_AFTER.format(look=look)]
    finished = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)
    assert HEAVY.intersection(finished.stdout.split()) == set()
