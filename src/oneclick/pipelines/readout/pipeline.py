from kedro.pipeline import Node, Pipeline

from oneclick.pipelines.readout import nodes


def create_pipeline() -> Pipeline:
    """Return the pipeline from a register and the tables of a later month to measured effects.

    ``outcome_customers`` is the table ``customers`` of that later month, cleaned on the same path.
    """
    steps = [
        Node(nodes.match_outcomes,
             ["campaign_register", "outcome_customers", "params:profit_value", "params:readout"],
             "matched_outcomes", name="match_outcomes"),
        Node(nodes.read_out,
             ["matched_outcomes", "customers", "outcome_customers",
              "campaign_offer_catalogue", "campaign_summary", "params:snapshot",
              "params:segmentation", "params:readout", "params:campaign.language"],
             ["readout_effects", "readout_save_rates", "readout_qini", "readout_summary"],
             name="read_out"),
    ]  # fmt: skip
    return Pipeline(steps, tags="readout")
