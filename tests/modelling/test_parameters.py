import pytest
from pydantic import ValidationError
from sklearn.naive_bayes import GaussianNB

from oneclick.errors import OneclickError
from oneclick.modelling.candidates import check_claims, list_settings, make_estimator, make_pipeline
from oneclick.modelling.parameters import NEVER_FEATURES, Candidate, Candidates, Choice, Features
from tests.modelling.shop import FEATURES, configured, models


@pytest.mark.parametrize("name", ["customer_id", "allows_contact", "monthly_profit", "declined"])
def test_key_label_consent_and_profit_are_refused_as_features(name):
    values = configured()["features"]
    values["numeric"].append(name)
    with pytest.raises(OneclickError, match=f"features names {name}"):
        Features.model_validate(values)


def test_no_shipped_feature_is_a_forbidden_one():
    assert not NEVER_FEATURES.intersection(FEATURES.names)
    assert len(FEATURES.names) >= 15


def test_the_current_month_can_be_left_out():
    reduced = FEATURES.without_current_month()
    assert set(FEATURES.names) - set(reduced.names) == set(FEATURES.current_month)


def test_a_misspelt_key_is_refused():
    with pytest.raises(ValidationError, match="numerics"):
        Features.model_validate({**configured()["features"], "numerics": []})


def test_an_unknown_effort_is_refused_by_name():
    with pytest.raises(OneclickError, match="effort is 'slow'; choose one of quick, standard"):
        Choice.model_validate({**configured()["choice"], "effort": "slow"})


def test_a_vote_knows_its_members():
    values = configured()["candidates"]
    values["soft_vote"]["members"] = ["svc_rbf", "oracle"]
    with pytest.raises(OneclickError, match="oracle"):
        Candidates.model_validate(values)


def test_every_shipped_candidate_can_be_built():
    candidates = models()["candidates"]
    settings = {
        name: list_settings(candidate, 1, 0)[0] for name, candidate in candidates.root.items()
    }
    for name in candidates.root:
        steps = make_pipeline(candidates, name, settings, FEATURES, 0).named_steps
        assert list(steps) == ["columns", "model"]


def candidate(**values) -> Candidate:
    return Candidate.model_validate({"explainable": "sampled", "complexity": 9, **values})


def test_a_new_candidate_is_an_entry_in_the_configuration():
    new = candidate(estimator="sklearn.naive_bayes.GaussianNB", search={"var_smoothing": [1e-9]})
    assert isinstance(make_estimator(new, {"var_smoothing": 1e-6}, 0), GaussianNB)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"estimator": "os.system"}, "neither from scikit-learn nor from this project"),
        ({"estimator": "sklearn.svm.SVD"}, "there is no estimator 'sklearn.svm.SVD'"),
        (
            {"estimator": "sklearn.svm.SVC", "parameters": {"c": 1}},
            "has no parameter c. It knows: C",
        ),
    ],
)
def test_an_impossible_candidate_is_refused(values, message):
    with pytest.raises(OneclickError, match=message):
        make_estimator(candidate(**values), {}, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"estimator": "sklearn.naive_bayes.GaussianNB"},
        {"estimator": "sklearn.svm.SVC", "search": {"kernel": ["rbf", "poly"]}},
        {"estimator": "oneclick.modelling.estimators.SoftVote", "members": ["svc_rbf"]},
    ],
)
def test_a_claim_of_exact_values_is_checked(values):
    shipped = models()["candidates"]
    check_claims(shipped)
    claimed = candidate(**values, explainable="exact")
    with pytest.raises(OneclickError, match=r"candidates\.new\.explainable is 'exact'.*sampled"):
        check_claims(Candidates({**shipped.root, "new": claimed}))


def test_the_search_starts_with_the_first_values_and_is_bounded():
    wide = candidate(estimator="sklearn.svm.SVC", search={"C": [1, 2, 3], "gamma": [5, 6]})
    assert list_settings(wide, 1, 0) == [{"C": 1, "gamma": 5}]
    drawn = list_settings(wide, 4, 0)
    assert drawn[0] == {"C": 1, "gamma": 5}
    assert len({tuple(sorted(each.items())) for each in drawn}) == 4
    assert drawn == list_settings(wide, 4, 0)
    assert len(list_settings(wide, 99, 0)) == 6
