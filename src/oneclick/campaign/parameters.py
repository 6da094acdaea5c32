"""What marketing and analysts decide about segments, campaign, files and read-out."""

import re
from datetime import date
from itertools import pairwise, product
from typing import Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from oneclick.campaign.conditions import Condition
from oneclick.parameters import Parameters, Wording
from oneclick.texts import Language

CRM_COLUMNS = (
    *("customer_id", "snapshot", "segment", "risk_group", "p_decline", "score_source"),
    *("service_tier", "favourite_category", "monthly_profit", "offer_id", "answered_reason"),
    *("message", "valid_days", "valid_from", "valid_until", "expected_profit_low"),
    *("expected_profit", "expected_profit_high", "expected_cost", "worst_case_cost"),
    *("reason_1", "reason_2", "reason_3", "reason_1_text", "reason_2_text", "reason_3_text"),
)

RiskBand = Literal["low", "medium", "high"]
ProfitBand = Literal["low", "high"]


class Threshold(Parameters):
    """Where a band of probability begins: a quantile of all customers, or where offers pay."""

    quantile: float | None = Field(default=None, gt=0, lt=1)
    offers_pay: Literal["cheapest", "dearest"] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.quantile is None) == (self.offers_pay is None):
            raise ValueError("give either quantile or offers_pay, not both and not neither")
        return self


class Segment(Parameters):
    """One cell of the grid of probability and profit, or a part of it, with its name for people."""

    key: str
    risk: RiskBand
    profit: ProfitBand
    name: Wording
    only: tuple[Condition, ...] = ()
    """Which customers of the cell; without conditions, all that no earlier segment has."""


class SegmentParameters(Parameters):
    """The grid of segments."""

    profit_threshold_rub: float
    """A customer with less profit a month, RUB, is in the low band."""
    medium_risk: Threshold
    high_risk: Threshold
    segments: tuple[Segment, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len({segment.key for segment in self.segments}) != len(self.segments):
            raise ValueError("segments: every segment needs a key of its own")
        for risk, profit in product(get_args(RiskBand), get_args(ProfitBand)):
            cell = [each for each in self.segments if (each.risk, each.profit) == (risk, profit)]
            if [bool(each.only) for each in cell] != [True] * (len(cell) - 1) + [False]:
                raise ValueError(
                    f"segments: {risk} risk × {profit} profit needs one segment for everybody, "
                    "after those with conditions (only: …)"
                )
        return self

    def names(self, language: str) -> dict[str, str]:
        """Return the name of every segment by its key, in the order of the configuration."""
        return {segment.key: getattr(segment.name, language) for segment in self.segments}


class CampaignParameters(Parameters):
    """Gates, budget, control group and dates of one campaign."""

    snapshot: str
    language: Language
    contact_cap: float | None = Field(default=None, gt=0)
    """Customers with this many contacts in the current month get no more; null for no cap."""
    budget: float | None = None
    """RUB; null for no limit."""
    budget_covers: Literal["worst_case", "expected"]
    """Which cost the budget must cover: every incentive used, or those expected to be."""
    control_share: float = Field(ge=0, lt=1)
    salt: str | None = None
    """Draws the control group; null means the quarter of the snapshot."""
    starts_on: date | None = None
    """First day of the offers; null leaves the dates out of the files."""
    capacities: tuple[float, ...]
    """Shares of all customers for the table of capacities."""
    reason_tolerance: float = Field(ge=0, le=1)
    """Share of the best offer's profit that may be given up for one that answers a reason."""
    alpha: float = Field(default=0.05, gt=0, lt=1)
    power: float = Field(default=0.8, gt=0, lt=1)

    @field_validator("budget")
    @classmethod
    def _not_negative(cls, budget: float | None) -> float | None:
        if budget is not None and budget < 0:
            raise ValueError(f"budget is {budget:g} RUB; give 0 or more, or null for no limit")
        return budget

    @model_validator(mode="after")
    def _check(self) -> Self:
        rising = all(a < b for a, b in pairwise(self.capacities))
        if not self.capacities or not rising or self.capacities[0] <= 0 or self.capacities[-1] > 1:
            raise ValueError("capacities: give rising shares of the customers, above 0 and up to 1")
        return self

    @property
    def control_salt(self) -> str:
        """The salt in use."""
        return self.salt if self.salt is not None else quarter_salt(self.snapshot)


def _month(snapshot: str) -> re.Match[str] | None:
    """Year and month of a snapshot called «2026-12», or «2026-12-mended»."""
    return re.match(r"(\d{4})-(0[1-9]|1[0-2])(?!\d)", snapshot)


def quarter_salt(snapshot: str) -> str:
    """Return «2026Q4» for the snapshot «2026-12», the snapshot's own name for one of no month."""
    month = _month(snapshot)
    return f"{month[1]}Q{(int(month[2]) + 2) // 3}" if month else snapshot


Controls = Literal["new", "shared", "own_salt"]


def control_draw(snapshot: str, salt: str) -> Controls:
    """Return whether the controls of a campaign may have been those of earlier months.

    A quarter has one salt: its first month draws ``new`` controls, later ones have ``shared``
    controls. What a salt chosen by hand has drawn before is not known (``own_salt``).
    """
    if salt != quarter_salt(snapshot):
        return "own_salt"
    month = _month(snapshot)
    return "new" if month is None or int(month[2]) % 3 == 1 else "shared"


class ExportParameters(Parameters):
    """How the campaign files look."""

    crm_headers: dict[str, str]
    """Column of the register → header in the CRM file, in the wanted order."""
    rows_per_sheet: int = Field(gt=0, le=1_048_575)
    """A longer segment is cut in the workbook; the CSV files hold everybody."""

    @field_validator("crm_headers")
    @classmethod
    def _known(cls, headers: dict[str, str]) -> dict[str, str]:
        unknown = [column for column in headers if column not in CRM_COLUMNS]
        if unknown:
            raise ValueError(
                f"unknown column «{unknown[0]}»; use some of: {', '.join(CRM_COLUMNS)}"
            )
        if "customer_id" not in headers:
            raise ValueError("customer_id is missing; the CRM could not tell whom to write to")
        if len(set(headers.values())) < len(headers):
            raise ValueError("two columns have the same header; give each its own")
        return headers


class ReadoutParameters(Parameters):
    """How much data a statement takes."""

    min_per_arm: int = Field(ge=2)
    """Smaller arms get no estimate, only the note that they are too small."""
    min_events: int = Field(ge=1)
    """Declines in each arm that a save rate takes, and an effect on them, with as many others."""
    max_missing_share: float = Field(ge=0, le=1)
    """With more randomised customers missing from the outcome tables, these are the wrong ones."""
    qini_min_controls: int = Field(ge=2)
    alpha: float = Field(gt=0, lt=1)
    power: float = Field(gt=0, lt=1)
