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

    In each stratum of n customers the share·n with the lowest hash are held back, so the arms have
    the wanted sizes exactly, whatever the order of the rows. What rounding leaves over is carried
    to the next stratum, by name, lest many small ones have no control. ``stratum`` is a column of
    text; where it is null, nobody is held back. ``share`` is 0..1; the salt changes the draw: keep
    it for a quarter.
    """
    drawn = customers.drop_null(stratum).select("customer_id", stratum=stratum).cache()
    sizes = drawn.group_by("stratum").aggregate(size=drawn.count()).execute()
    # Hashes are spread evenly, so only some more than the wanted share of the lowest are put in
    # order; ten standard errors more, so that those wanted are certainly among them.
    wanted, bounds = {}, {}
    counted = before = 0
    for value, size in sizes.sort_values("stratum").itertuples(index=False):
        counted += size
        held = int(counted * share + 0.5) - before
        before += held
        reach = (held + 10 * held**0.5 + 10) / size
        if held:
            wanted[value] = held
            bounds[value] = f"{int(reach * 16**8):08x}" if reach < 1 else "g"
    if not wanted:
        return customers.mutate(in_control=ibis.literal(False))
    hashed = drawn.mutate(hash=salted_hash(drawn.customer_id, salt))
    lowest = hashed.filter(hashed.hash < hashed.stratum.cases(*bounds.items()))
    lowest = lowest.mutate(place=ibis.row_number().over(group_by="stratum", order_by="hash"))
    lowest = lowest.filter(lowest.place < lowest.stratum.cases(*wanted.items()))
    controls = lowest.select("customer_id", in_control=ibis.literal(True)).cache()
    both = customers.left_join(controls, "customer_id").drop("customer_id_right")
    return both.mutate(in_control=both.in_control.notnull())
