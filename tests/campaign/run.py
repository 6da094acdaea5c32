"""One campaign from frames to register and summary, in an engine of its own."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from oneclick.campaign.assignment import assign_offers, value_offers
from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.offers import OfferCatalogue
from oneclick.campaign.parameters import CampaignParameters, ExportParameters, SegmentParameters
from oneclick.campaign.reasons import describe_reasons, usual_ranges
from oneclick.campaign.register import build_register
from oneclick.campaign.segments import assign_segments, find_thresholds
from oneclick.campaign.workbook import Sheet
from oneclick.pipelines.segmentation.nodes import (
    build_workbook,
    count_campaign,
    summarise,
    tabulate_campaign,
)
from tests.campaign.fabricated import tables


@dataclass
class Campaign:
    frames: dict[str, pd.DataFrame]
    customers: ir.Table
    register: ir.Table
    budget_use: dict[str, Any]
    arguments: tuple[OfferCatalogue, CampaignParameters, ValueParameters, SegmentParameters]

    def summary(self) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        catalogue, parameters, value, _ = self.arguments
        cube = tabulate_campaign(self.customers, self.register)
        return summarise(self.register, cube, self.budget_use, catalogue, parameters, value)

    def counts(self) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        catalogue, parameters, _, segments = self.arguments
        cube = tabulate_campaign(self.customers, self.register)
        return count_campaign(cube, segments, catalogue, parameters.language)

    def sheets(self, shipped: dict[str, Any]) -> list[Sheet]:
        catalogue, parameters, value, segments = self.arguments
        summary, capacities, exclusions, _ = self.summary()
        return build_workbook(
            *(self.register, summary, capacities, exclusions, *self.counts()),
            *(segments, catalogue, value),
            ExportParameters(**shipped["campaign_export"]),
            parameters,
        )


def run_campaign(
    frames: dict[str, pd.DataFrame],
    catalogue: OfferCatalogue,
    parameters: CampaignParameters,
    value: ValueParameters,
    segment_parameters: SegmentParameters,
) -> Campaign:
    connection = ibis.duckdb.connect()
    t = tables(frames, connection)
    scored = t["customers"], t["decline_scores"]
    thresholds = find_thresholds(*scored, segment_parameters, catalogue, value)
    segments = connection.create_table(
        "segments", assign_segments(*scored, thresholds, segment_parameters)
    )
    values = value_offers(
        t["customers"], segments, t["decline_reasons"], catalogue, parameters, value
    )
    values = connection.create_table("offer_values", values)
    assigned, budget_use = assign_offers(values, catalogue, parameters)
    ranges = usual_ranges(t["customers"], segments)
    texts = describe_reasons(t["customers"], t["decline_reasons"], ranges, parameters.language)
    register = build_register(*scored, assigned, texts, catalogue, parameters)
    register = connection.create_table("campaign_register", register)
    return Campaign(
        frames,
        t["customers"],
        register,
        budget_use,
        (catalogue, parameters, value, segment_parameters),
    )
