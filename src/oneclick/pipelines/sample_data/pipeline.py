import logging
from pathlib import Path

from kedro.pipeline import Node, Pipeline
from pydantic import Field

from oneclick.parameters import Parameters

logger = logging.getLogger(__name__)


class SampleShop(Parameters):
    """Which synthetic shop to write, and where."""

    customers: int
    seed: int = Field(ge=0)
    folder: str


def create_pipeline() -> Pipeline:
    """Return the pipeline that fabricates raw tables, so that all others run without real ones."""
    return Pipeline([Node(write_sample_shop, "params:sample_shop", None, name="write_sample_shop")])


def write_sample_shop(sample_shop: SampleShop) -> None:
    """Write the four files of a synthetic shop, and say what to do with them."""
    from oneclick.sample.shop import write_shop

    folder = Path(sample_shop.folder)
    write_shop(folder, sample_shop.customers, sample_shop.seed)
    logger.info(
        "Tables are in %s. Run: kedro run --params raw=%s,snapshot=%s", folder, folder, folder.name
    )
