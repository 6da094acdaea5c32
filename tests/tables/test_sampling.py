import ibis
import numpy as np
import pandas as pd
import pytest

from oneclick.tables.sampling import draw_customers


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    ids = np.arange(200_000, 205_000)
    return pd.DataFrame({"customer_id": ids, "declined": ids < 202_000})


def test_a_sample_holds_no_ids_and_every_part_of_the_table(table: pd.DataFrame) -> None:
    sample = draw_customers(ibis.memtable(table), max_rows=500)

    assert list(sample.columns) == ["declined"]
    # 40 % of the customers are declined, in one block of ids; 95 % of random samples are this near
    assert sample["declined"].mean() == pytest.approx(0.4, abs=0.043)


def test_the_sample_does_not_depend_on_the_order_of_rows(table: pd.DataFrame) -> None:
    shuffled = table.assign(number=range(len(table))).sample(frac=1, random_state=3)

    first = draw_customers(ibis.memtable(table.assign(number=range(len(table)))), 300)
    second = draw_customers(ibis.memtable(shuffled), 300)

    pd.testing.assert_frame_equal(first, second)


def test_a_small_table_is_taken_whole(table: pd.DataFrame) -> None:
    assert len(draw_customers(ibis.memtable(table.head(40)), max_rows=100)) == 40
