"""Results that are older than what they are made from are found."""

import pytest
from kedro.pipeline import Node, Pipeline

from oneclick.freshness import ancestors, find_outdated, sources_in


def step(*names: str) -> Node:
    """A step from all names but the last to the last."""
    *inputs, output = names
    return Node(lambda *values: values, inputs, output, name=f"make_{output}")


SOURCES = sources_in(
    [
        Pipeline([step("raw", "customers"), step("customers", "passed_on")]),
        Pipeline([step("customers", "model"), step("passed_on", "model", "scores")]),
        Pipeline([step("scores", "letters"), step("letters", "customers", "report")]),
        Pipeline([step("customers", "served", "scores")]),  # another way to the scores
    ]
)
ANEW = ("customers", "model", "scores")
FIRST = dict.fromkeys(("customers", "model", "scores", "letters", "report"), "run-1")


def test_everything_before_a_dataset_is_its_ancestor_whatever_way_leads_to_it():
    assert ancestors("scores", SOURCES) == {"raw", "customers", "passed_on", "model", "served"}
    assert ancestors("raw", SOURCES) == set()


@pytest.mark.parametrize(
    ("later", "making", "outdated"),
    [
        ((), (), {}),
        (("report",), (), {}),
        (("letters",), (), {"report": ["letters"]}),
        (
            ("customers",),
            (),
            {name: ["customers"] for name in ("model", "scores", "letters", "report")},
        ),
        # what the run makes anew is no longer what it was
        ((), ANEW, {"letters": [*ANEW], "report": [*ANEW]}),
    ],
)
def test_what_is_older_than_its_sources_is_outdated(later, making, outdated):
    made_by = FIRST | dict.fromkeys(later, "run-2")

    assert find_outdated(made_by, SOURCES, making) == outdated


def test_a_result_of_which_no_run_is_known_is_neither_older_nor_newer():
    made_by = {"customers": "run-2", "report": "run-3"}

    assert find_outdated(made_by, SOURCES) == {}
