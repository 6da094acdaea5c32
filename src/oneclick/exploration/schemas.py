"""What the tables of the exploration promise."""

from oneclick.tables.schemas import Figures, described, proportion

_FEATURE = "Indicator, named as a column of `customers`."


class MonthlyMeans(Figures):
    """Mean revenue and minutes on the site by month and class."""

    indicator: str = described("What is averaged.", isin=["revenue", "minutes"])
    feature: str = described(_FEATURE)
    month: int = described("0 is the current one, −1 the one before.", le=0)
    group: str = described("Class of the customers.", isin=["declined", "steady", "unlabelled"])
    customers: int = described("Customers of known value.", ge=0)
    mean: float = described("Their mean.", "RUB or minutes", nullable=True)
    low: float = described("Lower end of its 95% interval.", "RUB or minutes", nullable=True)
    high: float = described("Upper end.", "RUB or minutes", nullable=True)


class Dependencies(Figures):
    """How strongly two columns depend on each other, the strongest pair first."""

    first: str = described(_FEATURE)
    second: str = described(_FEATURE)
    phik: float = proportion("Correlation of any kind and shape (Baak et al. 2020).")
    significance: float = described(
        "Of the G-test; above 5 chance is out of the question.", "standard deviations",
        nullable=True,
    )  # fmt: skip


class Collinearity(Figures):
    """How far an indicator follows from the others, the largest first."""

    feature: str = described(_FEATURE)
    vif: float = described("Variance inflation 1/(1 − R²); above 5 coefficients blur.", ge=1)


class Outliers(Figures):
    """Values far outside the bulk of an indicator, the most frequent first."""

    feature: str = described(_FEATURE)
    low_fence: float = described("Below it lies an outlier (Tukey 1977).", "of the indicator")
    high_fence: float = described("Above it lies an outlier.", "of the indicator")
    below: int = described("Customers below the fence.", ge=0)
    above: int = described("Customers above the fence.", ge=0)
    share: float = proportion("Of the customers whose value is known, those outside.")
    minimum: float = described("Least value.", "of the indicator")
    maximum: float = described("Greatest value.", "of the indicator")


class ProfitAgainstRevenue(Figures):
    """Customers counted by mean monthly revenue and monthly profit."""

    revenue_low: float = described("Lower edge of the cell.", "RUB")
    revenue_high: float = described("Upper edge of the cell.", "RUB")
    profit_low: float = described("Lower edge of the cell.", "RUB")
    profit_high: float = described("Upper edge of the cell.", "RUB")
    customers: int = described("Customers in the cell.", ge=1)
    implausible: int = described("Those of them whose profit exceeds their revenue.", ge=0)
