"""Which candidate is chosen, and how sure one can be that it is better than another."""

from dataclasses import dataclass, replace
from math import nan

import numpy as np
import pandas as pd
from scipy.stats import t as student

from oneclick.modelling.evaluation import NestedScores
from oneclick.modelling.metrics import WITHIN_UNIT, Metric
from oneclick.modelling.parameters import Candidates
from oneclick.modelling.significance import SIGNIFICANT, holm

CHOICE_METRIC = "roc_auc"


@dataclass(frozen=True)
class Interval:
    """A mean over folds, its 95 % interval and the p-value of a true mean of zero."""

    mean: float
    std_error: float
    low: float
    high: float
    p_value: float

    def within_unit(self) -> "Interval":
        """Return the interval of a figure that lies in 0..1, without what lies outside.

        Student's interval overshoots where folds are small. Cutting it leaves the coverage as it
        is and the mean where the folds have it, which the logit scale would move.
        """
        low, high = np.clip([self.low, self.high], 0, 1).tolist()
        return replace(self, low=low, high=high)


def corrected_interval(values: np.ndarray, test_share: float) -> Interval:
    """Return the mean of figures of repeated cross-validation with an honest interval.

    Training sets overlap, so folds are not independent: the variance is multiplied by
    1/J + n_test/n_train instead of 1/J (Nadeau & Bengio 2003, the corrected resampled t-test).
    ``values`` holds one figure per outer fold of all repeats, NaN where a fold has none;
    ``test_share`` is n_test / n_train.
    """
    known = values[~np.isnan(values)]
    count = len(known)
    mean = float(known.mean()) if count else nan
    if count < 2:
        return Interval(mean, nan, nan, nan, nan)
    error = float(np.sqrt((1 / count + test_share) * known.var(ddof=1)))
    if error == 0:
        return Interval(mean, 0.0, mean, mean, float(mean == 0))
    reach = student.ppf(0.975, count - 1) * error
    p_value = float(2 * student.sf(abs(mean) / error, count - 1))
    return Interval(mean, error, mean - reach, mean + reach, p_value)


def tabulate_folds(scores: NestedScores, metrics: dict[str, Metric]) -> pd.DataFrame:
    """Return every figure of every outer fold: candidate, repeat, fold, metric, value."""
    rows = [
        (name, *divmod(number, scores.task.effort.folds), metric, value)
        for name in scores.probabilities
        for metric, figure in metrics.items()
        for number, value in enumerate(scores.by_fold(name, figure))
    ]
    return pd.DataFrame(rows, columns=["candidate", "repeat", "fold", "metric", "value"])


@dataclass(frozen=True)
class Choice:
    """Who was chosen and who was not.

    Attributes:
        champion: The candidate that is chosen.
        best: The candidate with the highest mean ROC-AUC.
        vetoed: Those close to the best that were ruled out for their log-loss, and the p-values.
    """

    champion: str
    best: str
    vetoed: dict[str, float]


def choose_champion(
    folds: pd.DataFrame, candidates: Candidates, rule: str, test_share: float
) -> Choice:
    """Choose by the mean ROC-AUC, or the plainest of those that are not clearly worse.

    A candidate is close to the best if its mean lies within one standard error of it. The error is
    that of the paired difference on the same folds, which is what the two compete on; the error of
    either mean alone is mostly the luck of the fold, common to both.

    Profit is expected by the probabilities themselves, of which the ROC-AUC sees the order only. So
    a close candidate is ruled out if its log-loss is significantly greater than the least of theirs
    (the same test, corrected by Holm).

    Args:
        folds: The table of `tabulate_folds`.
        candidates: All candidates.
        rule: ``best``, or ``one_standard_error``: of the close ones that are left, first those
            that are explained exactly, then the least complex, then the least log-loss.
        test_share: n_test / n_train.
    """
    areas, losses = (_by_candidate(folds, metric) for metric in (CHOICE_METRIC, "log_loss"))
    mean_losses = losses.mean()

    def gap_of(values: pd.DataFrame, greater: str, less: str) -> Interval:
        return corrected_interval((values[greater] - values[less]).to_numpy(), test_share)

    def is_close(name: str) -> bool:
        gap = gap_of(areas, best, name)
        return gap.mean <= gap.std_error

    def by_plainness(name: str) -> tuple[bool, int, float]:
        candidate = candidates[name]
        return candidate.explainable != "exact", candidate.complexity, mean_losses[name]

    best = str(areas.mean().idxmax())
    if rule == "best":
        return Choice(best, best, {})
    close = [best, *filter(is_close, areas.columns.drop(best))]
    least = min(close, key=mean_losses.__getitem__)
    others = [name for name in close if name != least]
    p_values = holm([gap_of(losses, name, least).p_value for name in others]).tolist()
    vetoed = {name: p for name, p in zip(others, p_values, strict=True) if p < SIGNIFICANT}
    left = [name for name in close if name not in vetoed]
    return Choice(min(left, key=by_plainness), best, vetoed)


def _by_candidate(folds: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Return one metric with a row per outer fold and a column per candidate, in their order."""
    chosen = folds[folds["metric"] == metric]
    index = ["repeat", "fold"]
    table = chosen.pivot(index=index, columns="candidate", values="value")  # noqa: PD010
    return table[chosen["candidate"].unique()]


def compare_candidates(
    folds: pd.DataFrame, candidates: Candidates, champion: str, test_share: float
) -> pd.DataFrame:
    """Return per candidate and metric the mean, its interval and the difference to the champion."""
    rows = []
    for metric in folds["metric"].unique():
        values = _by_candidate(folds, metric)
        for name in values.columns:
            own = corrected_interval(values[name].to_numpy(), test_share)
            own = own.within_unit() if metric in WITHIN_UNIT else own
            gap = corrected_interval((values[name] - values[champion]).to_numpy(), test_share)
            rows.append(
                {
                    "candidate": name,
                    "metric": metric,
                    "mean": own.mean,
                    "std_error": own.std_error,
                    "ci_low": own.low,
                    "ci_high": own.high,
                    "difference": gap.mean,
                    "p_value": nan if name == champion else gap.p_value,
                    "champion": name == champion,
                    "explainable": candidates[name].explainable,
                    "complexity": candidates[name].complexity,
                }
            )
    return pd.DataFrame(rows)
