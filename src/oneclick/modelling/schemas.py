"""What the tables of training and scoring promise."""

import ibis.expr.datatypes as dt

from oneclick.tables.schemas import Figures, Table, described, proportion

_CANDIDATE = "A key of `candidates`."
_LOW, _HIGH = "Lower end of the 95 % interval.", "Upper end of the 95 % interval."


class DeclineScores(Table):
    """One row per customer, ordered by id: the probability that activity declines."""

    customer_id: dt.Int64 = described("Key.")
    p_decline: dt.Float64 = proportion("Calibrated probability of decline.")
    score_source: dt.String = described(
        "Scored by models that had not seen the customer, by the one model in service, or by that "
        "model though it learned from an earlier month of this customer.",
        isin=["out_of_fold", "model", "in_sample"],
    )


class ModelComparison(Figures):
    """One row per candidate and figure of merit, over all outer folds."""

    candidate: str = described(_CANDIDATE)
    metric: str = described("Figure of merit; roc_auc decides, log_loss may rule out.")
    mean: float = described("Mean over the folds.", "of the metric")
    std_error: float = described("Corrected for overlapping folds (Nadeau & Bengio 2003).",
                              "of the metric", nullable=True)  # fmt: skip
    ci_low: float = described(_LOW, "of the metric", nullable=True)
    ci_high: float = described(_HIGH, "of the metric", nullable=True)
    difference: float = described("From the champion.", "of the metric")
    p_value: float = proportion("Of that difference; empty for the champion itself.")
    champion: bool = described("Whether this candidate was chosen.")
    explainable: str = described("Its Shapley values.", isin=["exact", "sampled"])
    complexity: int = described("Rank of plainness; 1 is the plainest.", ge=1)


class RocCurve(Figures):
    """Points of the ROC curve of every candidate, at most 200 each."""

    candidate: str = described(_CANDIDATE)
    champion: bool = described("Whether this candidate was chosen.")
    false_positive_rate: float = proportion("Steady customers above the threshold, of all steady.")
    true_positive_rate: float = proportion("Declined customers above it, of all declined.")
    threshold: float = proportion("Probability; empty at the curve's beginning.")


class PrecisionRecallCurve(Figures):
    """Points of precision by recall of every candidate, at most 200 each."""

    candidate: str = described(_CANDIDATE)
    champion: bool = described("Whether this candidate was chosen.")
    recall: float = proportion("Declined customers above the threshold, of all declined.")
    precision: float = proportion("Declined customers among those above the threshold.")
    threshold: float = proportion("Probability.")


class LearningCurve(Figures):
    """ROC-AUC of the champion by the number of customers it learns from."""

    customers: int = described("Customers in training.", ge=1)
    mean: float = proportion("ROC-AUC.")
    ci_low: float = described(_LOW, nullable=True)
    ci_high: float = described(_HIGH, nullable=True)


class Calibration(Figures):
    """Predicted and observed declines in bins of equally many customers."""

    bin: int = described("Number of the bin, the lowest probability first.", ge=0)
    customers: int = described("Customers in the bin.", ge=1)
    mean_predicted: float = proportion("Mean probability.")
    observed_share: float = proportion("Share of declined customers.")
    chance_low: float = proportion(
        "What perfect calibration would show at least, in 95 of 100 cases."
    )
    chance_high: float = proportion("What perfect calibration would show at most.")


class ScoreDistribution(Figures):
    """Customers by class and probability, in bins 0.05 wide."""

    declined: bool = described("Class.")
    p_low: float = proportion("Lower edge of the bin.")
    p_high: float = proportion("Upper edge of the bin.")
    customers: int = described("Customers in the bin.", ge=0)


class LiftTable(Figures):
    """What is found when the riskiest 5 %, 10 %, … of customers are taken."""

    share: float = proportion("Of the customers, taken by falling probability.")
    lift: float = described("Times as many as among customers taken at random.", "times", ge=0)
    low: float = described(_LOW, "times")
    high: float = described(_HIGH, "times")
    lift_ceiling: float = described("What a perfect order would reach: min(1/π, 1/k).", "times")


class GroupMetrics(Figures):
    """How good the probabilities are within groups of customers."""

    grouping: str = described("What the groups are made by; tenure is in days.",
                           isin=["service_tier", "favourite_category", "tenure"])  # fmt: skip
    group: str = described("The group.")
    customers: int = described("Customers in the group.", ge=1)
    declined: int = described("Declined among them.", ge=0)
    roc_auc: float = proportion("Empty where the group is too small.")
    ci_low: float = described(_LOW, nullable=True)
    ci_high: float = described(_HIGH, nullable=True)
    mean_predicted: float = proportion("Mean probability.")
    observed_share: float = proportion("Share of declined customers.")


class PermutationImportance(Figures):
    """How much ROC-AUC is lost when a feature is shuffled, on customers not seen."""

    feature: str = described("Feature, named as a column of `customers`.")
    mean: float = described("ROC-AUC lost, mean over the folds.")
    ci_low: float = described(_LOW, nullable=True)
    ci_high: float = described(_HIGH, nullable=True)
