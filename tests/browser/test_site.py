"""What stands in the published folder, whoever reads its files."""

import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from oneclick.errors import OneclickError
from oneclick.makers.site import build_site, clean
from tests.browser.conftest import publish

pytestmark = pytest.mark.slow
LOCAL_PATHS = re.compile(r"(?<![\w.])/(?:tmp|root|home|work|Users|mnt|var|usr)/[\w.-]+")


@pytest.fixture(scope="module")
def answers(site) -> dict[str, dict]:
    """What kedro-viz's server would answer, by path."""
    api = site / "graph/api"
    files = (path for path in api.rglob("*") if path.is_file())
    return {str(path.relative_to(api)): json.loads(path.read_text("utf-8")) for path in files}


@pytest.fixture(scope="module")
def texts(site, project, answers) -> dict[str, str]:
    """Everything of ours that people may read: pages, previews, logs; pictures left out."""
    picture = re.compile(r"data:image/[^\"')]*|\b[A-Za-z0-9+/]{200,}={0,2}")
    pages = {
        **{f"graph/api/{name}": json.dumps(a, ensure_ascii=False) for name, a in answers.items()},
        **{name: (site / name).read_text("utf-8") for name in ("index.html", "report.html")},
        "log of the run": (project / "printed.txt").read_text("utf-8"),
        "log of the site": (site.parent / "printed.txt").read_text("utf-8"),
    }
    return {name: picture.sub("", text) for name, text in pages.items()}


def test_no_customer_is_in_it(texts, project):
    ids = set(pd.read_csv(project / "data/01_raw/sample/market_file.csv")["id"].astype(str))
    campaign = project / "data/snapshots/sample/07_model_output/campaign_excel.csv"
    assert len(_numbers(campaign.read_text()) & ids) > 100  # this is how a leak would be seen

    found = {name: sorted(ids & _numbers(text)) for name, text in texts.items()}

    assert {name: leaked[:3] for name, leaked in found.items() if leaked} == {}


def _numbers(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w.,#-])\d{5,}(?![\w.,]\d)", text))


def test_no_path_of_this_machine_is_in_it(texts, project):
    published = {name: text for name, text in texts.items() if not name.startswith("log")}
    found = {name: LOCAL_PATHS.findall(text) for name, text in published.items()}
    assert {name: paths[:3] for name, paths in found.items() if paths} == {}


def test_no_source_is_in_it(answers):
    assert [name for name, answer in answers.items() if answer.get("code")] == []


def test_the_main_job_is_folded_by_stage(answers):
    main = answers["main"]
    stages = [child["id"] for child in main["modular_pipelines"]["__root__"]["children"]]
    assert {"data_processing", "data_science", "segmentation", "reporting"} <= set(stages)
    assert main["layers"][:3] == ["raw", "intermediate", "primary"]


def test_tables_have_counts_charts_have_pictures(answers, project):
    ids = {node["name"]: node["id"] for node in answers["main"]["nodes"]}
    customers = project / "data/snapshots/sample/03_primary/customers.parquet"
    assert answers[f"nodes/{ids['customers']}"]["stats"]["rows"] == len(pd.read_parquet(customers))
    assert answers[f"nodes/{ids['customers']}"].get("preview") is None
    assert "<svg " in answers[f"nodes/{ids['chart_funnel']}"]["preview"]
    assert "<main" in answers[f"nodes/{ids['report_html']}"]["preview"]


def test_a_flow_chart_is_drawn(answers, address, browser, artifacts):
    ids = {node["name"]: node["id"] for node in answers["main"]["nodes"]}
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    step = f"expandAllPipelines=true&sid={ids['choose_champion']}"
    page.goto(f"{address}/graph/index.html?{step}")
    chart = page.wait_for_selector(".pipeline-metadata svg .nodeLabel")
    assert "Логистическая регрессия" in chart.text_content()
    page.screenshot(path=artifacts / "graph-flow-chart.png")
    page.close()


def test_every_dataset_of_the_main_job_that_may_be_shown_is_shown(answers):
    nodes = {node["id"]: node["name"] for node in answers["main"]["nodes"]}
    charts = {
        name
        for id_, name in nodes.items()
        if name.startswith("chart_") and not answers[f"nodes/{id_}"].get("preview")
    }
    assert charts == set()


def test_the_first_page_speaks_the_language_of_the_report(project, tmp_path):
    # Given a report that a run wrote with language=en, which globals.yml does not know
    english = tmp_path / "oneclick"
    shutil.copytree(project, english, symlinks=True)
    report = english / "data/snapshots/sample/08_reporting/report.html"
    page = report.read_text("utf-8")
    report.write_text(page.replace('<html lang="ru">', '<html lang="en">', 1), "utf-8")

    printed = publish(english, tmp_path / "site")

    index = (tmp_path / "site/index.html").read_text("utf-8")
    assert '<html lang="en">' in index
    assert "neither customer ids nor names" in index
    assert printed.endswith(f"python3 -m http.server --bind 127.0.0.1 -d {tmp_path}/site\n")
    assert "DeprecationWarning" not in printed


def test_a_snapshot_without_a_report_is_told_with_those_that_have_one(project, tmp_path):
    with pytest.raises(OneclickError, match='SITE="--snapshot sample"'):
        build_site(project, tmp_path / "site", "2026-11")


def test_cleaning_an_answer():
    project = Path("/home/ann/shop")
    answer = {
        "code": "def secret(): ...",
        "filepath": "/home/ann/shop/data/a.csv",
        "other": ["/usr/lib/python3/x.py", "shop/src/oneclick/a.py", "a/b", 3, None],
    }
    assert clean(answer, project) == {
        "code": None,
        "filepath": "data/a.csv",
        "other": ["x.py", "oneclick/a.py", "a/b", 3, None],
    }
