"""A stored table keeps its promises, or the run stops with the name of the broken one."""

import ibis
import pandas as pd
import pytest

from oneclick.campaign.schemas import Segments
from oneclick.errors import OneclickError


def segments(**columns: list) -> ibis.Table:
    sound = {
        "customer_id": [1, 2],
        "p_decline": [0.1, None],
        "risk_band": ["low", "high"],
        "profit_band": ["low", "high"],
        "segment": ["calm", "dear"],
        "risk_group": ["steady", "early_warning"],
    }
    return ibis.memtable(pd.DataFrame(sound | columns))


def test_a_sound_table_passes_also_if_it_is_empty():
    assert Segments.validate(segments()).count().execute() == 2
    assert Segments.validate(segments().limit(0)).count().execute() == 0


@pytest.mark.parametrize(
    ("columns", "promise"),
    [
        ({"risk_band": ["low", "extreme"]}, r"risk_band: isin\("),
        ({"segment": [None, "dear"]}, "segment: not null"),
        ({"customer_id": [1.5, 2.0]}, "customer_id: float64 instead of int64"),
        ({"nickname": ["a", "b"]}, "nickname: string instead of absent"),
    ],
)
def test_a_broken_promise_is_named_without_the_value_that_breaks_it(columns, promise):
    with pytest.raises(OneclickError, match=promise) as refused:
        Segments.validate(segments(**columns))

    assert "extreme" not in str(refused.value)
