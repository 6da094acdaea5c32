"""Whole models: the scale, the method, the check, what is refused and what must just work."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.ensemble import ExtraTreesClassifier, GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from benchmarks.explain_speed import distance_between
from oneclick.errors import OneclickError
from oneclick.explain.margin import contributions_fast, explain_margin
from oneclick.modelling.estimators import LaplacianSVC, SoftVote, exact_form
from tests.explain.shops import make_pipeline_of, make_shop

EXACT = {
    "svc_rbf": SVC(),
    "svc_linear": SVC(kernel="linear"),
    "svc_laplacian": LaplacianSVC(),
    "logistic": LogisticRegression(),
    "decision_tree": DecisionTreeClassifier(max_depth=4, random_state=0),
    "extra_trees": ExtraTreesClassifier(5, random_state=0),
    "gradient_boosting": GradientBoostingClassifier(n_estimators=5, random_state=0),
}
SAMPLED = {
    "knn": KNeighborsClassifier(5),
    "soft_vote": SoftVote([("svc", SVC())]),
    "svc_poly": SVC(kernel="poly", degree=2, C=0.1),
}


@pytest.fixture(scope="module")
def shop() -> tuple[pd.DataFrame, np.ndarray]:
    return make_shop(120)


def fit(shop, estimator, calibrated=True):
    model = make_pipeline_of(shop[0], estimator)
    if calibrated:
        model = CalibratedClassifierCV(model, method="sigmoid", cv=3, ensemble=False)
    return model.fit(*shop)


@pytest.mark.parametrize("name", [*EXACT, *SAMPLED])
def test_values_add_up_to_the_log_odds_of_the_calibrated_probability(shop, name):
    frame, _ = shop
    model = fit(shop, {**EXACT, **SAMPLED}[name])
    explanation = explain_margin(model, frame[:9], frame, permutations=6)
    total = explanation.base_values + explanation.values.sum(axis=1)
    np.testing.assert_allclose(total, logit(model.predict_proba(frame[:9])[:, 1]), atol=1e-9)
    assert explanation.scale == "log-odds of the probability"
    assert list(explanation.feature_names) == ["pages", "tier", "revenue", "category", "minutes"]
    assert explanation.data.tolist() == frame[:9].to_numpy(dtype=object).tolist()
    if name in EXACT:
        assert explanation.method == "exact interventional, full background"
        assert explanation.error_std is None
    else:
        assert explanation.method.startswith("permutation, 6 draws, standard error ±")
        assert explanation.error_std.shape == explanation.values.shape


def test_whether_values_are_exact_is_known_before_fitting():
    known = {name: exact_form(estimator) for name, estimator in {**EXACT, **SAMPLED}.items()}
    assert {name for name, form in known.items() if form} == set(EXACT)


@pytest.mark.parametrize("name", EXACT)
def test_exact_and_sampled_values_agree_within_the_stated_error(shop, name):
    frame, _ = shop
    model = fit(shop, EXACT[name], calibrated=False)
    exact = explain_margin(model, frame[:10], frame)
    sampled = explain_margin(model, frame[:10], frame, method="permutation", permutations=40)
    gap = np.sqrt(((exact.values - sampled.values) ** 2).mean())
    assert gap < 1.5 * np.sqrt((sampled.error_std**2).mean()) + 1e-12


def test_a_vote_of_whole_pipelines_is_sampled_on_the_original_columns(shop):
    frame, _ = shop
    members = [(one, make_pipeline_of(frame, EXACT[one])) for one in ("svc_rbf", "decision_tree")]
    vote = Pipeline([("columns", "passthrough"), ("model", SoftVote(members))])
    model = CalibratedClassifierCV(vote, cv=3, ensemble=False).fit(*shop)
    explanation = explain_margin(model, frame[:3], frame, permutations=4)
    assert list(explanation.feature_names) == list(frame.columns)
    total = explanation.base_values + explanation.values.sum(axis=1)
    np.testing.assert_allclose(total, logit(model.predict_proba(frame[:3])[:, 1]), atol=1e-9)


def test_a_part_of_an_explanation_keeps_its_scale(shop):
    frame, _ = shop
    part = explain_margin(fit(shop, SVC()), frame[:5], frame)[1:3]
    assert part.output_names == "log-odds of the probability"
    assert part.values.shape == (2, 5)


def test_without_a_calibration_the_scale_is_the_models_own(shop):
    frame, _ = shop
    margin = explain_margin(fit(shop, SVC(), calibrated=False), frame[:3], frame)
    share = explain_margin(fit(shop, EXACT["decision_tree"], calibrated=False), frame[:3], frame)
    assert (margin.scale, share.scale) == ("margin", "probability")


def test_the_kernel_form_equals_shaps_exact_explainer(shop):
    shap = pytest.importorskip("shap")
    frame, _ = shop
    # Given columns that all are numbers, which shap can mask one by one
    numbers = frame[["pages", "revenue", "minutes"]]
    pipeline = fit((numbers, shop[1]), SVC(), calibrated=False)
    masker = shap.maskers.Independent(numbers.to_numpy(), max_samples=len(numbers))
    explainer = shap.explainers.Exact(
        lambda rows: pipeline.decision_function(pd.DataFrame(rows, columns=numbers.columns)), masker
    )
    reference = explainer(numbers.to_numpy()[:8])
    ours = explain_margin(pipeline, numbers[:8], numbers)
    np.testing.assert_allclose(ours.values, reference.values, atol=1e-10)
    np.testing.assert_allclose(ours.base_values, reference.base_values, atol=1e-10)


def test_the_linear_form_equals_shaps_linear_explainer(shop):
    shap = pytest.importorskip("shap")
    frame, _ = shop
    numbers = frame[["pages", "revenue", "minutes"]]
    pipeline = fit((numbers, shop[1]), LogisticRegression(), calibrated=False)
    background = pipeline[0].transform(numbers)
    masker = shap.maskers.Independent(background, max_samples=len(background))
    reference = shap.LinearExplainer(pipeline[-1], masker)(background).values
    np.testing.assert_allclose(
        explain_margin(pipeline, numbers, numbers).values, reference, atol=1e-12
    )


def test_a_model_whose_output_is_not_met_is_an_error(shop):
    frame, _ = shop
    model = fit(shop, SVC(), calibrated=False)
    model.decision_function = lambda rows: np.arange(len(rows))
    with pytest.raises(OneclickError, match="miss the model's output"):
        explain_margin(model, frame[:3], frame)


def test_the_fast_form_streams_chunks_and_tells_its_distance(shop):
    frame, _ = shop
    model = fit(shop, SVC())
    chunks = list(contributions_fast(model, (frame[:50], frame[50:]), frame))
    full = explain_margin(model, frame[:50], frame)
    gaps = distance_between(full, chunks[0])
    assert [len(chunk.values) for chunk in chunks] == [50, 70]
    assert chunks[0].method == "exact for independent features"
    # columns of this shop are independent, so both backgrounds are nearly one
    assert 0 < gaps["relative_gap"].max() < 0.15
    assert gaps["feature"].tolist() == list(frame.columns)
    assert distance_between(full, full)["max_gap"].eq(0).all()


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda frame, y: fit((frame, frame["category"]), SVC()), "two classes.* has 3"),
        (
            lambda frame, y: CalibratedClassifierCV(
                make_pipeline_of(frame, SVC()), method="isotonic", cv=3, ensemble=False
            ).fit(frame, y),
            "method='isotonic'",
        ),
        (
            lambda frame, y: CalibratedClassifierCV(
                make_pipeline_of(frame, SVC()), cv=3, ensemble=True
            ).fit(frame, y),
            "ensemble=True",
        ),
        (
            lambda frame, y: Pipeline(
                [
                    ("columns", make_pipeline_of(frame, SVC())[0]),
                    ("axes", PCA(2)),
                    ("model", SVC()),
                ]
            ).fit(frame, y),
            r"axes \(PCA\)",
        ),
        (lambda frame, y: SVC().fit(frame[["pages"]], y), "needs a fitted sklearn Pipeline"),
    ],
    ids=["classes", "isotonic", "ensemble", "pca", "no pipeline"],
)
def test_what_cannot_be_explained_is_refused_in_a_sentence(shop, break_it, message):
    frame, label = shop
    with pytest.raises(OneclickError, match=message):
        explain_margin(break_it(frame, label), frame[:2], frame)


def test_frames_without_rows_or_columns_are_refused(shop):
    frame, _ = shop
    model = fit(shop, LogisticRegression())
    with pytest.raises(OneclickError, match="lack the columns tier, minutes"):
        explain_margin(model, frame.drop(columns=["tier", "minutes"]), frame)
    with pytest.raises(OneclickError, match="background to explain are empty"):
        explain_margin(model, frame, frame[:0])
    with pytest.raises(OneclickError, match="fast form is for an SVC"):
        next(contributions_fast(model, [frame], frame))


def make_constant(frame):
    frame["pages"] = 3.0


def make_rare_category(frame):
    frame.loc[7, "category"] = "garden"


def make_missing(frame):
    frame.loc[::5, "revenue"] = np.nan


def make_empty(frame):
    frame["revenue"] = np.nan


@pytest.mark.parametrize("estimator", [SVC(), EXACT["decision_tree"], KNeighborsClassifier(5)])
@pytest.mark.parametrize("spoil", [make_constant, make_rare_category, make_missing, make_empty])
def test_awkward_columns_are_explained(spoil, estimator):
    frame, label = make_shop(80)
    spoil(frame)
    model = fit((frame, label), estimator)
    rows = frame[:8].copy()
    rows.loc[2, "category"] = "never seen"
    explanation = explain_margin(model, rows, frame, permutations=3)
    total = explanation.base_values + explanation.values.sum(axis=1)
    np.testing.assert_allclose(total, logit(model.predict_proba(rows)[:, 1]), atol=1e-9)
    for column in [name for name in frame if frame[name].nunique() < 2]:
        assert np.abs(explanation.values[:, list(frame).index(column)]).max() < 1e-12


def test_one_customer_one_feature_one_background_row(shop):
    frame, label = shop
    one = frame[["pages"]]
    model = fit((one, label), SVC())
    explanation = explain_margin(model, one[:1], one[1:2])
    scores = logit(model.predict_proba(one[:2])[:, 1])
    np.testing.assert_allclose(explanation.values, [[scores[0] - scores[1]]], atol=1e-9)
