"""Which results of a snapshot are older than what they are made from.

A run may make a part of a snapshot and takes the rest from runs before, so a campaign may be left
that was decided on customers, or by a model, of which the snapshot holds newer ones by now.
"""

from collections.abc import Collection, Iterable, Mapping

from kedro.pipeline import Pipeline

# what each dataset is made from directly, whichever pipeline makes it
Sources = dict[str, set[str]]


def sources_in(pipelines: Iterable[Pipeline]) -> Sources:
    """Return what the datasets of these pipelines are made from."""
    sources: Sources = {}
    for node in {node for pipeline in pipelines for node in pipeline.nodes}:
        for output in node.outputs:
            sources.setdefault(output, set()).update(node.inputs)
    return sources


def ancestors(name: str, sources: Sources) -> set[str]:
    """Return all that a dataset is made from, directly or not."""
    found: set[str] = set()
    left = [name]
    while left:
        new = sources.get(left.pop(), set()) - found
        found |= new
        left += new
    return found


def find_outdated(
    made_by: Mapping[str, str], sources: Sources, making: Collection[str] = ()
) -> dict[str, list[str]]:
    """Return each result that is older than others it is made from, and those.

    Args:
        made_by: The run that made each result; runs sort by time.
        sources: From `sources_in` all pipelines.
        making: Results that a run is about to make.
    """
    found = {}
    for name, run in made_by.items():
        newer = {
            source
            for source in ancestors(name, sources)
            if source in making or made_by.get(source, "") > run
        }
        if newer and name not in making:
            found[name] = sorted(newer)
    return found
