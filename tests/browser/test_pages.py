"""What a browser makes of the report and the site."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from PIL import Image

pytestmark = pytest.mark.slow
WIDTHS = (1280, 390)
PAGES = {"report": "report.html", "index": "index.html", "graph": "graph/index.html"}
READY = {"report": "main", "index": "main", "graph": ".pipeline-node"}


@dataclass
class Visit:
    """A page in the browser and what it has said and asked for."""

    name: str
    page: object
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=[(n, w) for w in WIDTHS for n in PAGES], ids=str)
def visit(request, browser, address, artifacts) -> Iterator[Visit]:
    name, width = request.param
    page = browser.new_page(viewport={"width": width, "height": 900})
    seen = Visit(name, page)
    page.on("console", lambda m: seen.complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("request", lambda asked: seen.requests.append(asked.url))
    page.goto(f"{address}/{PAGES[name]}")
    page.wait_for_selector(READY[name])
    page.wait_for_timeout(1500 if name == "graph" else 200)
    page.screenshot(path=artifacts / f"{name}-{width}.png", full_page=name != "graph")
    yield seen
    page.close()


def test_a_page_loads_in_peace(visit, address):
    assert visit.complaints == []
    elsewhere = [url for url in visit.requests if not url.startswith((address, "data:", "blob:"))]
    assert elsewhere == []


def test_a_page_fits_its_window(visit):
    overhang = visit.page.evaluate(
        "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    )
    assert overhang <= 0


def test_a_page_is_painted_to_its_end(visit, artifacts):
    width = visit.page.viewport_size["width"]
    with Image.open(artifacts / f"{visit.name}-{width}.png") as picture:
        end = picture.convert("L").crop((0, picture.height - 900, width, picture.height))
    assert end.getextrema()[0] < 128  # something dark


def test_pictures_are_seen_and_described(visit):
    pictures = visit.page.evaluate("""
        [...document.querySelectorAll("img, svg, [role=img]")]
          .filter(picture => !picture.parentElement.closest("svg, [role=img], [aria-hidden=true]"))
          .map(picture => ({
            tag: picture.outerHTML.slice(0, 200),
            seen: picture.getBoundingClientRect().width > 0,
            text: picture.getAttribute("aria-label") || picture.getAttribute("alt")
              || picture.getAttribute("aria-labelledby") || picture.querySelector?.("title")
              || picture.getAttribute("aria-hidden") === "true" || null,
          }))
    """)
    if visit.name == "report":
        assert len(pictures) > 15
    if visit.name != "graph":  # kedro-viz's buttons bear their names beside the picture
        assert [picture["tag"] for picture in pictures if not picture["text"]] == []
        assert [picture["tag"] for picture in pictures if not picture["seen"]] == []


def test_axe_finds_nothing_serious(visit):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(visit.page).response["violations"]
    serious = {
        violation["id"]: [node["html"][:200] for node in violation["nodes"]][:5]
        for violation in found
        if violation["impact"] in ("serious", "critical")
    }
    assert serious == {}
