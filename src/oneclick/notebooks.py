"""What the notebooks need beside kedro's catalog."""

from types import TracebackType
from typing import Any

from kedro.framework.context import KedroContext

from oneclick.errors import OneclickError
from oneclick.hooks import folders_of
from oneclick.summary import month_of_foreign_model, read_facts


def need_model(context: KedroContext) -> None:
    """Let the cells below run only on a month that a model was trained on.

    Raises:
        OneclickError: Which month to load instead; the notebook shows it without a traceback.
    """
    from IPython.core.getipython import get_ipython

    if shell := get_ipython():  # type: ignore[no-untyped-call]
        shell.set_custom_exc((OneclickError,), _show)
    results, _ = folders_of(context)
    if month := month_of_foreign_model(results):
        raise OneclickError(
            f"Snapshot {results.name} was scored by the model of {month}; the cells below take a "
            f"month that has its own. Load that one: %reload_kedro --params=snapshot={month}"
        )
    if read_facts(results, "champion_choice") is None:
        raise OneclickError(
            f"No run has trained a model on snapshot {results.name} yet. Run: kedro run --params "
            f"raw=FOLDER,snapshot={results.name}. Or load another month: "
            "%reload_kedro --params=snapshot=MONTH"
        )


def _show(
    shell: Any, kind: type, error: Exception, traceback: TracebackType, tb_offset: int | None = None
) -> None:
    print(error)
