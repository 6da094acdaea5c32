"""A real browser, a web server for the site, and the pages that people open."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser.finished import finished_project

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def project() -> Path:
    return finished_project()


@pytest.fixture(scope="session")
def site(project, tmp_path_factory) -> Path:
    """The site, built as ``make site`` builds it."""
    target = tmp_path_factory.mktemp("published") / "site"
    (target.parent / "printed.txt").write_text(publish(project, target), encoding="utf-8")
    return target


def publish(project: Path, target: Path) -> str:
    """Build the site of a project and return what that printed, the errors first."""
    command = [sys.executable, "-m", "oneclick.makers.site", "--target", str(target)]
    built = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return built.stderr + built.stdout


@pytest.fixture(scope="session")
def address(site) -> Iterator[str]:
    """Where the site is served, one folder below the root, as on many a web server."""
    with serve(site.parent) as root:
        yield f"{root}/site"


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine; gives the address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def browser():
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium)")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Screenshots stay here for whoever wants to look."""
    folder = Path(__file__).parents[2] / "artifacts"
    folder.mkdir(exist_ok=True)
    return folder
