"""What became of the customers of a campaign; the library does the work."""

from typing import Any

from oneclick.annotations import DataFrame, Table
from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.parameters import ReadoutParameters, SegmentParameters
from oneclick.texts import Language


def match_outcomes(
    register: Table, outcomes: Table, value: ValueParameters, readout: ReadoutParameters
) -> Table:
    """Find everybody for whom an offer was planned, and what they did next."""
    from oneclick.campaign import readout as library

    return library.match_outcomes(register, outcomes, value, readout)


def read_out(
    matched: Table,
    customers: Table,
    outcomes: Table,
    offers: DataFrame,
    campaign_summary: dict[str, Any],
    snapshot: str,
    segmentation: SegmentParameters,
    readout: ReadoutParameters,
    language: Language,
) -> tuple[DataFrame, DataFrame, DataFrame, dict[str, Any]]:
    """Measure what the campaign did: effects, save rates, Qini curve and summary."""
    from oneclick.campaign import readout as library
    from oneclick.campaign.parameters import control_draw

    share, salt = campaign_summary["control_share"], campaign_summary["salt"]
    about = share, control_draw(snapshot, salt), library.days_between(customers, outcomes, snapshot)
    return library.read_out(matched, offers, *about, segmentation, readout, language)
