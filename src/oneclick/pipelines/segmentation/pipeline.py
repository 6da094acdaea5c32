from kedro.pipeline import Node, Pipeline

from oneclick.pipelines.segmentation import nodes
from oneclick.previews import chart_of_offer_choice, previewed_node

_SEGMENTS, _OFFERS = "params:segmentation", "params:offer_catalogue"
_CAMPAIGN, _VALUE, _EXPORT = "params:campaign", "params:profit_value", "params:campaign_export"
_LANGUAGE = "params:campaign.language"


def create_pipeline() -> Pipeline:
    """Return the pipeline from scores to segments, offers, register and files."""
    steps = [
        Node(nodes.find_thresholds,
             ["customers", "decline_scores", _SEGMENTS, _OFFERS, _VALUE],
             "segment_thresholds", name="find_thresholds"),
        Node(nodes.assign_segments,
             ["customers", "decline_scores", "segment_thresholds", _SEGMENTS],
             "segments", name="assign_segments"),
        Node(nodes.describe_segments,
             ["customers", "segments", "segment_thresholds", _SEGMENTS, _OFFERS, _VALUE, _LANGUAGE],
             ["segment_summary", "segment_profiles", "segment_measures"],
             name="describe_segments"),
        Node(nodes.find_usual_ranges,
             ["customers", "segments"],
             "usual_ranges", name="find_usual_ranges"),
        Node(nodes.describe_reasons,
             ["customers", "decline_reasons", "usual_ranges", _LANGUAGE],
             "reason_texts", name="describe_reasons"),

        Node(nodes.value_offers,
             ["customers", "segments", "decline_reasons", _OFFERS, _CAMPAIGN, _VALUE],
             "offer_values", name="value_offers"),
        previewed_node(nodes.assign_offers,
             ["offer_values", _OFFERS, _CAMPAIGN],
             ["offers_assigned", "budget_use"],
             name="assign_offers", chart=chart_of_offer_choice),
        Node(nodes.build_register,
             ["customers", "decline_scores", "offers_assigned", "reason_texts", _OFFERS, _CAMPAIGN],
             "campaign_register", name="build_register"),

        Node(nodes.tabulate_campaign,
             ["customers", "campaign_register"],
             "campaign_cube", name="tabulate_campaign"),
        Node(nodes.summarise,
             ["campaign_register", "campaign_cube", "budget_use", _OFFERS, _CAMPAIGN, _VALUE],
             ["campaign_summary", "campaign_capacities", "campaign_exclusions",
              "campaign_offer_catalogue"],
             name="summarise_campaign"),
        Node(nodes.count_campaign,
             ["campaign_cube", _SEGMENTS, _OFFERS, _LANGUAGE],
             ["campaign_segments", "campaign_groups", "campaign_offers"],
             name="count_campaign"),
        Node(nodes.list_for_excel,
             ["campaign_register", _SEGMENTS, _OFFERS, _VALUE, _LANGUAGE],
             "campaign_excel", name="list_for_excel"),
        Node(nodes.build_workbook,
             ["campaign_register", "campaign_summary", "campaign_capacities",
              "campaign_exclusions", "campaign_segments", "campaign_groups", "campaign_offers",
              _SEGMENTS, _OFFERS, _VALUE, _EXPORT, _CAMPAIGN],
             "campaign_workbook", name="build_workbook"),
        Node(nodes.list_for_crm,
             ["campaign_register", _EXPORT],
             "campaign_crm", name="list_for_crm"),
    ]  # fmt: skip
    return Pipeline(steps, tags="segmentation")
