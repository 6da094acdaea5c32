"""Steps that draw charts; those of a step are drawn in several processes."""

from collections.abc import Mapping, Sequence
from functools import partial, update_wrapper
from itertools import chain

from kedro.pipeline import Node

from oneclick.report.charts import draw_charts


def drawing_node(module: str, charts: Mapping[str, Sequence[str]]) -> Node:
    """Return a step that draws charts of a module, each from the tables of these names."""
    draw = update_wrapper(partial(draw_charts, module, charts), draw_charts)
    del draw.__wrapped__  # or kedro takes its first input for the first argument, which is bound
    return Node(
        draw,
        inputs={"report": "params:report", **{name: name for name in chain(*charts.values())}},
        outputs=[f"chart_{name}" for name in charts],
        name=f"draw_{module}",
    )
