"""Reading the SVG of a chart without the library that drew it."""

import re
from collections.abc import Iterable
from html import unescape
from typing import NamedTuple

from oneclick.errors import OneclickError

_HEAD = re.compile(r'viewBox="\S+ \S+ (\S+) .*?<title>(.*?)</title>\n<desc>(.*?)</desc>', re.DOTALL)
_WIDE = 500  # points; a wider chart takes the whole width of the page


class DescribedSvg(NamedTuple):
    """A chart ready for a page that sets the title itself; a wide one needs its whole width."""

    title: str
    description: str
    wide: bool
    markup: str


def check_language(svgs: Iterable[str], language: str, snapshot: str) -> None:
    """Refuse charts of a snapshot that an earlier run drew in another language.

    Raises:
        OneclickError: One of them tells another language.
    """
    for svg in svgs:
        told = re.match(r'<svg lang="(\w+)"', svg)  # charts of earlier versions tell none
        if told and told[1] != language:
            raise OneclickError(
                f"The charts of the exploration were drawn with language={told[1]}, so a report "
                f"with language={language} would mix the two. Draw them anew: kedro run "
                "--pipelines exploration,segmentation,reporting --params "
                f"snapshot={snapshot},language={language}"
            )


def describe_svg(svg: str) -> DescribedSvg:
    """Return a chart's SVG with its title and description read out of it."""
    from markupsafe import Markup

    [(width, title, description)] = _HEAD.findall(svg)
    # The writer of the chart escaped every text of the data.
    markup = Markup(svg.replace(f"<title>{title}</title>\n", "", 1))  # noqa: S704
    return DescribedSvg(unescape(title), unescape(description), float(width) > _WIDE, markup)
