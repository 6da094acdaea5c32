"""A seeded synthetic shop of any size that behaves like the real one and contains nothing of it."""

from oneclick.sample.shop import SampleShop, Shop, make_shop, write_shop

__all__ = ["SampleShop", "Shop", "make_shop", "write_shop"]
