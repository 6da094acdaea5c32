"""`kedro run` as users meet it: one clear message for a mistake, a traceback on demand."""

import gc
import os
import signal
import sys
import warnings
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import click
from kedro.framework.cli.project import run as kedro_run
from kedro.utils import find_kedro_project

from oneclick.errors import OneclickError, explain
from oneclick.pipeline_registry import OVERVIEW

# kedro-viz 12.5 calls FastAPI by an old name, in a process of its own as well; a user can do
# nothing about it.
warnings.filterwarnings("ignore", message="ORJSONResponse is deprecated")
os.environ.setdefault("PYTHONWARNINGS", "ignore:ORJSONResponse is deprecated")

RECORDS = Path("data/runs")


@click.group(name="oneclick")
def cli() -> None:
    """Commands of the project."""


def _run(pipeline: str | None, traceback: bool, **options: Any) -> None:
    _go_home()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    if pipeline:  # kedro's older spelling of --pipelines; both are what people type
        options["pipelines"] = [*options["pipelines"], *pipeline.split(",")]
    try:
        _check_names(options)
        _load_for_good()
        kedro_run.callback(pipeline=None, **options)  # type: ignore[misc]  # it has one
    except Exception as error:
        _record_refusal(explain(error), options)
        if traceback:
            raise
        _end_with(error)


def _end_with(error: Exception) -> NoReturn:
    click.secho(f"\nError: {explain(error)}", fg="red", err=True)
    sys.exit(1)


def _go_home() -> None:
    """Work in the project's folder, as kedro does: paths in ``conf`` are told from there."""
    os.chdir(find_kedro_project(Path.cwd()) or Path.cwd())


def _stop(number: int, _: Any) -> None:
    """End the run as an error does, so that it clears up and is recorded."""
    signal.signal(number, signal.SIG_DFL)  # who is in a hurry asks twice
    raise OneclickError("Interrupted. Nothing was published; earlier results are as they were.")


def _load_for_good() -> None:
    """Load what every run works with, and let Python look for no garbage in it, at exit above all.

    That would take half a second. DuckDB is loaded later: it complains of what is left of it at
    exit. Another program that runs a pipeline may keep more of it, so this is for commands alone.
    """
    import ibis  # noqa: F401
    import pandas as pd  # noqa: F401

    gc.freeze()


def _record_refusal(message: str, options: Mapping[str, Any]) -> None:
    """Leave a record of a run that was refused before it had one of its own."""
    from kedro.io.core import generate_timestamp

    from oneclick.run_record import RunRecord

    if not RunRecord.begun:
        about = {
            "snapshot": str(options["params"].get("snapshot", "–")),
            "pipelines": options["pipelines"] or ["__default__"],
            "environment": options["env"] or "local",
            "parameters": options["params"],
        }
        RunRecord(RECORDS, Path(), generate_timestamp(), about, {}).refuse(message)


def _check_names(options: Mapping[str, Any]) -> None:
    """Refuse a name that nothing bears, and ways of running that steps here cannot take."""
    if options["only_missing_outputs"]:
        raise OneclickError(
            "A run makes a new folder with all results of its steps, so none of them is there "
            "before it. Leave out --only-missing-outputs."
        )
    if options["is_async"] or options["runner"] not in (None, "SequentialRunner"):
        raise OneclickError(
            "Steps share one connection to the engine, so they run one after the other (they use "
            "all processors themselves). Leave out --runner and --async."
        )
    folders = (Path(__file__).parent / "pipelines").glob("*/pipeline.py")
    known = [folder.parent.name for folder in folders]
    if OVERVIEW in options["pipelines"]:
        raise OneclickError(f"{OVERVIEW} is the main job as kedro viz shows it. Run it: kedro run")
    _refuse_unknown("pipeline", options["pipelines"], [*known, "__default__"])
    _check_environment(options["env"], Path(options["conf_source"] or "conf"))
    nodes = [*options["node_names"], *options["from_nodes"], *options["to_nodes"]]
    datasets = [*options["from_inputs"], *options["to_outputs"]]
    if not (nodes or datasets or options["tags"]):
        return
    from kedro.framework.project import pipelines
    from kedro.pipeline import Pipeline

    run = sum((pipelines[name] for name in options["pipelines"] or ["__default__"]), Pipeline([]))
    _refuse_unknown("node", nodes, [node.name for node in run.nodes])
    _refuse_unknown("tag", options["tags"], {tag for node in run.nodes for tag in node.tags})
    _refuse_unknown("dataset", datasets, run.datasets())


def _check_environment(name: str | None, conf: Path) -> None:
    if name and conf.is_dir():
        environments = [folder.name for folder in conf.iterdir() if folder.is_dir()]
        _refuse_unknown("environment", [name], environments)


def _refuse_unknown(kind: str, asked: Iterable[str], known: Iterable[str]) -> None:
    names = sorted(name for name in known if not name.startswith(("params:", "__")))
    for name in asked:
        if name not in known:
            near = get_close_matches(name, names, n=3)
            advice = f"Did you mean {' or '.join(near)}?"
            if not near:
                advice = f"Choose from {', '.join(names)}."
            raise OneclickError(f"There is no {kind} '{name}' here. {advice}")


@cli.command()
def runs() -> None:
    """Show past runs side by side, the newest last."""
    _go_home()
    from oneclick.run_record import compare_runs

    for line in compare_runs(RECORDS):
        click.echo(line)


@cli.command()
@click.argument("snapshot", required=False)
def use(snapshot: str | None) -> None:
    """Put the model of an earlier SNAPSHOT into service again; without one, list the models."""
    _go_home()
    from kedro.framework.session import KedroSession
    from kedro.io.core import generate_timestamp

    from oneclick.publishing import month_in_service, months_with_model, put_in_service

    try:
        folders = KedroSession.create().load_context().config_loader["globals"]
        snapshots = Path(folders["snapshots"])
        if snapshot is None:
            served, months = month_in_service(Path(folders["models"])), months_with_model(snapshots)
            for month in months:
                click.echo(month + ("  in service" if month == served else ""))
            if not months:
                click.echo("No snapshot has a model yet. Train one: kedro run")
            return
        put_in_service(snapshots, snapshot, generate_timestamp())
    except Exception as error:
        _end_with(error)
    click.echo(f"The model of {snapshot} is in service: kedro run --pipeline scoring takes it.")


@cli.command()
@click.argument("ids", metavar="ID...", nargs=-1, required=True)
@click.option("--env", "-e", help="The environment that the snapshots were made in, if another.")
def forget(ids: tuple[str, ...], env: str | None) -> None:
    """Remove customers from all results that are kept, without making anything anew."""
    _go_home()
    from kedro.framework.session import KedroSession

    from oneclick import erasure

    try:
        numbers = erasure.read_ids(ids)
        _check_environment(env, Path("conf"))
        conf = KedroSession.create(env=env).load_context().config_loader
        in_warehouse = erasure.erase_from_warehouse(conf["globals"]["engine"], numbers)
        snapshots = Path(conf["globals"]["snapshots"])
        for line in erasure.forget(snapshots, numbers, in_warehouse):
            click.echo(line)
    except Exception as error:
        _end_with(error)


_traceback = click.Option(
    ["--traceback"],
    is_flag=True,
    default=bool(os.environ.get("ONECLICK_TRACEBACK")),
    help="Show the whole traceback of an error.",
)
cli.add_command(
    click.Command("run", params=[*kedro_run.params, _traceback], callback=_run, help=kedro_run.help)
)
