"""Reading the SVG of a chart without the library that drew it."""

import re
from html import unescape
from typing import NamedTuple

_HEAD = re.compile(r'viewBox="\S+ \S+ (\S+) .*?<title>(.*?)</title>\n<desc>(.*?)</desc>', re.DOTALL)
_WIDE = 500  # points; a wider chart takes the whole width of the page


class DescribedSvg(NamedTuple):
    """A chart ready for a page that sets the title itself; a wide one needs its whole width."""

    title: str
    description: str
    wide: bool
    markup: str


def language_of_chart(svg: str) -> str | None:
    """Return the language that a chart tells, or the beginning of one; earlier ones tell none."""
    told = re.match(r'<svg lang="(\w+)"', svg)
    return told[1] if told else None


def describe_svg(svg: str) -> DescribedSvg:
    """Return a chart's SVG with its title and description read out of it."""
    from markupsafe import Markup

    [(width, title, description)] = _HEAD.findall(svg)
    # The writer of the chart escaped every text of the data.
    markup = Markup(svg.replace(f"<title>{title}</title>\n", "", 1))  # noqa: S704
    return DescribedSvg(unescape(title), unescape(description), float(width) > _WIDE, markup)
