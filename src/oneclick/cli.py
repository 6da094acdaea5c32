"""`kedro run` as users meet it: one clear message for a mistake, a traceback on demand."""

import os
import sys
import warnings
from typing import Any

import click
from kedro.framework.cli.project import run as kedro_run

# kedro-viz 12.5 calls FastAPI by an old name; a user can do nothing about it.
warnings.filterwarnings("ignore", message="ORJSONResponse is deprecated")


@click.group(name="oneclick")
def cli() -> None:
    """Commands of the project."""


def _run(pipeline: str | None, traceback: bool, **options: Any) -> None:
    if pipeline:  # kedro's older spelling of --pipelines; both are what people type
        options["pipelines"] = [*options["pipelines"], *pipeline.split(",")]
    try:
        kedro_run.callback(pipeline=None, **options)
    except Exception as error:
        if traceback:
            raise
        click.secho(f"\nError: {explain(error)}", fg="red", err=True)
        sys.exit(1)


def explain(error: BaseException) -> str:
    """Return one message for a person: the first of our own errors in the chain, else its gist."""
    from oneclick.errors import OneclickError

    link: BaseException | None = error
    while link is not None:
        if isinstance(link, OneclickError):
            return str(link)
        link = link.__cause__ or link.__context__
    return f"{type(error).__name__}: {error}\nThe whole story: kedro run --traceback"


_traceback = click.Option(
    ["--traceback"],
    is_flag=True,
    default=bool(os.environ.get("ONECLICK_TRACEBACK")),
    help="Show the whole traceback of an error.",
)
cli.add_command(
    click.Command("run", params=[*kedro_run.params, _traceback], callback=_run, help=kedro_run.help)
)
