"""The wiring of data processing."""

from functools import partial

from kedro.pipeline import Node, Pipeline

from oneclick.pipelines.data_processing import nodes
from oneclick.previews import chart_of_check, chart_of_join, previewed_node

RULES = "params:cleaning"
TABLES = ("behaviour", "revenue", "time_on_site", "profit")
_CHECKED = {name: name for name in TABLES}


def create_pipeline(**kwargs: object) -> Pipeline:
    """Return the pipeline from the exported tables to ``customers``."""
    return Pipeline(
        [
            previewed_node(
                nodes.check_behaviour,
                inputs=["market_file", RULES],
                outputs="behaviour",
                name="check_behaviour",
                chart=partial(chart_of_check, "behaviour"),
            ),
            previewed_node(
                nodes.check_revenue,
                inputs=["market_money", RULES],
                outputs="revenue",
                name="check_revenue",
                chart=partial(chart_of_check, "revenue"),
            ),
            previewed_node(
                nodes.check_time_on_site,
                inputs=["market_time", RULES],
                outputs="time_on_site",
                name="check_time_on_site",
                chart=partial(chart_of_check, "time_on_site"),
            ),
            previewed_node(
                nodes.check_profit,
                inputs=["money", RULES],
                outputs="profit",
                name="check_profit",
                chart=partial(chart_of_check, "profit"),
            ),
            previewed_node(
                nodes.join_tables,
                inputs={"cleaning": RULES, **_CHECKED},
                outputs="joined_customers",
                name="join_tables",
                chart=chart_of_join,
            ),
            Node(
                nodes.reject_rows,
                inputs={"joined_customers": "joined_customers", **_CHECKED},
                outputs="rejected_rows",
                name="reject_rows",
            ),
            Node(
                nodes.account_for_rows,
                inputs={
                    "joined_customers": "joined_customers",
                    "rejected_rows": "rejected_rows",
                    "cleaning": RULES,
                    **_CHECKED,
                },
                outputs=["row_accounting", "data_quality"],
                name="account_for_rows",
            ),
            Node(
                nodes.keep_customers,
                inputs=["joined_customers", "data_quality", RULES],
                outputs="customers",
                name="keep_customers",
            ),
        ],
        tags="data_processing",
    )
