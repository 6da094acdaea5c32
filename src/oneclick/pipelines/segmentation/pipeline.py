from typing import Any

from kedro.pipeline import Node, Pipeline

from oneclick.campaign.assignment import assign_offers, value_offers
from oneclick.campaign.export import list_for_crm, list_for_excel
from oneclick.campaign.profiles import match_measures, profile_segments, summarise_segments
from oneclick.campaign.reasons import describe_reasons, usual_ranges
from oneclick.campaign.register import build_register
from oneclick.campaign.segments import assign_segments, find_thresholds
from oneclick.pipelines.segmentation.nodes import build_workbook, count_campaign, summarise
from oneclick.previews import chart_of_offer_choice, previewed_node

_SEGMENTS, _OFFERS = "params:segmentation", "params:offer_catalogue"
_CAMPAIGN, _VALUE, _EXPORT = "params:campaign", "params:profit_value", "params:campaign_export"
_LANGUAGE = "params:campaign.language"


def create_pipeline(**kwargs: Any) -> Pipeline:
    """Return the pipeline from scores to segments, offers, register and files."""
    return Pipeline(
        [
            Node(
                find_thresholds,
                ["customers", "decline_scores", _SEGMENTS, _OFFERS, _VALUE],
                "segment_thresholds",
                name="find_thresholds",
            ),
            Node(
                assign_segments,
                ["customers", "decline_scores", "segment_thresholds", _SEGMENTS],
                "segments",
                name="assign_segments",
            ),
            Node(
                summarise_segments,
                ["customers", "segments", "segment_thresholds", _SEGMENTS, _VALUE, _LANGUAGE],
                "segment_summary",
                name="summarise_segments",
            ),
            Node(
                profile_segments,
                ["customers", "segments", _SEGMENTS, _LANGUAGE],
                "segment_profiles",
                name="profile_segments",
            ),
            Node(
                match_measures,
                ["customers", "segments", _SEGMENTS, _OFFERS, _LANGUAGE],
                "segment_measures",
                name="match_measures",
            ),
            Node(usual_ranges, ["customers", "segments"], "usual_ranges", name="find_usual_ranges"),
            Node(
                describe_reasons,
                ["customers", "decline_reasons", "usual_ranges", _LANGUAGE],
                "reason_texts",
                name="describe_reasons",
            ),
            Node(
                value_offers,
                ["customers", "segments", "decline_reasons", _OFFERS, _CAMPAIGN, _VALUE],
                "offer_values",
                name="value_offers",
            ),
            previewed_node(
                assign_offers,
                ["offer_values", _OFFERS, _CAMPAIGN],
                ["offers_assigned", "budget_use"],
                name="assign_offers",
                chart=chart_of_offer_choice,
            ),
            Node(
                build_register,
                [
                    *("customers", "decline_scores", "offers_assigned", "reason_texts"),
                    *(_OFFERS, _CAMPAIGN),
                ],
                "campaign_register",
                name="build_register",
            ),
            Node(
                summarise,
                ["customers", "campaign_register", "budget_use", _OFFERS, _CAMPAIGN, _VALUE],
                [
                    *("campaign_summary", "campaign_capacities", "campaign_exclusions"),
                    "campaign_offer_catalogue",
                ],
                name="summarise_campaign",
            ),
            Node(
                count_campaign,
                ["campaign_register", _SEGMENTS, _OFFERS, _CAMPAIGN],
                ["campaign_segments", "campaign_groups", "campaign_offers"],
                name="count_campaign",
            ),
            Node(
                list_for_excel,
                ["campaign_register", _SEGMENTS, _OFFERS, _VALUE, _LANGUAGE],
                "campaign_excel",
                name="list_for_excel",
            ),
            Node(
                build_workbook,
                [
                    *("campaign_register", "campaign_summary", "campaign_capacities"),
                    *("campaign_exclusions", "campaign_segments", "campaign_groups"),
                    *("campaign_offers", _SEGMENTS, _OFFERS, _VALUE, _EXPORT, _CAMPAIGN),
                ],
                "campaign_workbook",
                name="build_workbook",
            ),
            Node(
                list_for_crm,
                ["campaign_register", _EXPORT],
                "campaign_crm",
                name="list_for_crm",
            ),
        ],
        tags="segmentation",
    )
