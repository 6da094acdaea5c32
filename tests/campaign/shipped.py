"""The shipped parameters of the campaign, with what a run fills in."""

from pathlib import Path

import yaml

from oneclick.campaign.offers import OfferCatalogue

CONFIGURATION = Path(__file__).parents[2] / "conf/base/segmentation"
CATALOGUE_FILE = CONFIGURATION / "parameters_offers.yml"


def read_catalogue(path: Path) -> OfferCatalogue:
    """The catalogue as it stands in a file."""
    return OfferCatalogue(**yaml.safe_load(path.read_text(encoding="utf-8"))["offer_catalogue"])


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
