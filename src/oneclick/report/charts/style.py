"""The one look of all charts, and how a figure becomes a picture."""

import io
import re
import textwrap
import warnings
from collections.abc import Callable, Iterable, Sequence
from html import escape, unescape
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from oneclick.texts.words import Words, is_share, plain

# Warm for declined, cool for steady: told apart by brightness too, hence by everyone and in print.
DECLINED, STEADY, UNLABELLED = "#c2502e", "#2b6a99", "#6b7280"
GROUP_COLOURS = {"declined": DECLINED, "steady": STEADY, "unlabelled": UNLABELLED}
INK, MUTED, FAINT = "#1f2933", "#5b6472", "#e3e7ec"
RISK_MAP = LinearSegmentedColormap.from_list("risk", [STEADY, "#f4f1ec", DECLINED], bad="#c7ccd3")
DEPTH_MAP = LinearSegmentedColormap.from_list("depth", ["#f7f9fb", "#9cc0d8", "#1d4e73"])
# Small and large values of any indicator, which warm and cool would seem to judge.
VALUE_MAP = LinearSegmentedColormap.from_list("value", ["#dcd3e8", "#b7a5d3", "#3f2263"])
REFERENCE: Any = {"color": MUTED, "linewidth": 0.8, "linestyle": (0, (4, 3))}  # a dashed line

NARROW, NORMAL, WIDE = 3.3, 4.6, 9.0  # inches; a third, a half or the whole of the page
_LONG = 10_000  # numbers from here on take the place of two
_HINT = "hint:"
_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in the data is a dollar sign
    "axes.edgecolor": "#aab2bd",
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.pad": 6,  # at the origin it keeps the numbers of the axes apart
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.8,
    "figure.dpi": 110,
    "savefig.dpi": 110,
    "svg.fonttype": "none",
}


def new_figure(
    words: Words, chart: str, width: float, height: float, variant: str = "", **values: object
) -> Figure:
    """Return an empty figure of a width and a height in inches with its title above it.

    Under the chart's name stand its title (what it finds, one sentence; there may be variants) and
    its description (what is drawn, for those who cannot see it); values are put into both.
    """
    height = max(height, 1.6)  # what axes without rows need
    figure = Figure(figsize=(width, height), layout="constrained")
    title = words(f"charts.{chart}.title{variant and '_'}{variant}", **values)
    lines = textwrap.fill(title, int(width * 10), break_on_hyphens=False)
    figure.suptitle(lines, x=0.01, ha="left", fontsize=10.5, fontweight="bold")
    figure.set_label(words(f"charts.{chart}.description", **values))
    return figure


def draw_nothing(words: Words, chart: str) -> Figure:
    """Return a chart of nothing: only its title, which says so."""
    figure = new_figure(words, chart, NORMAL, 0.8, "none")
    figure.subplots().set_axis_off()
    return figure


def add_plots(
    figure: Figure, names: Sequence[Any], columns: int, **options: Any
) -> list[tuple[Axes, Any]]:
    """Return a plot for each name, row by row; options are those of ``Figure.subplots``."""
    rows = -(-len(names) // columns)
    every = figure.subplots(rows, columns, squeeze=False, **options).ravel()
    for axes in every[len(names) :]:
        axes.set_axis_off()
    return list(zip(every, names, strict=False))


def hint(artist: Artist, text: str) -> None:
    """Let the report show a text while the pointer is over a part of the chart."""
    artist.set_gid(_HINT + text)


def mark_interval(axes: Axes, row: int, interval: Sequence[float], colour: str, text: str) -> None:
    """Draw low, middle and high figure as a dot on a line; ``text`` is the dot's hint."""
    low, middle, high = interval
    axes.hlines(row, low, high, color=colour, linewidth=3, alpha=0.45)
    (dot,) = axes.plot(middle, row, "o", color=colour, markersize=6)
    hint(dot, text)


def draw_band(
    axes: Axes, x: pd.Series, low: pd.Series, high: pd.Series, colour: str, label: str = ""
) -> None:
    """Draw the range in which a line may lie."""
    axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0, label=label)


def draw_bars(axes: Axes, lengths: Iterable[float], hints: list[str], **style: Any) -> None:
    """Draw a horizontal bar at each whole number from 0, each with its hint."""
    bars = axes.barh(range(len(hints)), list(lengths), **{"height": 0.62, **style})
    for bar, text in zip(bars, hints, strict=True):
        hint(bar, text)


def draw_matrix(axes: Axes, values: np.ndarray, **style: Any) -> None:
    """Draw a coloured cell around each pair of whole numbers, column and row."""
    rows, columns = (np.arange(size + 1) - 0.5 for size in values.shape)
    axes.pcolormesh(columns, rows, values, edgecolors="white", **style)
    hide_frame(axes)


def text_on(colour: tuple[float, ...]) -> str:
    """Return the colour of a text that is read on a colour, by how bright the eye takes it."""
    red, green, blue = colour[:3]
    return INK if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else "white"


def hide_frame(axes: Axes) -> None:
    """Leave neither lines between nor lines around what is drawn."""
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)


def show_key(axes: Axes, words: Words, chart: str, **place: Any) -> None:
    """Say what the light and the dark end of the colours of values mean."""
    for end, text in enumerate(words.entry(f"charts.{chart}.key")):
        axes.scatter([], [], marker="s", s=45, color=[VALUE_MAP(float(end))], label=text)
    axes.legend(ncols=2, handletextpad=0.2, columnspacing=1.2, **place)


