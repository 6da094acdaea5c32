import ibis
import pytest

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.offers import OfferCatalogue
from oneclick.campaign.parameters import CampaignParameters, SegmentParameters
from tests.campaign.shipped import CATALOGUE_FILE, configured, read_catalogue


@pytest.fixture
def connection():
    backend = ibis.duckdb.connect()
    yield backend
    backend.disconnect()


@pytest.fixture(scope="session")
def catalogue_file():
    return CATALOGUE_FILE


@pytest.fixture(scope="session")
def catalogue() -> OfferCatalogue:
    return read_catalogue(CATALOGUE_FILE)


@pytest.fixture(scope="session")
def shipped() -> dict:
    return configured()


@pytest.fixture(scope="session")
def value(shipped) -> ValueParameters:
    return ValueParameters(**shipped["profit_value"])


@pytest.fixture(scope="session")
def segment_parameters(shipped) -> SegmentParameters:
    return SegmentParameters(**shipped["segmentation"])


@pytest.fixture(scope="session")
def campaign(shipped) -> CampaignParameters:
    return CampaignParameters(**shipped["campaign"])
