"""An expression means the same on PostgreSQL as on DuckDB."""

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oneclick.campaign.reasons import group_thousands
from oneclick.engines import stream_rows
from oneclick.tables.checking import check_table

NUMBERS = [
    *("1", "-1", "+1", "1.", "  1 ", ".5", "-.5", "1e5", "1E+5", "1e-5", "00012", "1\t", "\n1"),
    *("inf", "-Infinity", "nan", "NaN", "0x10", "1e", "e5", "1.2.3", "1 000", "1\u00a0", "--1"),
    *("", ".", " ", "1f", "1,5", "0b1", "infin", "١", "9007199254740993", "1e98", "12345678.9"),
    *("\u2009 12.5\u00a0", "1.00768E+11", "2.15348e+05", "1E5", "10e0"),
]


@pytest.fixture(scope="module")
def both(duckdb, warehouse):
    """Evaluate an expression of a table on either engine."""

    def evaluate(frame: pd.DataFrame, expression):
        found = [engine.execute(expression(ibis.memtable(frame))) for engine in (duckdb, warehouse)]
        return [str(table.to_dict("records")) for table in found]  # NaN equals itself in writing

    return evaluate


def of_column(function):
    return lambda table: table.select("row", found=function(table.value)).order_by("row")


def numbered(values: list) -> pd.DataFrame:
    return pd.DataFrame({"row": range(len(values)), "value": values})


def test_text_is_read_as_a_number_or_as_none(both):
    there, here = both(numbered(NUMBERS), of_column(lambda value: value.try_cast("float64")))
    assert here == there


@settings(max_examples=20)
@given(st.lists(st.floats(-1e7, 1e7).map(lambda x: x + 0.0), min_size=1, max_size=30))
def test_numbers_are_rounded_alike(both, values):
    values += [x / 2 for x in range(-5, 6)] + [1.005, -2.675, 0.125]
    for digits in ((), (2,)):
        there, here = both(numbered(values), of_column(lambda v, d=digits: v.round(*d)))
        assert here == there


def test_thousands_are_grouped_alike(both):
    there, here = both(
        numbered([0, 999, 1000, 54_070, 999_999, 1_000_000, 12_034_005]),
        of_column(lambda value: group_thousands(value, ",")),
    )
    assert here == there
    assert "'12,034,005'" in here and "'54,070'" in here


def test_numbers_truths_and_texts_are_written_and_sorted_alike(both):
    there, here = both(
        numbered([106862.2, 500.0, 0.0, -1.5, 1e-7, 123456789.0]),
        of_column(lambda value: value.cast("string")),
    )
    assert here == there
    there, here = both(numbered([True, False]), of_column(lambda value: value.cast("int64")))
    assert here == there
    texts = ["b", "A", "a", "_a", "я", "Ё", "ё", "Б", "б", "1", "-1"]
    there, here = both(
        pd.DataFrame({"row": 0, "value": texts}),
        lambda table: table.select("value").order_by("value"),
    )
    assert here == there
    there, here = both(
        pd.DataFrame({"row": 0, "value": texts}),
        lambda table: table.aggregate(first=table.value.min(), last=table.value.max()),
    )
    assert here == there


def test_layers_stay_layers(warehouse):
    """PostgreSQL would write each layer into the next, and compute it as often as it is used."""
    table = ibis.table({"x": "float64"}, name="numbers")
    for _ in range(8):
        table = table.mutate(x=table.x * table.x + table.x)
    assert warehouse.compile(table).count("OFFSET 0") >= 7


def test_dirty_cells_are_judged_alike(both, cleaning_rules):
    rules = cleaning_rules.tables["profit"]
    cells = [*NUMBERS, "н/д", "None", "—", "10 000 000", "=1+1", "x" * 200]
    frame = pd.DataFrame(
        {"source_row": range(len(cells)), "customer_id": cells[::-1], "monthly_profit": cells}
    )
    there, here = both(
        frame, lambda raw: check_table(raw, rules, cleaning_rules).order_by("source_row")
    )
    assert here == there


def test_rows_leave_and_enter_in_batches(warehouse):
    # Given rows with all that a text format may lose
    warehouse.con.execute("CREATE SCHEMA streamed")
    rows = pa.table(
        {
            "customer_id": pa.array(range(1000), pa.int64()),
            "p": pa.array([0.1, None, 1 / 3, np.nan, np.inf] * 200),
            "очень длинное название столбца, которое база данных обрежет": [
                "",
                None,
                'a"b',
                "c\nd",
                "é,;",
            ]
            * 200,
            "known": [True, False, None, True, False] * 200,
        }
    )
    warehouse.store(
        "streamed", "rows", pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches(300))
    )

    table = warehouse.relation("streamed", "rows")
    none = pa.Table.from_batches(stream_rows(table.filter(table.customer_id < 0)), rows.schema)
    assert none.num_rows == 0
    batches = list(stream_rows(table.order_by("customer_id"), 70))

    assert max(batch.num_rows for batch in batches) <= 70
    found = pa.Table.from_batches(batches).rename_columns(rows.column_names)
    assert str(found.to_pylist()) == str(rows.to_pylist())
