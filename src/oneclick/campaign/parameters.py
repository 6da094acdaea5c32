"""What marketing decides about a campaign."""

from datetime import date
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from oneclick.campaign.control import quarter_salt
from oneclick.parameters import Parameters
from oneclick.texts import Language


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
