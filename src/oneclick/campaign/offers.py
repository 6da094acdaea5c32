"""The offer catalogue that marketing edits."""

from collections import Counter
from itertools import pairwise
from string import Formatter
from typing import Self

from pydantic import Field, model_validator

from oneclick.campaign.conditions import NUMBER_COLUMNS, TEXT_COLUMNS, Condition
from oneclick.campaign.economics import break_even_probability
from oneclick.parameters import Parameters, Wording
from oneclick.texts import Language, decimal, load_texts, plural_form

DO_NOTHING = "do_nothing"
_ANSWERABLE = (*NUMBER_COLUMNS, *TEXT_COLUMNS)


class SaveRate(Parameters):
    """γ: the share of declines that an offer prevents, by its 10, 50 and 90 % quantiles."""

    low: float = Field(ge=0, le=1)
    median: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    measured: bool = False
    """Whether it comes from the read-out of a campaign; else it is an assumption."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.low <= self.median <= self.high:
            raise ValueError("the save rates must rise: low ≤ median ≤ high")
        return self


class Offer(Parameters):
    """One measure: what it says, whom it suits, what it costs, what it is assumed to save."""

    id: str = Field(pattern="^[a-z][a-z0-9_]*$")
    name: Wording
    text: Wording
    """The message; what `filled_in` and the customer's own texts say takes its place in it."""
    suits: tuple[Condition, ...] = ()
    answers: tuple[str, ...] = ()
    """Features whose risk the offer addresses."""
    contact_cost: float = Field(ge=0)
    incentive_cost: float = Field(ge=0)
    redemption: float = Field(ge=0, le=1)
    save_rate: SaveRate
    valid_days: int = Field(ge=0)

    @model_validator(mode="after")
    def _check(self) -> Self:
        allowed = {*TEXT_COLUMNS, *self.filled_in("ru")}
        for text in (self.text.ru, self.text.en):
            unknown = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
            if unknown - allowed:
                raise ValueError(
                    f"unknown placeholder {{{min(unknown - allowed)}}}; "
                    f"use one of: {', '.join(sorted(allowed))}"
                )
        for column in self.answers:
            if column not in _ANSWERABLE:
                raise ValueError(
                    f"answers: unknown column «{column}»; use one of: {', '.join(_ANSWERABLE)}"
                )
        return self

    def filled_in(self, language: Language) -> dict[str, str]:
        """Return what the offer's own placeholders stand for: «21 день», «200»."""
        days = load_texts("campaign", language)["days"][plural_form(self.valid_days, language)]
        return {
            "valid_days": f"{self.valid_days} {days}",
            "incentive_cost": decimal(f"{self.incentive_cost:g}", language),
        }

    @property
    def worst_case_cost(self) -> float:
        """RUB spent on a customer who uses the incentive."""
        return self.contact_cost + self.incentive_cost

    @property
    def terms(self) -> dict[str, float]:
        """γ at the median save rate, d, ρ and f, as the formulas of ``economics`` take them."""
        return {
            "gamma": self.save_rate.median,
            "d": self.incentive_cost,
            "rho": self.redemption,
            "f": self.contact_cost,
        }

    def break_even(self, stake: float) -> float:
        """Return p* of this offer; ``stake`` is V, RUB."""
        return break_even_probability(stake=stake, **self.terms)


class OfferCatalogue(Parameters):
    """All offers, «do nothing» among them."""

    offers: tuple[Offer, ...]

    @model_validator(mode="after")
    def _check(self) -> Self:
        counts = Counter(offer.id for offer in self.offers)
        twice = [name for name, count in counts.items() if count > 1]
        if twice:
            raise ValueError(f"offer «{twice[0]}» is there twice; give each offer its own id")
        nothing = [offer for offer in self.offers if offer.id == DO_NOTHING]
        if not nothing:
            raise ValueError(f"offer «{DO_NOTHING}» is missing; doing nothing must be possible")
        if len(self.offers) == 1:
            raise ValueError(f"offer_catalogue needs one offer besides «{DO_NOTHING}»")
        if nothing[0].worst_case_cost > 0 or nothing[0].save_rate.high > 0:
            raise ValueError(f"offer «{DO_NOTHING}» must cost nothing and save nobody")
        assumed = (offer for offer in self.offers if not offer.save_rate.measured)
        ranked = sorted(assumed, key=lambda offer: (offer.worst_case_cost, offer.id))
        for cheap, dear in pairwise(ranked):
            if (
                cheap.worst_case_cost < dear.worst_case_cost
                and dear.save_rate.median < cheap.save_rate.median
            ):
                raise ValueError(
                    f"offer «{dear.id}» is dearer than «{cheap.id}» "
                    f"({dear.worst_case_cost:g} against {cheap.worst_case_cost:g} RUB) but saves "
                    f"less ({dear.save_rate.median:g} against {cheap.save_rate.median:g}); "
                    "a dearer offer may not have a lower save rate unless it was measured"
                )
        return self

    @property
    def measures(self) -> tuple[Offer, ...]:
        """The offers without «do nothing», the cheapest first: the order that breaks ties."""
        real = (offer for offer in self.offers if offer.id != DO_NOTHING)
        return tuple(sorted(real, key=lambda offer: (offer.worst_case_cost, offer.id)))

    def names(self, language: str) -> dict[str, str]:
        """Return the name of every measure by its id."""
        return {offer.id: getattr(offer.name, language) for offer in self.measures}
