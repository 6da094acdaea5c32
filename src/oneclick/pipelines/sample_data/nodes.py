from pathlib import Path

from oneclick.sample.parameters import SampleShop


def write_sample_shop(sample_shop: SampleShop) -> None:
    """Write the four files of a synthetic shop."""
    from oneclick.sample.shop import write_shop

    write_shop(Path(sample_shop.folder), sample_shop.customers, sample_shop.seed)