def show_values(axis: Axis, feature: str, words: Words) -> None:
    """Write the numbers of a narrow plot's axis as the values of a feature; of long ones few."""
    if max(map(abs, axis.get_view_interval())) >= _LONG:
        axis.set_major_locator(MaxNLocator(3))
    (show_shares if is_share(feature) else show_numbers)(axis, words)


def show_shares(axis: Axis, words: Words, label: str = "") -> None:
    """Write the numbers of an axis as per cent, and its label, one of the texts of charts."""
    _show(axis, words.share, 100, words, label)


def show_numbers(axis: Axis, words: Words, label: str = "") -> None:
    """Write the numbers of an axis as the language does, and its label, if it has one."""
    _show(axis, words.number, 1, words, label)


def _show(axis: Axis, write: Callable[..., str], scale: int, words: Words, label: str) -> None:
    def tick(value: float, _: int) -> str:
        """Write a number with as many decimals as the ticks of its axis need."""
        ticks = scale * axis.get_majorticklocs()
        if millions := scale == 1 and np.abs(ticks).max(initial=0) >= 1e6:
            ticks, value = ticks / 1e6, value / 1e6
        needed = (digits for digits in range(4) if np.allclose(ticks, ticks.round(digits)))
        return (words.millions if millions else write)(value, next(needed, 4))

    axis.set_major_formatter(FuncFormatter(tick))
    if label:
        axis.set_label_text(words(f"charts.{label}"))


def wrapped(text: object, width: int, lines: int = 2) -> list[str]:
    """Return a text of the data broken into at most ``lines`` lines."""
    broken = textwrap.wrap(plain(text, width * lines), width) or [""]
    kept = broken[:lines]
    if len(broken) > lines:
        kept[-1] = plain(f"{kept[-1]} {broken[lines]}", width)
    return kept


def name_rows(axes: Axes, names: Sequence[object], width: int, size: float = 8.5) -> None:
    """Write a name beside each whole number of the vertical axis, and draw no lines between.

    Every line is a text of its own, so that it stays aligned in a page whose type is narrower.
    """
    axes.set_yticks(range(len(names)), [""] * len(names))
    axes.set_ylim(-0.6, max(len(names), 1) - 0.4)
    axes.grid(visible=False, axis="y")
    for position, name in enumerate(names):
        lines = wrapped(name, width)
        for number, line in enumerate(lines):
            rise = (len(lines) - 1 - 2 * number) * 0.58 * size
            axes.annotate(
                line, (0, position), (-5, rise), xycoords=("axes fraction", "data"), fontsize=size,
                textcoords="offset points", ha="right", va="center", color=MUTED,
            )  # fmt: skip


def name_columns(axes: Axes, names: Sequence[object]) -> None:
    """Write a name above each whole number of the horizontal axis, in up to three lines."""
    axes.set_xticks(range(len(names)), [""] * len(names))
    for position, name in enumerate(names):
        for number, line in enumerate(reversed(wrapped(name, 16, lines=3))):
            axes.annotate(
                line, (position, 1), (0, 5 + 1.16 * 8.5 * number), fontsize=8.5, ha="center",
                va="bottom", color=MUTED, xycoords=("data", "axes fraction"),
                textcoords="offset points",
            )  # fmt: skip


def as_svg(draw: Callable[..., Figure], *arguments: Any) -> str:
    """Return what a function draws as an SVG element; equal figures give equal text.

    The title is not drawn but written as ``<title>``, for a page to set it in its own type; text
    stays text.
    """
    with matplotlib.rc_context(_STYLE), warnings.catch_warnings():
        # The data may hold characters that our font lacks; the page has them.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure = draw(*arguments)
        title = figure.get_suptitle().replace("\n", " ")
        # The salt makes names inside the element of what is drawn, not of chance.
        matplotlib.rcParams["svg.hashsalt"] = title
        figure.get_layout_engine().execute(figure)  # type: ignore[union-attr]  # new_figure sets it
        figure.set_layout_engine(None)  # or else savefig would lay it out once more
        heading = figure._suptitle  # type: ignore[attr-defined]
        top = heading.get_window_extent().y0 / figure.dpi - 0.02
        heading.set_visible(False)
        below_title = Bbox([[0, 0], [figure.get_size_inches()[0], top]])
        drawn = io.StringIO()
        metadata = {"Date": None, "Creator": None}
        figure.savefig(drawn, format="svg", metadata=metadata, bbox_inches=below_title)
    return _as_element(drawn.getvalue(), title, str(figure.get_label()))


def _as_element(drawn: str, title: str, description: str) -> str:
    """Turn a file that matplotlib wrote into an element of a page."""
    box = re.search(r'viewBox="([^"]*)"', drawn)
    body = drawn[drawn.index("<g ", drawn.index("</metadata>") if "</metadata>" in drawn else 0) :]
    body = re.sub(r"<!--.*?-->", "", body, flags=re.DOTALL)
    body = re.sub(r"\n\s*", "\n", re.sub(r"<[^>]*>", _tidy_tag, body))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'role="img" viewBox="{box[1] if box else ""}" aria-label="{escape(title)}">\n'
        f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n{body}"
    )


def _tidy_tag(tag: re.Match[str]) -> str:
    text, title = tag[0], ""
    name = re.search(r' id="([^"]*)"', text)
    if name and name[1].startswith(_HINT):
        hinted = unescape(name[1].removeprefix(_HINT))
        text, title = text.replace(name[0], ' class="hint"'), f"<title>{escape(hinted)}</title>"
    elif name and not re.match(r"<(clipPath|path|image|marker|linearGradient)", text):
        text = text.replace(name[0], "")  # names of groups repeat from chart to chart
    # Hundredths of a point are finer than any screen, and the same on every machine.
    return re.sub(r"(\d\.\d\d)\d+", r"\1", text) + title
