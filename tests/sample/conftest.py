import re
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def sample_seed(project: Path) -> int:
    """The seed of the committed sample."""
    text = (project / "conf/base/sample_data/parameters.yml").read_text(encoding="utf-8")
    return int(re.search(r"sample_seed, (\d+)", text)[1])
