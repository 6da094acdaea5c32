"""Every command that the documentation shows exists; the quick ones are run.

The slow ones run elsewhere: the main job, scoring and read-out in tests/end_to_end, the pages of
docs/how_to in test_how_to, ``make run`` and ``make test`` in .ci/run. ``make viz`` and
``make jupyter`` open a browser, ``make lock`` asks the network: they are only looked up.
"""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from kedro.framework.cli.cli import KedroCLI
from kedro.framework.project import pipelines
from kedro.framework.startup import bootstrap_project

from oneclick.cli import cli
from oneclick.parameter_checks import check_names
from tests.conftest import PROJECT
from tests.end_to_end.shop import make_project, run_kedro

PAGES = [*PROJECT.glob("README*.md"), *PROJECT.glob("docs/**/*.md")]
FENCED = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.M | re.S)
INLINE = re.compile(r"`((?:kedro|make|python -m oneclick)[ .][^`\n]+)`")
STARTED = ("kedro", "make", "python")


def commands() -> list[str]:
    """The commands shown on all pages, once each, without comments."""
    found: dict[str, None] = {}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = "\n".join(FENCED.findall(text)).replace("\\\n", " ")
        for line in (*blocks.splitlines(), *INLINE.findall(text)):
            command = line.split("  #")[0].strip().removeprefix(".venv/bin/")
            if command.startswith(STARTED):
                found[command] = None
    return list(found)


def environments() -> set[str]:
    """Those that are there, and those that a page tells its reader to make."""
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    return {path.name for path in PROJECT.glob("conf/*/")} | set(
        re.findall(r"^# conf/(\w+)/", shown, re.M)
    )


def test_commands_are_found():
    assert len([command for command in commands() if command.startswith("kedro run")]) > 10


@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("make")])
def test_make_can_make_it(command):
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.M))
    variables = set(re.findall(r"\$\((\w+)\)", makefile))
    for word in shlex.split(command)[1:]:
        assert word in targets or word.split("=")[0] in variables


# kedro-viz 12.5 calls click by an old name
@pytest.mark.filterwarnings("ignore:'BaseCommand' is deprecated:DeprecationWarning")
@pytest.mark.parametrize("command", [c for c in commands() if c.startswith("kedro")])
def test_kedro_knows_it(command):
    bootstrap_project(PROJECT)
    words = [word for word in shlex.split(command)[1:] if word != "…"]
    if words[0] != "run":
        group = KedroCLI(PROJECT)
        for word in (word for word in words if not word.startswith("-")):
            group = group.get_command(None, word)
            assert group is not None
            if not hasattr(group, "commands"):
                break
        return
    given = cli.commands["run"].make_context("run", words[1:]).params
    named = given["pipelines"] or (given["pipeline"] or "__default__").split(",")
    for name in named:
        assert name in pipelines
    nodes = {node.name for name in named for node in pipelines[name].nodes}
    assert nodes >= {*given["from_nodes"], *given["to_nodes"], *given["node_names"]}
    assert given["env"] in {None, *environments()}
    check_names(PROJECT / "conf", given["params"])


@pytest.mark.parametrize("command", ["make", "make help"])
def test_make_tells_what_can_be_made(command):
    told = subprocess.run(
        command.split(), cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout
    for target in ("run", "test", "viz", "site", "jupyter", "dictionary", "lint", "help"):
        assert re.search(rf"^make {target} +\w", told, re.M)


@pytest.mark.slow
def test_a_user_finds_help_and_a_clean_error(tmp_path):
    project = make_project(tmp_path / "oneclick")

    help_ = run_kedro(project, "run", "--help")
    wrong = run_kedro(project, "run", "--params", "raw=nowhere,snapshot=new")
    whole = run_kedro(project, "run", "--params", "raw=nowhere,snapshot=new", "--traceback")
    runs = run_kedro(project, "runs")

    assert (help_.returncode, wrong.returncode, whole.returncode, runs.returncode) == (0, 1, 1, 0)
    assert "--traceback" in help_.stdout
    assert "Error: " in wrong.stderr and "Traceback" not in wrong.stderr
    assert "Traceback" in whole.stderr


def test_pages_that_are_linked_are_there():
    for page in PAGES:
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_page_is_reached_from_the_readme():
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    linked = {(PROJECT / link).resolve() for link in re.findall(r"\]\((docs[^)#]*)\)", readme)}
    reached = {file for link in linked for file in (link, *Path(link).glob("*.md"))}
    assert [page.name for page in PROJECT.glob("docs/**/*.md") if page not in reached] == []
