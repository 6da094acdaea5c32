"""What the model must reach on the shop's own customers."""

import numpy as np
import pandas as pd
import pytest

from oneclick.modelling.comparison import corrected_interval
from oneclick.modelling.evaluation import Task, evaluate_nested
from oneclick.modelling.features import as_model_frame, clone_groups
from oneclick.modelling.parameters import Effort
from tests.explain.shops import read_reference
from tests.modelling.shop import FEATURES, choose

pytestmark = [pytest.mark.reference, pytest.mark.slow]
EFFORT = Effort(folds=5, repeats=3, inner_folds=4, search_size=2, bootstrap=100, background=9)
LIMIT = 0.927


@pytest.fixture(scope="module")
def task(reference_folder) -> Task:
    customers, declined = read_reference(reference_folder)
    frame = as_model_frame(customers, FEATURES)
    candidates = choose("logistic", "svc_rbf", "svc_laplacian")
    return Task(frame, declined, clone_groups(frame), candidates, FEATURES, EFFORT, 2026)


@pytest.fixture(scope="module")
def scores(task):
    return evaluate_nested(task, 2)


def test_clones_are_found(task):
    assert len(task.groups) == 1296
    assert len(task.groups) - len(np.unique(task.groups)) == 11


@pytest.mark.parametrize(
    ("name", "least"), [("logistic", 0.895), ("svc_rbf", 0.905), ("svc_laplacian", 0.908)]
)
def test_candidates_reach_what_is_honest_and_no_more(task, scores, name, least):
    mean = corrected_interval(scores.by_fold(name), 0.25).mean
    assert least <= mean <= LIMIT


def test_a_shuffled_target_is_worth_nothing(task):
    from dataclasses import replace

    shuffled = np.random.default_rng(0).permutation(task.declined)
    once = EFFORT.model_copy(update={"repeats": 2, "inner_folds": 3})
    blind = replace(task, declined=shuffled, candidates=choose("svc_rbf"), effort=once)
    found = evaluate_nested(blind, 2)
    assert np.mean(found.by_fold("svc_rbf")) == pytest.approx(0.5, abs=0.05)


def test_the_id_would_have_been_a_leak(task, reference_folder):
    # The export is ordered by class, which is why the key is refused as a feature
    ids = pd.Series(np.arange(len(task.declined)))
    assert ids[task.declined].mean() < ids[~task.declined].mean() - 200
