"""Settings of training, choosing and judging the model; values are in ``conf``."""

from typing import Any, Literal, Self

from pydantic import Field, RootModel, model_validator

from oneclick.errors import OneclickError
from oneclick.parameters import Parameters

# The key, the label, the consent and the profit: none may tell the model anything.
NEVER_FEATURES = frozenset({"customer_id", "declined", "allows_contact", "monthly_profit"})


class Features(Parameters):
    """Which columns of ``customers`` the model may see."""

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    current_month: tuple[str, ...] = Field(description="known only for the month being scored")
    use_current_month: bool = True

    @model_validator(mode="after")
    def _refuse_forbidden(self) -> Self:
        named = [*self.numeric, *self.categorical]
        forbidden = sorted(NEVER_FEATURES.intersection(named))
        if forbidden:
            raise OneclickError(
                f"features names {', '.join(forbidden)}, which must never be a feature (key, "
                "label, consent and profit). Remove it from conf/base/data_science/parameters.yml."
            )
        twice = sorted({name for name in named if named.count(name) > 1})
        stray = sorted(set(self.current_month).difference(named))
        if twice or stray:
            raise OneclickError(
                f"features: named twice: {twice}; in current_month but in no list: {stray}. "
                "Mend conf/base/data_science/parameters.yml."
            )
        return self

    @property
    def used_numeric(self) -> list[str]:
        """The numeric columns that the model sees."""
        return [name for name in self.numeric if self._is_used(name)]

    @property
    def used_categorical(self) -> list[str]:
        """The categorical columns that the model sees."""
        return [name for name in self.categorical if self._is_used(name)]

    @property
    def names(self) -> list[str]:
        """All columns that the model sees, numeric ones first."""
        return self.used_numeric + self.used_categorical

    def without_current_month(self) -> "Features":
        """Return the same features less those of the current month."""
        return self.model_copy(update={"use_current_month": False})

    def _is_used(self, name: str) -> bool:
        return self.use_current_month or name not in self.current_month


class Training(Parameters):
    """How many customers are trained on; more are sampled, fewer are refused."""

    max_rows: int = Field(gt=0)
    min_rows: int = Field(gt=0)
    min_class_rows: int = Field(gt=0, description="fewest customers of the rarer class")
    seed: int = Field(ge=0, lt=2**32, description="as scikit-learn takes it")


class Candidate(Parameters):
    """One model that takes part: an estimator with its search space, or a vote of others."""

    estimator: str = Field(description="dotted path of a scikit-learn-like classifier")
    parameters: dict[str, Any] = Field(default_factory=dict)
    search: dict[str, list[Any]] = Field(default_factory=dict)
    columns: Literal["standard", "splines"] = "standard"
    members: tuple[str, ...] = Field(default=(), description="candidates that a vote averages")
    explainable: Literal["exact", "sampled"]
    complexity: int


class Candidates(RootModel[dict[str, Candidate]]):
    """All candidates by name; members of a vote are named candidates themselves."""

    @model_validator(mode="after")
    def _know_members(self) -> Self:
        for name, candidate in self.root.items():
            unknown = [member for member in candidate.members if member not in self.plain]
            if unknown:
                raise OneclickError(
                    f"candidates: the vote {name} has the members {unknown}, which are no plain "
                    f"candidates. Known: {', '.join(self.root)}."
                )
        return self

    def __getitem__(self, name: str) -> Candidate:
        return self.root[name]

    @property
    def plain(self) -> dict[str, Candidate]:
        """The candidates with an estimator of their own."""
        return {name: each for name, each in self.root.items() if not each.members}

    @property
    def votes(self) -> dict[str, Candidate]:
        """The candidates that average others."""
        return {name: each for name, each in self.root.items() if each.members}


class Effort(Parameters):
    """How much is computed."""

    folds: int = Field(ge=2, description="outer folds")
    repeats: int = Field(ge=1, description="times the outer folds are drawn anew")
    inner_folds: int = Field(ge=2, description="folds of search and calibration, inside a fold")
    search_size: int = Field(ge=1, description="most settings tried per candidate")
    bootstrap: int = Field(ge=100, description="resamples behind the intervals of the champion")
    background: int = Field(ge=2, description="most customers that an explanation compares with")


class Choice(Parameters):
    """How candidates are compared and the champion is chosen."""

    effort: str
    efforts: dict[str, Effort]
    rule: Literal["one_standard_error", "best"]
    leak_limit: float = Field(gt=0.5, le=1, description="a ROC-AUC surely above it is a leak")
    processes: int = Field(ge=1)

    @model_validator(mode="after")
    def _know_effort(self) -> Self:
        if self.effort not in self.efforts:
            raise OneclickError(
                f"effort is '{self.effort}'; choose one of {', '.join(self.efforts)}, "
                "for example: kedro run --params effort=quick"
            )
        return self

    @property
    def chosen_effort(self) -> Effort:
        """The effort of this run."""
        return self.efforts[self.effort]


class ContactEconomics(Parameters):
    """What contacting one customer costs and may bring; all money in RUB.

    ``save_rate`` is an assumption until a campaign has measured it.
    """

    value_at_stake: float = Field(gt=0, description="profit lost if the customer declines")
    save_rate: float = Field(gt=0, le=1, description="share of decliners whom the offer keeps")
    incentive: float = Field(ge=0, description="cost of the offer when redeemed")
    redemption: float = Field(ge=0, le=1, description="share of steady customers who redeem")
    contact_cost: float = Field(ge=0)
    capacity: float = Field(gt=0, le=1, description="share of customers that can be contacted")

    @property
    def threshold(self) -> float:
        """Least probability that pays: p* = (f + ρd) / (γ(V − d) + ρd)."""
        wasted = self.redemption * self.incentive
        return (self.contact_cost + wasted) / (self.gain + wasted)

    @property
    def gain(self) -> float:
        """Expected gain from contacting a customer who would decline: γ(V − d), RUB."""
        return self.save_rate * (self.value_at_stake - self.incentive)


class Judging(Parameters):
    """How finely the champion is described."""

    calibration_bins: int = Field(ge=2)
    tenure_bands: tuple[int, ...] = Field(description="upper ends in days")
    smallest_group: int = Field(ge=10, description="smaller groups get no ROC-AUC")
    learning_curve_sizes: tuple[int, ...]
    permutation_repeats: int = Field(ge=1)


class Explaining(Parameters):
    """How many customers are explained in full, and what the others get."""

    exact_customers: int = Field(ge=2, description="most customers to explain against each other")
    most_customers: int = Field(
        ge=2, description="most customers to explain at all; of more, the most rewarding"
    )
    bulk_background: int = Field(ge=2, description="background rows of models without a fast form")
    points: int = Field(ge=1, description="most customers in a figure")
