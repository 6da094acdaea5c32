"""The report and the graph as a folder of static pages: ``make site``.

kedro-viz's own ``build`` writes this machine's paths, the source of every node and the time into
its pages and asks other machines for fonts and versions. Here its answers are written by its own
functions, but cleaned before anybody sees them.
"""

import json
import logging
import re
import shutil
import sys
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
from kedro.framework.startup import bootstrap_project
from kedro.io import CatalogProtocol, DataCatalog
from kedro.pipeline import Pipeline

from oneclick.errors import OneclickError
from oneclick.pipeline_registry import OVERVIEW
from oneclick.report.page import TEMPLATES, page_templates
from oneclick.texts import Language, load_texts

# kedro-viz 12.5 calls FastAPI by an old name; a user can do nothing about it.
warnings.filterwarnings("ignore", message="ORJSONResponse is deprecated")

# Besides the main job: what happens to the next month and after the campaign.
ALSO_SHOWN = ("scoring", "readout")
FOREIGN_LINK = re.compile(r'\s*<link\s[^>]*?href="https?://[^>]*>')
RUN_STATUS = 'fetch("/api/run-status")'  # the only address that is not relative to the page
FOREIGN_FONT = re.compile(r"@import url\(https?://[^)]*\);?")


def build_site(project: Path, target: Path, snapshot: str | None = None) -> None:
    """Write index, report and graph of a snapshot; an earlier site is replaced when all is done.

    The snapshot is by default that of the project's ``globals.yml``.

    Raises:
        OneclickError: The snapshot has no report yet, or ``target`` holds something else.
    """
    from kedro_viz.integrations.kedro.data_loader import load_data

    if target.exists() and not (target / "graph").is_dir():
        raise OneclickError(
            f"{target} is no site of ours. Move it away or choose another --target."
        )
    bootstrap_project(project)
    params = {"snapshot": snapshot} if snapshot else None
    catalog, pipelines, styles = load_data(project, extra_params=params)
    report = Path(catalog.get("report_html")._filepath)
    if not report.exists():
        raise OneclickError(f"There is no {report} yet. {_what_to_do(report)}")
    building = target.with_name(f".{target.name}.new")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    shutil.copyfile(report, building / "report.html")
    language, name = language_of(report), catalog.load("params:snapshot")
    index = page_templates().get_template("site.html.j2")
    texts = {"words": load_texts("site", language), "language": language, "snapshot": name}
    (building / "index.html").write_text(index.render(texts), encoding="utf-8")
    _copy_viewer(building / "graph")
    for dataset in names_in(pipelines):  # what no run has made is shown without a preview
        metadata = getattr(catalog.get(dataset), "metadata", None)
        if metadata and not catalog.exists(dataset):
            metadata["kedro-viz"] = {**metadata["kedro-viz"], "preview": False}
    shown = {"__default__": pipelines[OVERVIEW], **{key: pipelines[key] for key in ALSO_SHOWN}}
    api = building / "graph/api"
    extras = _with_sizes(styles, measure_tables(catalog, pipelines))
    _write_answers(api, catalog, shown, extras, name)
    for answer in filter(Path.is_file, api.rglob("*")):
        content = clean(json.loads(answer.read_text(encoding="utf-8")), project)
        answer.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    building.rename(target)


def _what_to_do(report: Path) -> str:
    """What helps whoever asked for the report of a snapshot that has none."""
    there = sorted(found.parts[-3] for found in report.parents[2].glob("*/*/" + report.name))
    if not there:
        return "Run first: kedro run"
    return (
        f"Snapshots with a report: {', '.join(there)}. "
        f'Choose one: make site SITE="--snapshot {there[-1]}"'
    )


def language_of(report: Path) -> Language:
    """Return the language that a report was written in; the run that wrote it may have named it."""
    with report.open(encoding="utf-8") as page:
        return "en" if '<html lang="en">' in page.read(200) else "ru"


def clean(answer: Any, project: Path) -> Any:
    """Return an answer of kedro-viz without source code and without paths of this machine."""
    if isinstance(answer, dict):
        return {
            key: None if key in ("code", "run_command") else clean(value, project)
            for key, value in answer.items()
        }
    if isinstance(answer, list):
        return [clean(value, project) for value in answer]
    if isinstance(answer, str):
        relative = answer.replace(f"{project}/", "").replace(str(project), ".")
        if relative.startswith("/"):
            return Path(relative).name
        return relative.removeprefix(f"{project.name}/src/")  # kedro-viz begins one folder higher
    return answer


