"""The wiring of data processing."""

from functools import partial

from kedro.pipeline import Node, Pipeline

from oneclick.annotations import RecordBatchReader, Table
from oneclick.pipelines.data_processing import nodes
from oneclick.previews import chart_of_check, chart_of_join, previewed_node
from oneclick.tables.rules import TABLES, CleaningRules

RULES = "params:cleaning"
PROFIT_UNIT = "params:profit_value.profit_unit_rub"
_CHECKED = {name: name for name in TABLES}


def create_pipeline() -> Pipeline:
    """Return the pipeline from the exported tables to ``customers``."""
    joined = {"joined_customers": "joined_customers", **_CHECKED}
    steps = [
        *(_check(table, exported) for table, exported in TABLES.items()),
        previewed_node(nodes.join_tables,
                       {"cleaning": RULES, **_CHECKED},
                       "joined_customers", name="join_tables", chart=chart_of_join),
        Node(nodes.reject_rows,
             joined, "rejected_rows", name="reject_rows"),
        Node(nodes.account_for_rows,
             {"rejected_rows": "rejected_rows", "cleaning": RULES, "profit_unit_rub": PROFIT_UNIT,
              **joined},
             ["row_accounting", "data_quality"], name="account_for_rows"),
        Node(nodes.keep_customers,
             ["joined_customers", "data_quality", RULES], "customers", name="keep_customers"),
    ]  # fmt: skip
    return Pipeline(steps, tags="data_processing")


def _check(table: str, exported: str) -> Node:
    def check(exported: Table, cleaning: CleaningRules) -> Table | RecordBatchReader:
        return nodes.check_table(table, exported, cleaning)

    return previewed_node(
        check,
        inputs={"exported": exported, "cleaning": RULES},
        outputs=table,
        name=f"check_{table}",
        chart=partial(chart_of_check, table),
    )
