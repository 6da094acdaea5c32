"""The control group: who is held back so that the effect of the campaign can be measured."""

import ibis
import ibis.expr.types as ir


@ibis.udf.scalar.builtin(name="md5")  # type: ignore[untyped-decorator]
def _md5(text: str) -> str:  # type: ignore[empty-body]
    """Hexadecimal MD5: the one hash that DuckDB, PostgreSQL and Spark spell alike."""


def salted_hash(customer_id: ir.Column, salt: str) -> ir.StringValue:
    """Return 32 hexadecimal digits that shuffle customers, the same on every engine."""
    return _md5(ibis.literal(f"{salt}:") + customer_id.cast("string"))


def draw_control_group(customers: ir.Table, *, stratum: str, share: float, salt: str) -> ir.Table:
    """Return ``customers`` with the boolean column ``in_control``.

    In each stratum of n customers the round(share·n) with the lowest hash are held back, so the
    arms have the wanted sizes exactly, whatever the order of the rows.

    Args:
        customers: One row per customer that may be contacted, with ``customer_id``.
        stratum: The column whose values get the same share each.
        share: Share to hold back, 0..1.
        salt: Changes the draw; keep it for a quarter.
    """
    order = [salted_hash(customers.customer_id, salt), customers.customer_id]
    place = ibis.row_number().over(group_by=stratum, order_by=order)
    size = customers.count().over(group_by=stratum)
    return customers.mutate(in_control=(place + 0.5) <= size * share)
