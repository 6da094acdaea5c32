import ibis
import numpy as np
import pandas as pd
import pytest

from oneclick.campaign.control import draw_control_group, salted_hash
from oneclick.campaign.parameters import quarter_salt

CUSTOMERS = pd.DataFrame(
    {"customer_id": np.arange(1000), "segment": np.repeat(["large", "small"], [700, 300])}
)


def draw(frame: pd.DataFrame, connection, salt: str = "2026Q4", share: float = 0.2) -> pd.DataFrame:
    table = connection.create_table("t", frame, overwrite=True)
    drawn = draw_control_group(table, stratum="segment", share=share, salt=salt)
    return drawn.order_by("customer_id").execute()


def test_strata_of_700_and_300_give_140_and_60_controls(connection) -> None:
    found = draw(CUSTOMERS, connection)
    assert found.groupby("segment")["in_control"].sum().to_dict() == {"large": 140, "small": 60}


def test_small_strata_have_their_share_together(connection) -> None:
    # Given thirty segments of two customers, none of which a fifth of a control would suit
    small = pd.DataFrame({"customer_id": np.arange(60), "segment": np.arange(60) // 2})
    found = draw(small.assign(segment=small["segment"].map("s{:02}".format)), connection)
    # Then twelve are held back, and no segment lacks more than its rounding
    held = found.groupby("segment")["in_control"].sum()
    assert held.sum() == 12
    assert held.max() == 1
    assert (held.cumsum() - 0.4 * np.arange(1, 31)).abs().max() <= 0.5


def test_the_draw_does_not_depend_on_the_order_of_rows(connection) -> None:
    first = draw(CUSTOMERS, connection)
    again = draw(CUSTOMERS.sample(frac=1, random_state=1), connection)
    pd.testing.assert_frame_equal(first, again)


def test_another_salt_draws_others(connection) -> None:
    now, later = draw(CUSTOMERS, connection), draw(CUSTOMERS, connection, salt="2027Q1")
    shared = (now["in_control"] & later["in_control"]).sum()
    assert 20 <= shared <= 60  # 200 × 0.2 = 40 expected by chance


def test_controls_have_no_pattern_in_their_ids(connection) -> None:
    ids = draw(CUSTOMERS, connection).query("in_control")["customer_id"]
    assert ids.mean() == pytest.approx(499.5, abs=60)  # three standard errors of 200 of 1 000


def test_nobody_is_held_back_at_a_share_of_zero(connection) -> None:
    assert not draw(CUSTOMERS, connection, share=0.0)["in_control"].any()


@pytest.mark.parametrize(
    ("snapshot", "salt"),
    [
        ("2026-12", "2026Q4"),
        ("2027-01", "2027Q1"),
        ("2026-06", "2026Q2"),
        ("2026-10-mended", "2026Q4"),  # the same controls, whatever it is called
        ("sample", "sample"),
    ],
)
def test_the_salt_lasts_a_quarter(snapshot: str, salt: str) -> None:
    assert quarter_salt(snapshot) == salt


def test_the_hash_is_md5_on_every_engine(connection) -> None:
    import hashlib

    table = connection.create_table("t", pd.DataFrame({"customer_id": [7]}))
    found = table.select(h=salted_hash(table.customer_id, "s")).execute()["h"].iloc[0]
    assert found == hashlib.md5(b"s:7", usedforsecurity=False).hexdigest()
    for dialect in ("duckdb", "postgres", "pyspark"):
        unbound = ibis.table({"customer_id": "int64"}, name="t")
        sql = ibis.to_sql(unbound.select(h=salted_hash(unbound.customer_id, "s")), dialect=dialect)
        assert "MD5(" in str(sql).upper()
