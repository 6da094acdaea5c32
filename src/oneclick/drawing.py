"""Steps that draw charts; those of a step are drawn in several processes."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from kedro.pipeline import Node

from oneclick.report.charts import draw_charts
from oneclick.report.parameters import ReportParameters


def drawing_node(module: str, charts: Mapping[str, Sequence[str]]) -> Node:
    """Return a step that draws charts of a module, each from the tables of these names."""

    def draw(report: ReportParameters, **tables: Any) -> tuple[str, ...]:
        return draw_charts(module, charts, report, **tables)

    return Node(
        draw,
        inputs={"report": "params:report", **{name: name for name in chain(*charts.values())}},
        outputs=[f"chart_{name}" for name in charts],
        name=f"draw_{module}",
    )
