"""What the tables of the campaign promise; the catalog attaches these to its datasets."""

import ibis.expr.datatypes as dt
import pandera.ibis as pa

from oneclick.tables.schemas import Table


class Segments(Table):
    """One row per customer: probability, segment and status, ordered by id."""

    customer_id: dt.Int64 = pa.Field(description="Key.")
    p_decline: dt.Float64 = pa.Field(nullable=True, description="Probability of decline.")
    risk_band: dt.String = pa.Field(isin=["low", "medium", "high"])
    profit_band: dt.String = pa.Field(isin=["low", "high"])
    segment: dt.String = pa.Field(description="A key of `segmentation.segments`.")
    risk_group: dt.String = pa.Field(
        isin=["already_declined", "early_warning", "steady", "unknown_status"]
    )


class CampaignRegister(Table):
    """Every customer once, ordered by id: group, offer, money, or the reason for no contact.

    Only what later steps rely on is checked for nulls: each check is a query over the whole table.
    """

    customer_id: dt.Int64 = pa.Field(description="Key.")
    segment: dt.String = pa.Field(description="A key of `segmentation.segments`.")
    risk_group: dt.String = pa.Field(
        nullable=True, description="Declined already, early warning, steady."
    )
    p_decline: dt.Float64 = pa.Field(nullable=True, description="Probability of decline.")
    score_source: dt.String = pa.Field(nullable=True, description="out_of_fold or model.")
    service_tier: dt.String = pa.Field(nullable=True, description="Tier of service.")
    favourite_category: dt.String = pa.Field(nullable=True, description="Bought most.")
    monthly_profit: dt.Float64 = pa.Field(nullable=True, description="In `profit_unit`.")
    arm: dt.String = pa.Field(isin=["treatment", "control", "excluded"])
    contacted: dt.Boolean = pa.Field(description="In the send files.")
    no_contact_reason: dt.String = pa.Field(nullable=True, description="Null if contacted.")
    worth_it: dt.Boolean = pa.Field(
        nullable=True, description="An offer pays, whatever the budget."
    )
    offer_id: dt.String = pa.Field(description="For controls: what they would have got.")
    answered_reason: dt.String = pa.Field(
        nullable=True, description="The reason of risk that the offer answers."
    )
    expected_profit_low: dt.Float64 = pa.Field(
        nullable=True, description="RUB, at the low save rate."
    )
    expected_profit: dt.Float64 = pa.Field(
        nullable=True, description="RUB, at the median save rate."
    )
    expected_profit_high: dt.Float64 = pa.Field(
        nullable=True, description="RUB, at the high save rate."
    )
    expected_cost: dt.Float64 = pa.Field(nullable=True, description="RUB.")
    worst_case_cost: dt.Float64 = pa.Field(
        nullable=True, description="RUB, if the incentive is used."
    )
    expected_saves: dt.Float64 = pa.Field(nullable=True, description="p·γ: declines prevented.")
    reason_1: dt.String = pa.Field(nullable=True, description="Feature that raises the risk most.")
    reason_1_text: dt.String = pa.Field(nullable=True, description="In words.")
    reason_2: dt.String = pa.Field(nullable=True)
    reason_2_text: dt.String = pa.Field(nullable=True)
    reason_3: dt.String = pa.Field(nullable=True)
    reason_3_text: dt.String = pa.Field(nullable=True)
    snapshot: dt.String = pa.Field(nullable=True, description="Month of the campaign.")
    message: dt.String = pa.Field(nullable=True, description="Only for those contacted.")
    valid_days: dt.Int32 = pa.Field(nullable=True, description="Days that the offer lasts.")
    valid_from: dt.Date = pa.Field(nullable=True, description="First day.")
    valid_until: dt.Date = pa.Field(nullable=True, description="Last day.")
