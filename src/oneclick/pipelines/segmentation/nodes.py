"""From scores to segments, offers, register and files; the library does the work."""

from typing import Any

from oneclick.annotations import DataFrame, RecordBatchReader, Sheet, Table
from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.offers import OfferCatalogue
from oneclick.campaign.parameters import CampaignParameters, ExportParameters, SegmentParameters
from oneclick.texts import Language, load_texts


def find_thresholds(
    customers: Table,
    scores: Table,
    segmentation: SegmentParameters,
    catalogue: OfferCatalogue,
    value: ValueParameters,
) -> dict[str, Any]:
    """Find where the bands of probability and profit begin."""
    from oneclick.campaign import segments

    return segments.find_thresholds(customers, scores, segmentation, catalogue, value)


def assign_segments(
    customers: Table, scores: Table, thresholds: dict[str, Any], segmentation: SegmentParameters
) -> Table:
    """Put every customer into a band of risk, a band of profit and a segment."""
    from oneclick.campaign import segments

    return segments.assign_segments(customers, scores, thresholds, segmentation)


def describe_segments(
    customers: Table,
    segments: Table,
    thresholds: dict[str, Any],
    segmentation: SegmentParameters,
    catalogue: OfferCatalogue,
    value: ValueParameters,
    language: Language,
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """Describe every segment: size and money, what sets it apart, which measures suit it."""
    from oneclick.campaign import profiles

    both = customers, segments
    return (
        profiles.summarise_segments(*both, thresholds, segmentation, value, language),
        profiles.profile_segments(*both, segmentation, language),
        profiles.match_measures(*both, segmentation, catalogue, language),
    )


def find_usual_ranges(customers: Table, segments: Table) -> dict[str, list[float]]:
    """Find the usual range of every number among steady customers."""
    from oneclick.campaign import reasons

    return reasons.usual_ranges(customers, segments)


def describe_reasons(
    customers: Table, reasons: Table, ranges: dict[str, list[float]], language: Language
) -> Table:
    """Put the strongest reasons of each customer into words."""
    from oneclick.campaign import reasons as library

    return library.describe_reasons(customers, reasons, ranges, language)


def value_offers(
    customers: Table,
    segments: Table,
    reasons: Table,
    catalogue: OfferCatalogue,
    campaign: CampaignParameters,
    value: ValueParameters,
) -> Table | RecordBatchReader:
    """Value every offer for every customer; say who may not be written to."""
    from oneclick.campaign import assignment
    from oneclick.engines import in_ranges

    values = assignment.value_offers(customers, segments, reasons, catalogue, campaign, value)
    return in_ranges(lambda within: within(values), "customer_id", customers)


def assign_offers(
    values: Table, catalogue: OfferCatalogue, campaign: CampaignParameters
) -> tuple[Table, dict[str, Any]]:
    """Give every customer the best offer that the budget allows, or none."""
    from oneclick.campaign import assignment

    return assignment.assign_offers(values, catalogue, campaign)


def build_register(
    customers: Table,
    scores: Table,
    offers_assigned: Table,
    reason_texts: Table,
    catalogue: OfferCatalogue,
    campaign: CampaignParameters,
) -> Table | RecordBatchReader:
    """List every customer once, with the offer or the reason for none."""
    from oneclick.campaign import register
    from oneclick.engines import in_ranges

    listed = register.build_register(
        customers, scores, offers_assigned, reason_texts, catalogue, campaign
    )
    return in_ranges(lambda within: within(listed), "customer_id", customers)


def tabulate_campaign(customers: Table, register: Table) -> DataFrame:
    """Count the register by all that the campaign's figures divide it by."""
    from oneclick.campaign import summary
    from oneclick.campaign.register import check_register

    check_register(customers, register)
    return summary.tabulate_campaign(register)


def summarise(
    register: Table,
    cube: DataFrame,
    budget_use: dict[str, Any],
    catalogue: OfferCatalogue,
    campaign: CampaignParameters,
    value: ValueParameters,
) -> tuple[dict[str, Any], DataFrame, DataFrame, DataFrame]:
    """Return summary, capacities, exclusions and the catalogue."""
    from oneclick.campaign import summary

    told = summary.summarise_campaign(cube, budget_use, catalogue, campaign, value)
    return (
        told | summary.tell_concentration(register, told, campaign.language),
        summary.table_capacities(register, cube, campaign),
        summary.count_exclusions(cube, campaign.language),
        summary.list_offers(register, catalogue, value, campaign.language),
    )


def count_campaign(
    cube: DataFrame,
    segmentation: SegmentParameters,
    catalogue: OfferCatalogue,
    language: Language,
) -> tuple[DataFrame, DataFrame, DataFrame]:
    """Return the campaign by segment, by risk group and by offer."""
    from oneclick.campaign.summary import count_by

    by_segment = count_by(cube, "segment", segmentation.names(language))
    by_segment.insert(0, "position", range(len(by_segment)))
    reachable = cube[cube["arm"] != "excluded"]
    return (
        by_segment,
        count_by(cube, "risk_group", load_texts("campaign", language)["risk_groups"]),
        count_by(reachable, "offer_id", catalogue.names(language)),
    )


def list_for_excel(
    register: Table,
    segmentation: SegmentParameters,
    catalogue: OfferCatalogue,
    value: ValueParameters,
    language: Language,
) -> Table:
    """List whom to write to, for people."""
    from oneclick.campaign import export

    return export.list_for_excel(register, segmentation, catalogue, value, language)


def build_workbook(
    register: Table,
    summary: dict[str, Any],
    capacities: DataFrame,
    exclusions: DataFrame,
    by_segment: DataFrame,
    by_group: DataFrame,
    by_offer: DataFrame,
    segmentation: SegmentParameters,
    catalogue: OfferCatalogue,
    value: ValueParameters,
    export: ExportParameters,
    campaign: CampaignParameters,
) -> list[Sheet]:
    """Return the sheets of the workbook: a summary and one list per segment."""
    from oneclick.campaign import export as library

    language = campaign.language
    tables = {
        "capacities": capacities,
        "exclusions": exclusions,
        "segments": by_segment,
        "groups": by_group,
        "offers": by_offer,
    }
    listed = library.list_for_people(register, segmentation, catalogue, value, language)
    return library.campaign_workbook(listed, summary, tables, segmentation, export, language)


def list_for_crm(register: Table, export: ExportParameters) -> Table:
    """List whom to write to, for the CRM."""
    from oneclick.campaign.export import list_for_crm

    return list_for_crm(register, export)
