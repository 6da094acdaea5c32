import ibis
import pytest
import yaml

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.offers import OfferCatalogue, check_catalogue
from oneclick.campaign.parameters import CampaignParameters, SegmentParameters


@pytest.fixture
def connection():
    backend = ibis.duckdb.connect()
    yield backend
    backend.disconnect()


@pytest.fixture(scope="session")
def catalogue_file(project):
    return project / "conf/base/segmentation/parameters_offers.yml"


@pytest.fixture(scope="session")
def catalogue(catalogue_file) -> OfferCatalogue:
    return check_catalogue(catalogue_file)


@pytest.fixture(scope="session")
def shipped(project) -> dict:
    """The shipped parameters without what a run fills in."""
    text = (project / "conf/base/segmentation/parameters.yml").read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    content["campaign"] |= {
        "snapshot": "2026-12",
        "language": "ru",
        "budget": None,
        "starts_on": None,
    }
    return content


@pytest.fixture(scope="session")
def value(shipped) -> ValueParameters:
    return ValueParameters(**shipped["profit_value"])


@pytest.fixture(scope="session")
def segment_parameters(shipped) -> SegmentParameters:
    return SegmentParameters(**shipped["segmentation"])


@pytest.fixture(scope="session")
def campaign(shipped) -> CampaignParameters:
    return CampaignParameters(**shipped["campaign"])
