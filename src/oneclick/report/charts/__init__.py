"""The charts of the report: a chart is drawn from some tables by ``draw_<its name>``."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from oneclick.parallel import spread
from oneclick.report.parameters import ReportParameters


def draw_charts(
    module: str, charts: Mapping[str, Sequence[str]], report: ReportParameters, **tables: Any
) -> tuple[str, ...]:
    """Return charts as elements of SVG, in order, drawn in several processes.

    A module of this package draws each chart from the tables named beside it. A chart tells its
    language: it may be kept for a report that another run writes.
    """
    from oneclick.report.charts.style import as_svg

    draw = vars(import_module(f"{__name__}.{module}"))
    tasks = [
        (draw[f"draw_{chart}"], *(tables[name] for name in names), report.words)
        for chart, names in charts.items()
    ]
    drawn = spread(as_svg, tasks, report.processes)
    return tuple(svg.replace("<svg ", f'<svg lang="{report.language}" ', 1) for svg in drawn)
