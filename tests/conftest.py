"""What many tests need: the shipped rules and the folder of the reference tables."""

import os
from pathlib import Path

import pytest
import yaml
from hypothesis import settings

from oneclick.tables.rules import CleaningRules

PROJECT = Path(__file__).parents[1]

# Shared machines are slow at times; time is measured in benchmarks, never in tests.
settings.register_profile("oneclick", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("oneclick")


@pytest.fixture(scope="session")
def project() -> Path:
    return PROJECT


@pytest.fixture(scope="session")
def cleaning_rules() -> CleaningRules:
    text = (PROJECT / "conf/base/data_processing/parameters.yml").read_text(encoding="utf-8")
    return CleaningRules(**yaml.safe_load(text)["cleaning"])


@pytest.fixture(scope="session")
def reference_folder() -> Path:
    folder = os.environ.get("ONECLICK_REFERENCE_DATA")
    if not folder:
        pytest.skip("ONECLICK_REFERENCE_DATA names no folder")
    return Path(folder).resolve()
