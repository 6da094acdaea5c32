import inspect
import io
import json
from zipfile import ZipFile

import numpy as np
import pytest
import skops.io
from kedro.io import DatasetError
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.utils import all_estimators

from oneclick.datasets.skops_dataset import SkopsDataset
from oneclick.errors import OneclickError
from oneclick.modelling.features import as_model_frame
from oneclick.modelling.training import fit_champion
from tests.modelling.shop import FEATURES, choose, make_customers, make_task, models

SHIPPED = [name for name in models()["candidates"].root if name != "soft_vote"]


def fit(*names: str):
    return fit_champion(make_task(make_customers(120), choose(*names)), names[-1])[0]


@pytest.fixture(scope="module")
def svc():
    return fit("svc_rbf")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_candidate_comes_back_as_it_was(name, tmp_path):
    model = fit(name)
    dataset = SkopsDataset(str(tmp_path / "folder" / "model.skops"))
    dataset.save(model)
    frame = as_model_frame(make_customers(20, seed=1), FEATURES)
    np.testing.assert_array_equal(dataset.load().predict_proba(frame), model.predict_proba(frame))


def test_a_vote_comes_back_as_it_was(tmp_path):
    model = fit("svc_laplacian", "extra_trees", "knn", "soft_vote")
    dataset = SkopsDataset(str(tmp_path / "model.skops"))
    dataset.save(model)
    frame = as_model_frame(make_customers(20, seed=1), FEATURES)
    np.testing.assert_array_equal(dataset.load().predict_proba(frame), model.predict_proba(frame))


@pytest.mark.filterwarnings("ignore")  # what these few numbers are like is not the point
def test_every_classifier_of_scikit_learn_comes_back(tmp_path):
    numbers = np.random.default_rng(0).random((40, 3))
    classes = np.arange(40) % 2
    others = [kind() for _, kind in all_estimators("classifier") if needs_nothing(kind)]
    dataset = SkopsDataset(str(tmp_path / "model.skops"))
    neighbours = [KNeighborsClassifier(algorithm=each, p=1) for each in ("kd_tree", "ball_tree")]
    for model in (MLPClassifier(solver="sgd"), *neighbours, *others):
        if hasattr(model.fit(numbers, classes), "predict_proba"):
            dataset.save(model)
            found = dataset.load().predict_proba(numbers)
            np.testing.assert_allclose(found, model.predict_proba(numbers))


def needs_nothing(kind: type) -> bool:
    if kind.__name__ in ("CategoricalNB", "SelfTrainingClassifier"):  # of counts; of another model
        return False
    return all(p.default is not p.empty for p in inspect.signature(kind).parameters.values())


def test_the_same_model_gives_the_same_bytes(tmp_path, svc):
    for name in ("one", "other"):
        SkopsDataset(str(tmp_path / name)).save(svc if name == "one" else fit("svc_rbf"))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def cause_of(error: BaseException) -> BaseException:
    while error.__cause__ is not None and not isinstance(error, OneclickError):
        error = error.__cause__
    return error


class Stranger(GaussianNB):
    """A type that nobody has reviewed."""


def test_a_type_that_nobody_reviewed_is_neither_written_nor_read(tmp_path):
    path = tmp_path / "model.skops"
    dataset = SkopsDataset(str(path))
    stranger = Stranger().fit([[0.0], [1.0]], [0, 1])
    with pytest.raises(DatasetError) as refused:
        dataset.save(stranger)
    assert "Stranger" in str(cause_of(refused.value))
    assert not path.exists()
    # Given such a file from elsewhere
    skops.io.dump(stranger, path)
    with pytest.raises(DatasetError) as refused:
        dataset.load()
    assert isinstance(cause_of(refused.value), OneclickError)
    assert "nobody has reviewed: tests.datasets.test_skops_dataset.Stranger" in str(refused.value)


def test_a_missing_file_is_not_said_to_be_damaged(tmp_path):
    with pytest.raises(DatasetError, match=r"There is no model .*model\.skops: a month"):
        SkopsDataset(str(tmp_path / "model.skops")).load()


def without_a_loader(entries: dict) -> None:
    entries["schema.json"] = entries["schema.json"].replace(b'"__loader__"', b'"loader"')


def with_a_strange_tree(entries: dict) -> None:
    schema = json.loads(entries["schema.json"])
    entries["schema.json"] = json.dumps(schema | {"content": ["a", {"b": 1}]}).encode()


def without_a_tree(entries: dict) -> None:
    entries["schema.json"] = b"[]"


def without_numbers(entries: dict) -> None:
    entries.pop(next(name for name in entries if name.endswith(".npy")))


def of_numbers_only(entries: dict) -> None:
    content = skops.io.dumps([1, 2, 3])
    entries.clear()
    with ZipFile(io.BytesIO(content)) as file:
        entries.update({name: file.read(name) for name in file.namelist()})


@pytest.mark.parametrize(
    ("forge", "words"),
    [
        (without_a_loader, "is no model file"),
        (with_a_strange_tree, "is no model file"),
        (without_a_tree, "is no model file"),
        (without_numbers, "is no model file"),
        (of_numbers_only, "holds no model"),
    ],
)
def test_a_forged_file_is_refused_by_name(tmp_path, svc, forge, words):
    # Given a model file that somebody has changed
    path = tmp_path / "model.skops"
    dataset = SkopsDataset(str(path))
    dataset.save(svc)
    with ZipFile(path) as file:
        entries = {name: file.read(name) for name in file.namelist()}
    forge(entries)
    with ZipFile(path, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)

    with pytest.raises(DatasetError) as refused:
        dataset.load()

    message = str(cause_of(refused.value))
    assert isinstance(cause_of(refused.value), OneclickError)
    assert words in message
    assert str(path) in message


@pytest.mark.parametrize("content", [b"cos\nsystem\n(S'echo'\ntR.", b"", b"PK\x03\x04"])
def test_a_file_of_another_kind_is_refused(tmp_path, content):
    path = tmp_path / "model.skops"
    path.write_bytes(content)
    with pytest.raises(DatasetError) as refused:
        SkopsDataset(str(path)).load()
    assert "is no model file" in str(cause_of(refused.value))


def test_existence_is_known(tmp_path, svc):
    dataset = SkopsDataset(str(tmp_path / "model.skops"))
    assert not dataset.exists()
    dataset.save(svc)
    assert dataset.exists()
