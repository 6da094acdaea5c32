"""The quick margin of kernel machines is that of scikit-learn."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.svm import SVC

from oneclick.modelling import product_kernel
from oneclick.modelling.estimators import LaplacianSVC
from oneclick.modelling.product_kernel import ProductKernel, decay


def test_decay_is_the_exponential_to_the_last_but_two_digits():
    distances = np.concatenate([[0.0], np.geomspace(1e-9, 64, 2000)])
    values = [decay(one) for one in distances]
    np.testing.assert_allclose(values, np.exp(-distances), rtol=3e-14)
    assert values[0] == 1
    assert decay(1e300) == decay(64.0)
    assert np.isnan(decay(np.nan))


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from([SVC, LaplacianSVC]),
    st.integers(4, 600),
    st.integers(1, 20),
    st.integers(0, 2**32 - 1),
)
def test_margins_equal_those_of_the_classifier(kind, training, columns, seed):
    # Given any number of support vectors and columns, and an odd or even number of rows
    random = np.random.default_rng(seed)
    X = random.normal(size=(training, columns))
    classifier = kind(C=random.uniform(0.1, 10)).fit(X, np.arange(training) % 2)
    rows = random.normal(size=(random.integers(1, 9), columns)) * 2
    margin = ProductKernel.of(classifier).margin(rows)
    np.testing.assert_allclose(margin, classifier.decision_function(rows), rtol=0, atol=1e-10)


def test_chunks_in_threads_change_not_a_bit(monkeypatch):
    X = np.random.default_rng(0).normal(size=(50, 3))
    kernel = ProductKernel.of(SVC().fit(X, X[:, 0] > 0))
    whole = kernel.margin(X)
    monkeypatch.setattr(product_kernel, "_CHUNK", 6)
    assert (kernel.margin(X) == whole).all()


def test_no_rows_have_no_margin():
    X = np.random.default_rng(0).normal(size=(50, 3))
    assert ProductKernel.of(SVC().fit(X, X[:, 0] > 0)).margin(X[:0]).shape == (0,)