def _copy_viewer(folder: Path) -> None:
    import kedro_viz

    ignored = shutil.ignore_patterns(".vite", "telemetry.html", "autoreload.html")
    shutil.copytree(Path(kedro_viz.__file__).parent / "html", folder, ignore=ignored)
    mending = (TEMPLATES / "graph.js").read_text(encoding="utf-8")
    for page in folder.glob("*.html"):
        text = FOREIGN_LINK.sub("", page.read_text(encoding="utf-8"))
        text = text.replace("<script", f"<script>{mending}</script>\n<script", 1)
        page.write_text(text, encoding="utf-8")
    for script in folder.glob("assets/*.js"):
        text = FOREIGN_FONT.sub("", script.read_text(encoding="utf-8"))
        own = text.replace(RUN_STATUS, RUN_STATUS.replace("/", "", 1))
        script.write_text(own, encoding="utf-8")


def names_in(pipelines: Mapping[str, Pipeline]) -> list[str]:
    """Return the names of all datasets; a catalog lists no dataset that a pattern describes."""
    return sorted({name for pipeline in pipelines.values() for name in pipeline.datasets()})


def measure_tables(
    catalog: CatalogProtocol, pipelines: Mapping[str, Pipeline]
) -> dict[str, dict[str, int]]:
    """Return rows, columns and bytes of every stored table; kedro-viz counts only pandas tables."""
    from pyarrow.parquet import read_metadata

    sizes = {}
    for name in names_in(pipelines):
        path = Path(str(getattr(catalog.get(name), "_filepath", "")))
        if path.suffix == ".parquet" and path.is_file():
            table, size = read_metadata(path), path.stat().st_size
            sizes[name] = {"rows": table.num_rows, "columns": table.num_columns, "file_size": size}
    return sizes


def _with_sizes(extras: dict[str, Any], sizes: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Sizes of this snapshot, and the styles; kedro-viz's own sizes are of whatever ran last."""
    from kedro_viz.models.metadata import NodeExtras

    found = {}
    for name in sorted(extras.keys() | sizes.keys()):
        styles = extras[name].styles if name in extras else None
        found[name] = NodeExtras.create_node_extras(stats=sizes.get(name), styles=styles)
    return {name: extra for name, extra in found.items() if extra}


def _write_answers(
    folder: Path, catalog: DataCatalog, pipelines: dict[str, Pipeline], extras: Any, snapshot: str
) -> None:
    """Write what the viewer would ask kedro-viz's server for."""
    import fsspec
    from kedro_viz.api.rest.responses import save_responses
    from kedro_viz.data_access import data_access_manager
    from kedro_viz.server import populate_data

    populate_data(data_access_manager, catalog, pipelines, extras)
    for part in ("nodes", "pipelines"):
        (folder / part).mkdir(parents=True)
    files = fsspec.filesystem("file")
    save_responses.save_api_main_response_to_fs(str(folder / "main"), files)
    save_responses.save_api_node_response_to_fs(str(folder / "nodes"), files, True)
    save_responses.save_api_pipeline_response_to_fs(str(folder / "pipelines"), files)
    viewer, reader = version("kedro-viz"), version("fsspec")
    package = {"package_name": "fsspec", "package_version": reader, "is_compatible": True}
    constant = {
        "version": {"installed": viewer, "is_outdated": False, "latest": viewer},
        "metadata": {"has_missing_dependencies": False, "package_compatibilities": [package]},
        "deploy-viz-metadata": {"timestamp": snapshot, "version": viewer},
        "run-status": {"nodes": {}, "datasets": {}, "pipeline": {}},
    }
    for name, answer in constant.items():
        (folder / name).write_text(json.dumps(answer), encoding="utf-8")


@click.command()
@click.option("--snapshot", help="The snapshot to publish; by default that of globals.yml.")
@click.option("--target", type=click.Path(path_type=Path), default=Path("site"), show_default=True)
def main(snapshot: str | None, target: Path) -> None:
    """Write report and graph of a snapshot as static pages."""
    logging.getLogger("kedro").setLevel(logging.WARNING)
    try:
        build_site(Path.cwd(), target.resolve(), snapshot)
    except OneclickError as error:
        click.secho(f"Error: {error}", fg="red", err=True)
        sys.exit(1)
    server = f"python3 -m http.server --bind 127.0.0.1 -d {target}"
    click.echo(f"{target}/index.html is ready. To look at it: {server}")


if __name__ == "__main__":
    main()
