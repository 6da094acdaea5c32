"""Reading the SVG of a chart without the library that drew it."""

import re
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup

_WIDE = 500  # points; a wider chart takes the whole width of the page


@dataclass(frozen=True)
class DescribedSvg:
    """A chart ready for a page.

    Attributes:
        title: What the chart finds.
        description: What is drawn.
        wide: Whether it needs the whole width of the page.
        markup: The element, without the title that the page sets itself.
    """

    title: str
    description: str
    wide: bool
    markup: Markup


def describe_svg(svg: str) -> DescribedSvg:
    """Return a chart's SVG with its title and description read out of it."""
    title = re.search(r"<title>(.*?)</title>\n?", svg, flags=re.DOTALL)
    description = re.search(r"<desc>(.*?)</desc>", svg, flags=re.DOTALL)
    width = re.search(r'viewBox="\S+ \S+ (\S+)', svg)
    return DescribedSvg(
        title=unescape(title[1]) if title else "",
        description=unescape(description[1]) if description else "",
        wide=bool(width) and float(width[1]) > _WIDE if width else False,
        # The writer of the chart escaped every text of the data.
        markup=Markup(svg.replace(title[0], "", 1) if title else svg),  # noqa: S704
    )
