"""What the tables of the campaign promise; the catalog attaches these to its datasets."""

import ibis.expr.datatypes as dt
import pandas as pd

from oneclick.tables.schemas import Figures, Table, described, proportion

_SEGMENT = "A key of `segmentation.segments`."
_NAME = "Its name for people."
_RISK_GROUPS = ["already_declined", "early_warning", "steady", "unknown_status"]
_BANDS = ["low", "medium", "high"]
_LOW, _HIGH = "Lower end of the 95 % interval.", "Upper end of the 95 % interval."


class Segments(Table):
    """One row per customer: probability, segment and status, ordered by id."""

    customer_id: dt.Int64 = described("Key.")
    p_decline: dt.Float64 = described("Probability of decline.", nullable=True)
    risk_band: dt.String = described("By probability.", isin=_BANDS)
    profit_band: dt.String = described("By profit a month.", isin=["low", "high"])
    segment: dt.String = described(_SEGMENT)
    risk_group: dt.String = described("Status and probability together.", isin=_RISK_GROUPS)


class CampaignRegister(Table):
    """Every customer once, ordered by id: group, offer, money, or the reason for no contact.

    Only what later steps rely on is checked for nulls.
    """

    customer_id: dt.Int64 = described("Key.")
    segment: dt.String = described(_SEGMENT)
    risk_group: dt.String = described(
        "Declined already, early warning, steady, unknown status.", nullable=True
    )
    p_decline: dt.Float64 = described("Probability of decline.", nullable=True)
    score_source: dt.String = described("`out_of_fold`, `model` or `in_sample`.", nullable=True)
    service_tier: dt.String = described("Tier of service.", nullable=True)
    favourite_category: dt.String = described("Bought most.", nullable=True)
    monthly_profit: dt.Float64 = described("Mean profit a month, in `profit_unit`.", nullable=True)
    revenue_before: dt.Float64 = described("Revenue of the month.", "RUB", nullable=True)
    arm: dt.String = described("Randomised or not.", isin=["treatment", "control", "excluded"])
    contacted: dt.Boolean = described("In the send files.")
    no_contact_reason: dt.String = described("Why not; empty if contacted.", nullable=True)
    worth_it: dt.Boolean = described("An offer pays, whatever the budget.", nullable=True)
    offer_id: dt.String = described("For controls: what they would have got.")
    answered_reason: dt.String = described("Reason of risk that the offer answers.", nullable=True)
    expected_profit_low: dt.Float64 = described("At the low save rate.", "RUB", nullable=True)
    expected_profit: dt.Float64 = described("At the median save rate.", "RUB", nullable=True)
    expected_profit_high: dt.Float64 = described("At the high save rate.", "RUB", nullable=True)
    expected_cost: dt.Float64 = described("Contact and incentive.", "RUB", nullable=True)
    worst_case_cost: dt.Float64 = described("If the incentive is used.", "RUB", nullable=True)
    expected_saves: dt.Float64 = described("p·γ: declines prevented.", nullable=True)
    reason_1: dt.String = described("Feature that raises the risk most.", nullable=True)
    reason_1_text: dt.String = described("The same in words.", nullable=True)
    reason_2: dt.String = described("The next one.", nullable=True)
    reason_2_text: dt.String = described("The same in words.", nullable=True)
    reason_3: dt.String = described("The next one.", nullable=True)
    reason_3_text: dt.String = described("The same in words.", nullable=True)
    snapshot: dt.String = described("Month of the campaign.", nullable=True)
    message: dt.String = described("Only for those contacted.", nullable=True)
    valid_days: dt.Int32 = described("How long the offer lasts.", "days", nullable=True)
    valid_from: dt.Date = described("First day.", nullable=True)
    valid_until: dt.Date = described("Last day.", nullable=True)


class _BySegment(Figures):
    """The segment that a row is about."""

    position: int = described("Order for people.", ge=0)
    segment: str = described(_SEGMENT)
    segment_name: str = described(_NAME)


class SegmentSummary(_BySegment):
    """Size, risk and money of every segment."""

    risk_band: str = described("By probability.", isin=_BANDS)
    profit_band: str = described("By profit a month.", isin=["low", "high"])
    customers: int = described("Customers in the segment.", ge=0)
    share: float = proportion("Of all customers.")
    mean_p_decline: float = proportion("Mean probability of decline.")
    declined: pd.Int64Dtype = described("With declined activity; empty if unknown.", nullable=True)
    already_declined: int = described("Known to have declined.", ge=0)
    early_warning: int = described("Still steady, with a high probability.", ge=0)
    consented: int = described("May be written to.", ge=0)
    mean_profit: float = described("Mean profit a month.", "RUB", nullable=True)
    profit_at_stake: float = described("Σ p·V: profit that declines may cost.", "RUB")


class SegmentProfiles(_BySegment):
    """How a segment differs from the rest, by indicator and level."""

    feature: str = described("Indicator, named as a column of `customers`.")
    level: str = described("Level of a categorical indicator.", nullable=True)
    kind: str = described(
        "What is compared: means, or shares of a level.", isin=["numeric", "level"]
    )
    n_segment: int = described("Customers in the segment whose value is known.", ge=0)
    n_rest: int = described("Such customers elsewhere.", ge=0)
    value_segment: float = described("Mean or share here.", "of the indicator", nullable=True)
    value_rest: float = described("Mean or share elsewhere.", "of the indicator", nullable=True)
    effect: float = described("Cohen's d of means, or difference of shares.", nullable=True)
    effect_low: float = described(_LOW, nullable=True)
    effect_high: float = described(_HIGH, nullable=True)
    distinct: bool = described("Whether the difference is beyond chance (Holm, 5 %).")


