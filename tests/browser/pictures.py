"""Make the picture in docs/images from the shipped sample: python -m tests.browser.pictures."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import sync_playwright

from oneclick.makers.site import build_site
from tests.browser.conftest import CHROMIUM, serve
from tests.browser.finished import finished_project

PICTURES = Path(__file__).parents[2] / "docs/images"


def main() -> None:
    """Write report.png, the report's first page."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Path(folder) / "site"
        build_site(finished_project("standard"), site)  # as `make run` does
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        with serve(site) as address:
            page = browser.new_page(viewport={"width": 1280, "height": 1700})
            page.goto(f"{address}/report.html")
            page.screenshot(path=PICTURES / "report.png")
        browser.close()


if __name__ == "__main__":
    main()
