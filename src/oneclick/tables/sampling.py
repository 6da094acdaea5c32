import ibis
import ibis.expr.types as ir
import pandas as pd

from oneclick.tables.joining import KEY

_PRIME = 2**31 - 1  # products of two residues stay inside 64 bits in every engine


def scatter(ids: ir.Column, seed: int = 0) -> ir.Column:
    """Return numbers that stand in another order than the ids, the same in every engine."""
    mixed = (ids + seed) % _PRIME * ibis.literal(48271, "int64") % _PRIME
    return mixed * mixed % _PRIME


def draw_customers(customers: ir.Table, max_rows: int) -> pd.DataFrame:
    """Return at most ``max_rows`` customers, the same ones in every engine and row order.

    The engine ranks customers and keeps the first, so no table larger than the sample leaves it.

    Returns:
        The sample ordered by id, with a fresh index and without the id.
    """
    ids = customers.select(KEY)
    first = ids.order_by([scatter(ids[KEY]), KEY]).limit(max_rows)
    sample = customers.semi_join(first, KEY)
    return sample.execute().sort_values(KEY).drop(columns=KEY).reset_index(drop=True)
