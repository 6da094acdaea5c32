"""What many tests need: the shipped rules and the folder of the reference tables."""

import os
from pathlib import Path

import pytest
import yaml

from oneclick.tables.rules import CleaningRules

PROJECT = Path(__file__).parents[1]


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
