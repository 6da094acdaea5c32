from typing import Any

import ibis.expr.types as ir
import pandas as pd

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.export import ExportParameters, campaign_workbook, list_for_excel
from oneclick.campaign.offers import OfferCatalogue
from oneclick.campaign.parameters import CampaignParameters
from oneclick.campaign.register import check_register
from oneclick.campaign.segments import SegmentParameters
from oneclick.campaign.summary import (
    count_by,
    count_exclusions,
    list_offers,
    summarise_campaign,
    table_capacities,
)
from oneclick.campaign.workbook import Sheet
from oneclick.texts import load_texts


def summarise(
    customers: ir.Table,
    register: ir.Table,
    budget_use: dict[str, Any],
    catalogue: OfferCatalogue,
    parameters: CampaignParameters,
    value: ValueParameters,
) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return summary, capacities, exclusions and the catalogue, once every customer is there."""
    check_register(customers, register)
    return (
        summarise_campaign(register, budget_use, catalogue, parameters, value),
        table_capacities(register, parameters),
        count_exclusions(register, parameters.language),
        list_offers(register, catalogue, value, parameters.language),
    )


def count_campaign(
    register: ir.Table,
    segments: SegmentParameters,
    catalogue: OfferCatalogue,
    parameters: CampaignParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the campaign by segment, by risk group and by offer."""
    language = parameters.language
    by_segment = count_by(register, "segment", segments.names(language))
    by_segment.insert(0, "position", range(len(by_segment)))
    groups = load_texts("campaign", language)["risk_groups"]
    offers = {offer.id: getattr(offer.name, language) for offer in catalogue.measures}
    return (
        by_segment,
        count_by(register, "risk_group", groups),
        count_by(register.filter(register.arm != "excluded"), "offer_id", offers),
    )


def build_workbook(
    register: ir.Table,
    summary: dict[str, Any],
    capacities: pd.DataFrame,
    exclusions: pd.DataFrame,
    by_segment: pd.DataFrame,
    by_group: pd.DataFrame,
    by_offer: pd.DataFrame,
    segments: SegmentParameters,
    catalogue: OfferCatalogue,
    value: ValueParameters,
    export: ExportParameters,
    campaign: CampaignParameters,
) -> list[Sheet]:
    """Return the sheets of the workbook: a summary and one list per segment."""
    tables = {
        "capacities": capacities,
        "exclusions": exclusions,
        "segments": by_segment,
        "groups": by_group,
        "offers": by_offer,
    }
    excel_list = list_for_excel(register, segments, catalogue, value, campaign.language)
    return campaign_workbook(excel_list, summary, tables, segments, export, campaign.language)
