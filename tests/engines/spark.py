"""What the tests of Spark share: is it here, and how is it configured."""

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).parents[2]

needs_spark = [
    pytest.mark.spark,
    # py4j leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.skipif(
        find_spec("pyspark") is None,
        reason="pyspark is not installed: make test-spark",
    ),
    pytest.mark.skipif(
        shutil.which("java") is None and "JAVA_HOME" not in os.environ,
        reason="there is no Java for Spark: no java on the PATH, no JAVA_HOME",
    ),
]


def engine_of(environment: str) -> dict:
    """Return the engine that the project's configuration gives an environment."""
    text = (PROJECT / "conf" / environment / "globals.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["engine"]
