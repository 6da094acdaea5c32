import io
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any
from zipfile import ZipFile, ZipInfo

from oneclick.datasets.local_file import LocalFileDataset
from oneclick.errors import OneclickError

# Types beyond those that skops itself trusts, each read before it was added: constructing them from
# a file runs none of the file's code, they only hold arrays and numbers. (A forged tree could point
# outside its own nodes and so crash a process, which is the worst that any of them can do.) With
# them every classifier of scikit-learn can be kept, or else it would fail after the whole search.
TRUSTED_TYPES = (
    "numpy.dtype",
    "oneclick.modelling.estimators.LaplacianSVC",
    "oneclick.modelling.estimators.SoftVote",
    "scipy._lib.array_api_compat.numpy._aliases.asarray",
    "scipy.interpolate._bsplines.BSpline",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    "sklearn.gaussian_process.kernels.ConstantKernel",
    "sklearn.gaussian_process.kernels.Product",
    "sklearn.gaussian_process.kernels.RBF",
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.metrics._dist_metrics.ManhattanDistance64",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
)


class SkopsDataset(LocalFileDataset):
    """A fitted scikit-learn model in a file that can be read without running code from it.

    The same model gives the same bytes. Loading refuses any type that is neither trusted by skops
    nor on the reviewed list ``TRUSTED_TYPES``.

    Example:
        ```yaml
        decline_model:
          type: oneclick.datasets.skops_dataset.SkopsDataset
          filepath: data/06_models/decline_model.skops
        ```
    """

    def load(self) -> Any:
        """Return the model.

        Raises:
            OneclickError: There is no file, it is no skops file, or it holds a type that was not
                reviewed.
        """
        from skops.io import get_untrusted_types, load

        path = self._filepath
        if not path.exists():
            raise OneclickError(
                f"There is no model {path}: a month that was only scored has none of its own. "
                "Train one: kedro run"
            )
        try:
            unknown = sorted(set(get_untrusted_types(file=path)).difference(TRUSTED_TYPES))
            model = None if unknown else load(path, trusted=list(TRUSTED_TYPES))
        except Exception as error:  # a forged file fails within skops in any way there is
            raise OneclickError(
                f"{path} is no model file ({type(error).__name__}: {error}). "
                "Train again: kedro run --pipeline data_science"
            ) from error
        if unknown:
            raise OneclickError(
                f"{path} holds types that nobody has reviewed: {', '.join(unknown)}. It was not "
                "loaded. If you trust where the file comes from, train the model again with "
                "kedro run; a new candidate's types belong in TRUSTED_TYPES of "
                "oneclick/datasets/skops_dataset.py after a review."
            )
        if not hasattr(model, "predict_proba"):
            raise OneclickError(f"{path} holds no model. Train again: kedro run")
        return model

    def save(self, data: Any) -> None:
        """Write the model.

        Raises:
            OneclickError: The model holds a type that could not be loaded again.
        """
        from skops.io import dumps, get_untrusted_types

        content = _without_addresses(dumps(data))
        unknown = sorted(set(get_untrusted_types(data=content)).difference(TRUSTED_TYPES))
        if unknown:
            raise OneclickError(
                f"The model holds types that nobody has reviewed: {', '.join(unknown)}. Review "
                "them and add them to TRUSTED_TYPES of oneclick/datasets/skops_dataset.py, or "
                "leave the candidate out of conf/base/data_science/parameters.yml."
            )
        self._path_to_write().write_bytes(content)


def _without_addresses(content: bytes) -> bytes:
    """Number the objects of a skops file by appearance and drop the clock from its entries.

    Skops numbers objects, and names arrays, by their address in memory.
    """
    with ZipFile(io.BytesIO(content)) as source:
        entries = {name: source.read(name) for name in source.namelist()}
    schema = json.loads(entries.pop("schema.json"))
    numbers: dict[int, int] = {}
    renamed: dict[str, str] = {}
    for node in _nodes(schema):
        if "__id__" in node:
            node["__id__"] = numbers.setdefault(node["__id__"], len(numbers))
        if node.get("file") in entries:
            ending = PurePosixPath(node["file"]).suffix
            node["file"] = renamed.setdefault(node["file"], f"{len(renamed)}{ending}")
    target = io.BytesIO()
    with ZipFile(target, "w") as copy:
        copy.writestr(ZipInfo("schema.json"), json.dumps(schema))
        for old, new in renamed.items():
            copy.writestr(ZipInfo(new), entries[old])
    return target.getvalue()


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for child in tree.values() if isinstance(tree, dict) else tree:
        if isinstance(child, dict | list):
            yield from _nodes(child)
