"""Where tables live and are computed: the connection to an engine, made in one place."""

from typing import Any


def connect(config: dict[str, Any]) -> Any:
    """Return the Ibis connection that ``engine`` of conf/<environment>/globals.yml describes.

    Args:
        config: ``backend``, the name Ibis has for the engine, and the engine's own arguments.
    """
    import ibis

    arguments = dict(config)
    backend = arguments.pop("backend")
    if backend == "pyspark":
        arguments = {"session": _spark_session(**arguments)}
    return getattr(ibis, backend).connect(**arguments)


def _spark_session(master: str, options: dict[str, Any]) -> Any:
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(master).appName("oneclick")
    return builder.config(map=options).getOrCreate()