class SegmentMeasures(_BySegment):
    """How well each measure's conditions fit each segment."""

    offer_id: str = described("An offer of the catalogue.")
    offer_name: str = described(_NAME)
    difference: float = described(
        "Share of customers whom the offer suits, here less elsewhere.", "share", nullable=True
    )
    difference_low: float = described(_LOW, "share", nullable=True)
    difference_high: float = described(_HIGH, "share", nullable=True)
    recommended: bool = described("Whether more here, beyond chance (Holm, 5 %).")
    rank: pd.Int64Dtype = described("Among those recommended.", nullable=True)


class CampaignCube(Figures):
    """The register counted by segment, risk group, offer, arm and reason for no contact."""

    segment: str = described(_SEGMENT)
    risk_group: str = described("Status and probability together.", isin=_RISK_GROUPS)
    offer_id: str = described("An offer of the catalogue, or `do_nothing`.")
    arm: str = described("Randomised or not.", isin=["treatment", "control", "excluded"])
    no_contact_reason: str = described("Why not; empty if contacted.", nullable=True)
    customers: int = described("Customers.", ge=0)
    scored: int = described("With a probability.", ge=0)
    worth_it: int = described("For whom an offer pays, whatever the budget.", ge=0)
    expected_declines: float = described("Σ p.", "customers", ge=0)
    expected_saves: float = described("Σ p·γ: declines prevented.", "customers", ge=0)
    expected_cost: int = described("Contact and incentive.", "kopecks", ge=0)
    worst_case_cost: int = described("If every incentive is used.", "kopecks", ge=0)
    expected_profit_low: int = described("At the low save rate.", "kopecks")
    expected_profit_median: int = described("At the median save rate.", "kopecks")
    expected_profit_high: int = described("At the high save rate.", "kopecks")


class _Totals(Figures):
    """Sizes and money, the same for segments, groups and offers; money of those contacted."""

    customers: int = described("Customers.", ge=0)
    consented: int = described("May be written to.", ge=0)
    contacted: int = described("In the send files.", ge=0)
    control: int = described("Held back to measure the effect.", ge=0)
    mean_p_decline: float = proportion("Mean probability of decline.")
    expected_declines: float = described("Σ p.", "customers", ge=0)
    expected_cost: float = described("Contact and incentive.", "RUB", ge=0)
    worst_case_cost: float = described("If every incentive is used.", "RUB", ge=0)
    expected_profit_low: float = described("At the low save rate.", "RUB")
    expected_profit_median: float = described("At the median save rate.", "RUB")
    expected_profit_high: float = described("At the high save rate.", "RUB")


class CampaignSegments(_BySegment, _Totals):
    """The campaign by segment."""


class CampaignGroups(_Totals):
    """The campaign by status and probability."""

    risk_group: str = described("Status and probability together.", isin=_RISK_GROUPS)
    risk_group_name: str = described(_NAME)


class CampaignOffers(_Totals):
    """The campaign by offer."""

    offer_id: str = described("An offer of the catalogue.")
    offer_name: str = described(_NAME)


class CampaignCapacities(Figures):
    """What contacting only the best customers would bring."""

    capacity_share: float = proportion("Of all customers, at most.")
    customers: int = described("Customers contacted.", ge=0)
    expected_declines: float = described("Σ p of those contacted.", "customers", ge=0)
    declined_caught: pd.Int64Dtype = described(
        "Declined among them; empty if unknown.", nullable=True
    )
    share_caught: float = proportion("Of the Σ p of all customers.")
    expected_saves: float = described("Σ p·γ: declines prevented.", "customers", ge=0)
    expected_cost: float = described("Contact and incentive.", "RUB", ge=0)
    worst_case_cost: float = described("If every incentive is used.", "RUB", ge=0)
    expected_profit_low: float = described("At the low save rate.", "RUB")
    expected_profit_median: float = described("At the median save rate.", "RUB")
    expected_profit_high: float = described("At the high save rate.", "RUB")


class CampaignExclusions(Figures):
    """Who gets no letter, and why."""

    reason: str = described("Key of the reason.")
    label: str = described("The reason for people.")
    customers: int = described("Customers.", ge=0)
    share: float = proportion("Of all customers.")


class OfferCatalogueTable(Figures):
    """The offers as the campaign used them."""

    offer_id: str = described("Key.")
    offer_name: str = described(_NAME)
    text: str = described("The message, with places for category, tier and days.")
    contact_cost: float = described("For every customer written to.", "RUB", ge=0)
    incentive_cost: float = described("For every customer who uses it.", "RUB", ge=0)
    redemption: float = proportion("Of those who would have stayed anyway, who use it.")
    save_rate_low: float = proportion("Declines prevented: 10 % quantile.")
    save_rate_median: float = proportion("Declines prevented: median.")
    save_rate_high: float = proportion("Declines prevented: 90 % quantile.")
    save_rate_measured: bool = described("Measured by a campaign, or an assumption.")
    valid_days: int = described("How long the offer lasts.", "days", ge=0)
    conditions: str = described("Whom it suits, in words.")
    break_even_p: float = described(
        "Probability above which it pays for a customer of median profit.", "share", nullable=True
    )
