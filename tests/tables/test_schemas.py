"""A stored table keeps its promises, or the run stops with the name of the broken one."""

import ibis
import pandas as pd
import pytest

from oneclick.campaign.schemas import Segments
from oneclick.errors import OneclickError
from oneclick.modelling.schemas import LearningCurve


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


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"mean": [1.2, 0.9]}, "mean: less_than_or_equal_to"),
        ({"customers": ["a", "b"]}, "customers: str instead of int64"),
        ({"customers": [160.0, float("nan")]}, "customers: float64 instead of int64"),
        ({"extra": 1}, "extra: unknown"),
    ],
)
def test_a_table_of_figures_keeps_its_promises_too(broken, named):
    sound = {"customers": [160, 320], "mean": [0.9, 0.9], "ci_low": [0.8, 0.8]}
    curve = pd.DataFrame({**sound, "ci_high": [float("nan"), 0.95]})
    assert LearningCurve.validate(curve) is not None
    with pytest.raises(OneclickError, match=rf"LearningCurve breaks its contract \({named}"):
        LearningCurve.validate(curve.assign(**broken))
