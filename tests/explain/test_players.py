"""Players are read off the fitted transformers; what mixes columns is refused."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    SplineTransformer,
    StandardScaler,
)

from oneclick.errors import OneclickError
from oneclick.explain.players import players_of
from tests.explain.shops import make_shop

NUMBERS = ["pages", "revenue", "minutes"]
TEXTS = ["tier", "category"]


def fit(parts, **options) -> Pipeline:
    frame, label = make_shop(60)
    columns = ColumnTransformer(parts, **options)
    return Pipeline([("columns", columns), ("model", LogisticRegression(max_iter=5000))]).fit(
        frame, label
    )


def owned(pipeline) -> dict[str, list[int]]:
    return {name: numbers.tolist() for name, numbers in players_of(pipeline).items()}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_each_column_owns_its_numbers_in_the_order_of_the_frame():
    one_hot = OneHotEncoder(drop="if_binary", sparse_output=False)
    pipeline = fit([("texts", one_hot, TEXTS), ("numbers", StandardScaler(), NUMBERS)])
    assert owned(pipeline) == {
        "pages": [4], "tier": [0], "revenue": [5], "category": [1, 2, 3], "minutes": [6]
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_rare_levels_splines_dropped_and_passed_columns():
    rare = OneHotEncoder(min_frequency=25, handle_unknown="infrequent_if_exist")
    splines = make_pipeline(StandardScaler(), SplineTransformer(n_knots=3, degree=2))
    parts = [
        ("category", rare, ["category"]),
        ("splines", splines, ["pages", "minutes"]),
        ("tier", "drop", ["tier"]),
    ]
    pipeline = fit(parts, remainder="passthrough")
    levels = pipeline[0].output_indices_["category"].stop
    owners = owned(pipeline)
    assert owners["category"] == list(range(levels))
    assert owners["pages"] == list(range(levels, levels + 4))
    assert owners["minutes"] == list(range(levels + 4, levels + 8))
    assert owners["tier"] == []
    assert owners["revenue"] == [levels + 8]


@pytest.mark.filterwarnings("ignore:Skipping features without any observed values")
def test_a_column_that_the_imputer_drops_owns_nothing():
    frame, label = make_shop(40)
    frame["minutes"] = np.nan
    columns = ColumnTransformer(
        [("numbers", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS)]
    )
    pipeline = Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(frame, label)
    assert owned(pipeline)["minutes"] == []
    assert owned(pipeline)["revenue"] == [1]


def add_ratio(numbers: pd.DataFrame) -> pd.DataFrame:
    return numbers.assign(ratio=numbers["revenue"] / numbers["pages"])


@pytest.mark.parametrize(
    "mixing",
    [
        make_pipeline(StandardScaler(), PCA(2)),
        make_pipeline(FunctionTransformer(add_ratio), StandardScaler()),
        make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),
    ],
    ids=["pca", "ratio", "indicator"],
)
def test_a_transformer_that_may_mix_columns_is_refused_by_name(mixing):
    pipeline = fit([("numbers", mixing, NUMBERS)])
    with pytest.raises(OneclickError, match=r"transformer 'numbers'.*may mix several columns"):
        players_of(pipeline)


def test_a_step_between_columns_and_model_is_refused_by_name():
    frame, label = make_shop(60)
    columns = ColumnTransformer([("numbers", StandardScaler(), NUMBERS)])
    pipeline = Pipeline(
        [("columns", columns), ("axes", PCA(2)), ("model", LogisticRegression())]
    ).fit(frame, label)
    with pytest.raises(OneclickError, match=r"axes \(PCA\)"):
        players_of(pipeline)
