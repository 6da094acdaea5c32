"""What is computed once for many settings equals what scikit-learn computes for each."""

import numpy as np
import pytest

from oneclick.modelling.candidates import make_pipeline
from oneclick.modelling.estimators import margin_of
from oneclick.modelling.parameters import Candidate, Candidates
from oneclick.modelling.sharing import Design, score_split
from tests.modelling.shop import FEATURES, make_customers, make_task

CASES = {
    "rbf": ("sklearn.svm.SVC", {"C": 0.3, "gamma": 0.08}),
    "rbf_scale": ("sklearn.svm.SVC", {"C": 1.0, "gamma": "scale"}),
    "linear": ("sklearn.svm.SVC", {"kernel": "linear", "C": 0.1}),
    "poly": ("sklearn.svm.SVC", {"kernel": "poly"}),
    "laplacian": ("oneclick.modelling.estimators.LaplacianSVC", {"C": 0.5, "gamma": 0.25}),
    "laplacian_scale": ("oneclick.modelling.estimators.LaplacianSVC", {"gamma": "scale"}),
    "uniform": ("sklearn.neighbors.KNeighborsClassifier", {"n_neighbors": 15}),
    "distance": ("sklearn.neighbors.KNeighborsClassifier", {"weights": "distance", "p": 1}),
    "tree": ("sklearn.tree.DecisionTreeClassifier", {"max_depth": 3}),
}


@pytest.mark.parametrize("case", CASES)
def test_sharing_changes_no_score(case):
    estimator, parameters = CASES[case]
    candidates = Candidates(
        {
            case: Candidate(
                estimator=estimator, parameters=parameters, explainable="exact", complexity=1
            )
        }
    )
    customers = make_customers(150)
    # an equal customer on both sides: the distance is nought
    customers.loc[140, FEATURES.names] = customers.loc[3, FEATURES.names].to_numpy()
    task = make_task(customers, candidates)
    train, test = np.arange(100), np.arange(100, 150)
    design = Design(task.frame, task.declined, FEATURES, (train, test))
    shared, share = score_split(candidates[case], {}, design, seed=0)
    pipeline = make_pipeline(candidates, case, {case: {}}, FEATURES, 0)
    pipeline.fit(task.frame.iloc[train], task.declined[train])
    np.testing.assert_allclose(
        shared,
        margin_of(pipeline, task.frame.iloc[test]),
        atol=2e-3 if "rbf" in case else 1e-9,
    )
    assert ((share >= 0) & (share <= 1)).all()


def test_a_kernel_is_computed_once_per_split():
    task = make_task(make_customers(60), Candidates({}))
    design = Design(task.frame, task.declined, FEATURES, (np.arange(40), np.arange(40, 60)))
    first = design.kernels("standard", "rbf", 0.1)
    assert design.kernels("standard", "rbf", 0.1) is first
    assert design.kernels("standard", "rbf", 0.2) is not first
    assert design.columns("standard") is design.columns("standard")
