import ibis
import ibis.expr.types as ir
import pandas as pd

KEY = "customer_id"
_PRIME = 2**31 - 1  # products of two residues stay inside 64 bits in every engine


def draw_customers(customers: ir.Table, max_rows: int, seed: int = 0) -> pd.DataFrame:
    """Return at most ``max_rows`` customers, the same ones in every engine and row order.

    The engine ranks customers by arithmetic on their ids, which scatters neighbouring ids, and
    keeps the first; so no table larger than the sample leaves it.

    Args:
        customers: One row per customer.
        max_rows: Size of the sample.
        seed: Another seed draws another sample.

    Returns:
        The sample ordered by id, with a fresh index and without the id.
    """
    mixed = (customers[KEY] + seed) % _PRIME * ibis.literal(48271, "int64") % _PRIME
    scattered = mixed * mixed % _PRIME
    sample = customers.order_by([scattered, KEY]).limit(max_rows)
    return sample.execute().sort_values(KEY).drop(columns=KEY).reset_index(drop=True)
