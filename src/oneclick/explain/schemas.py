"""What the tables of explanations promise."""

import ibis.expr.datatypes as dt

from oneclick.tables.schemas import Figures, Table, described, proportion

_FEATURE = "Feature, named as a column of `customers`."
_CONTRIBUTION = "Shapley value of the feature."
_LOG_ODDS = "log-odds"


class DeclineReasons(Table):
    """One row per customer, ordered by id: what raises the score most. No causes."""

    customer_id: dt.Int64 = described("Key.")
    reason_1: dt.String = described(_FEATURE, nullable=True)
    contribution_1: dt.Float64 = described(_CONTRIBUTION, _LOG_ODDS, gt=0, nullable=True)
    reason_2: dt.String = described(_FEATURE, nullable=True)
    contribution_2: dt.Float64 = described(_CONTRIBUTION, _LOG_ODDS, gt=0, nullable=True)
    reason_3: dt.String = described(_FEATURE, nullable=True)
    contribution_3: dt.Float64 = described(_CONTRIBUTION, _LOG_ODDS, gt=0, nullable=True)


class FeatureImportance(Figures):
    """How much each feature moves the score, the most first."""

    feature: str = described(_FEATURE)
    mean_absolute: float = described("Mean size of its Shapley value.", _LOG_ODDS, ge=0)


class ExplanationPoints(Figures):
    """Values and contributions of some customers, without ids, for charts."""

    point: int = described("Number of the customer in this table.", ge=0)
    feature: str = described(_FEATURE)
    value: float = described("Value of a numeric feature.", "of the indicator", nullable=True)
    level: str = described("Value of a categorical feature.", nullable=True)
    contribution: float = described(_CONTRIBUTION, _LOG_ODDS)


class WorkedExamples(Figures):
    """Up to three customers without ids, each with every feature's contribution."""

    which: str = described(
        "Which one.", alias="example", isin=["already_declined", "early_warning", "safe"]
    )
    p_decline: float = proportion("Out-of-fold probability of decline.")
    monthly_profit: float = described("Mean profit a month.", "`profit_unit`")
    declined: bool = described("Class.")
    base: float = described("Mean score of all customers.", _LOG_ODDS)
    feature: str = described(_FEATURE)
    value: float = described("Value of a numeric feature.", "of the indicator", nullable=True)
    level: str = described("Value of a categorical feature.", nullable=True)
    contribution: float = described(_CONTRIBUTION, _LOG_ODDS)
    typical: float = described("Median of all customers.", "of the indicator", nullable=True)
