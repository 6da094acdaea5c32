"""What the synthetic shop is calibrated to: aggregates of the real export, in ``profile.yml``."""

from functools import cache
from pathlib import Path

import numpy as np
import yaml

from oneclick.parameters import Parameters


class Quirks(Parameters):
    """How many customers per ``per_customers`` carry each flaw of the export."""

    misspelt_tiers: int
    inactive: int
    revenue_outliers: int
    cloned: int


class Group(Parameters):
    """A share of all customers, of one class and one look; ``exceptions`` follow the other look."""

    declined: bool
    share: float
    look: str
    exceptions: tuple[str, ...]


class Look(Parameters):
    """Distributions of the indicators and the correlations of the normal scores behind them.

    An indicator is a list of shares (of its labels), a list of quantiles, or shares by value.
    ``latent_correlations`` is the lower triangle without the diagonal, row by row.
    """

    indicators: dict[str, tuple[float, ...] | dict[float, float]]
    latent_correlations: tuple[tuple[float, ...], ...]

    def mixing(self) -> np.ndarray:
        """Return the Cholesky factor that gives independent normals the correlations."""
        matrix = np.eye(len(self.indicators))
        for row, correlations in enumerate(self.latent_correlations, start=1):
            matrix[row, :row] = matrix[:row, row] = correlations
        return np.linalg.cholesky(matrix)


class PeriodOrder(Parameters):
    """An order in which the periods of a customer follow each other, and how many have it."""

    share: float
    periods: tuple[str, ...]


class Profile(Parameters):
    """Everything a synthetic shop is drawn from; see the comments of ``profile.yml``."""

    per_customers: int
    quirks: Quirks
    revenue_outlier_factor: int
    groups: dict[str, Group]
    labels: dict[str, tuple[str, ...]]
    allows_contact: float
    period_orders: dict[str, tuple[PeriodOrder, ...]]
    whole_rubles: dict[str, float]
    monthly_profit: tuple[float, ...]
    quantile_shares: tuple[float, ...]
    looks: dict[str, Look]


@cache
def load_profile() -> Profile:
    """Return the profile shipped with the package."""
    text = Path(__file__).with_name("profile.yml").read_text(encoding="utf-8")
    return Profile.model_validate(yaml.safe_load(text))
