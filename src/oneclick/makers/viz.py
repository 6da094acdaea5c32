"""The graph in a browser, folded by stage, with the sizes of its tables: ``make viz``."""

import json
import os
import sys
from pathlib import Path

from kedro.framework.project import pipelines
from kedro.framework.session import KedroSession
from kedro.framework.startup import bootstrap_project

from oneclick.makers.site import measure_tables
from oneclick.pipeline_registry import OVERVIEW

if __name__ == "__main__":
    # Write the sizes where kedro-viz looks for them, and become `kedro viz run` with its arguments.
    project = Path.cwd()
    bootstrap_project(project)
    sizes = measure_tables(KedroSession.create(project).load_context().catalog, pipelines)
    (project / ".viz").mkdir(exist_ok=True)
    (project / ".viz/stats.json").write_text(json.dumps(sizes), encoding="utf-8")
    command = [sys.executable, "-m", "kedro", "viz", "run", "--pipeline", OVERVIEW]
    os.execv(sys.executable, [*command, *sys.argv[1:]])  # noqa: S606  our own command
