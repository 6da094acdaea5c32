"""The shipped parameters of the campaign, with what a run fills in."""

from pathlib import Path

import yaml

CONFIGURATION = Path(__file__).parents[2] / "conf/base/segmentation"
CATALOGUE_FILE = CONFIGURATION / "parameters_offers.yml"


def configured() -> dict:
    """The groups as they stand in the file."""
    content = yaml.safe_load((CONFIGURATION / "parameters.yml").read_text(encoding="utf-8"))
    content["campaign"] |= {
        "snapshot": "2026-12",
        "language": "ru",
        "budget": None,
        "starts_on": None,
    }
    return content
