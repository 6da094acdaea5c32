"""Players are read off the fitted transformers; what mixes columns is refused."""

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


def fit(parts) -> Pipeline:
    frame, label = make_shop(60)
    columns = ColumnTransformer(parts)
    return Pipeline([("columns", columns), ("model", LogisticRegression(max_iter=5000))]).fit(
        frame, label
    )


def owned(pipeline) -> dict[str, list[int]]:
    return {name: numbers.tolist() for name, numbers in players_of(pipeline).items()}


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_each_column_owns_its_numbers_in_the_order_of_the_frame():
    one_hot = OneHotEncoder(sparse_output=False)
    splines = make_pipeline(StandardScaler(), SplineTransformer(n_knots=3, degree=2))
    pipeline = fit([("texts", one_hot, ["category"]), ("splines", splines, ["minutes", "pages"])])
    assert owned(pipeline) == {
        "pages": [7, 8, 9, 10], "tier": [], "revenue": [], "category": [0, 1, 2],
        "minutes": [3, 4, 5, 6],
    }  # fmt: skip


def add_ratio(numbers: pd.DataFrame) -> pd.DataFrame:
    return numbers.assign(ratio=numbers["revenue"] / numbers["pages"])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(
    "mixing",
    [
        make_pipeline(StandardScaler(), PCA(2)),
        make_pipeline(FunctionTransformer(add_ratio), StandardScaler()),
        make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),
        SimpleImputer(),
        OneHotEncoder(drop="first"),
        "passthrough",
    ],
    ids=["pca", "ratio", "indicator", "dropped", "level", "unknown"],
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
