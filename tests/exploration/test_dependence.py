import numpy as np
import pandas as pd
import pytest

from oneclick.exploration import dependence
from oneclick.exploration.schemas import Collinearity


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    draw = np.random.default_rng(1)
    x = draw.normal(size=400)
    return pd.DataFrame(
        {
            "declined": x + 0.3 * draw.normal(size=400) > 0,
            "allows_contact": draw.random(400) < 0.7,
            "pages_per_visit": x,
            "minutes_current": draw.normal(size=400),
            "constant": 1.0,
        }
    )


def test_phik_finds_what_the_target_is_tied_to(sample: pd.DataFrame) -> None:
    pairs = dependence.correlate(sample).set_index(["first", "second"])

    assert pairs.index[0] == ("declined", "pages_per_visit")
    assert pairs.loc[("declined", "pages_per_visit"), "phik"] > 0.9
    assert pairs.loc[("declined", "pages_per_visit"), "significance"] > 10
    unrelated = pairs.loc[("declined", "minutes_current")]
    assert unrelated["phik"] < 0.3
    assert unrelated["significance"] < 3


def test_phik_is_the_same_every_time(sample: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(dependence.correlate(sample), dependence.correlate(sample))


def test_a_column_with_one_value_is_left_out(sample: pd.DataFrame) -> None:
    pairs = dependence.correlate(sample)

    assert "constant" not in set(pairs["first"]) | set(pairs["second"])


def test_variance_inflation_of_correlated_columns() -> None:
    # Given two columns with correlation r, the factor of each is 1/(1 − r²)
    x = np.tile([1.0, 1.0, -1.0, -1.0], 25)
    y = np.tile([1.0, -1.0, 1.0, -1.0], 25)
    r = 0.6
    sample = pd.DataFrame({"a": x, "b": r * x + np.sqrt(1 - r**2) * y, "profit": y})

    factors = dependence.inflate_variance(sample, left_out=("profit",)).set_index("feature")["vif"]

    assert factors.to_dict() == pytest.approx({"a": 1 / (1 - r**2), "b": 1 / (1 - r**2)})


def test_a_column_that_others_determine_has_infinite_inflation() -> None:
    a, b = np.arange(9.0), np.arange(9.0) ** 2
    sample = pd.DataFrame({"a": a, "b": b, "sum": a + b, "free": [1, 5, 2, 8, 3, 1, 4, 4, 2.0]})

    factors = dependence.inflate_variance(sample).set_index("feature")["vif"]

    assert np.isinf(factors[["a", "b", "sum"]]).all()
    assert 1 <= factors["free"] < 10


def test_missing_values_take_no_customer_and_no_column_from_the_others() -> None:
    draw = np.random.default_rng(3)
    complete = pd.DataFrame(draw.normal(size=(1_000, 20)), columns=[f"x{n}" for n in range(20)])
    complete["x1"] = 0.8 * complete["x0"] + 0.6 * complete["x1"]
    # Given a third of every column unknown, and all of one: nobody is complete
    sample = complete.where(draw.random(complete.shape) > 0.3).assign(empty=np.nan)

    factors = dependence.inflate_variance(sample)

    Collinearity.validate(factors)
    assert set(factors["feature"]) == set(complete)
    assert set(factors["feature"].head(2)) == {"x0", "x1"}
    assert factors["vif"].head(2).to_numpy() == pytest.approx(1 / (1 - 0.8**2), rel=0.15)
    assert factors["vif"].max() < 5


def test_columns_that_nobody_has_both_of_are_not_tied() -> None:
    sample = pd.DataFrame({"a": [1.0, 2.0, None, None], "b": [None, None, 2.0, 1.0]})

    assert dependence.inflate_variance(sample)["vif"].tolist() == [1.0, 1.0]
    assert len(dependence.inflate_variance(sample.assign(a=1.0, b=None))) == 0


def test_the_picture_of_a_pair_counts_every_labelled_customer() -> None:
    sample = pd.DataFrame(
        {
            "declined": [True, True, False, False],
            "pages_per_visit": [1.0, 1.0, 9.0, 9.0],
            "minutes_current": [1.0, 1.0, 9.0, 9.0],
        }
    )
    pair = {"first": ["pages_per_visit"], "second": ["minutes_current"]}
    pairs = pd.DataFrame({**pair, "significance": 5.0})

    cells = dependence.picture_pairs(sample, pairs, drawn=4)

    assert cells["customers"].tolist() == [2, 2]
    assert cells["declined_share"].tolist() == [1.0, 0.0]
    # and one that may be chance has none
    none = dependence.picture_pairs(sample, pairs.assign(significance=4.9), drawn=4)
    assert list(none) == list(cells)
    assert none.empty
