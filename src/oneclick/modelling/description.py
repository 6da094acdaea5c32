"""What the champion's out-of-fold probabilities are worth, with intervals.

``p`` has a row per repeat of the cross-validation. Figures are means over the repeats, not figures
of the mean probability: that averages several models, so it flatters the one in service, a decision
tree by 0.01 (1 300 customers) to 0.03 (600) of ROC-AUC.
"""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import precision_recall_curve, roc_curve

from oneclick.modelling import metrics
from oneclick.modelling.calibration import (
    calibration_table,
    expected_calibration_error,
    simulate_chance,
)
from oneclick.modelling.evaluation import NestedScores
from oneclick.modelling.parameters import ContactEconomics, Judging

Figures = Callable[[np.ndarray, np.ndarray], dict[str, float]]  # by name, from classes and scores
_MOST_POINTS = 200  # points of a curve: more than a screen can show
_ENDS = [0.025, 0.975]  # quantiles at the ends of a 95 % interval


def resample(groups: np.ndarray, draws: int, seed: int) -> list[np.ndarray]:
    """Return bootstrap samples of rows; clones are drawn together, as they are no news."""
    random = np.random.default_rng(seed)
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    sizes = np.diff(starts, append=len(groups))
    samples = []
    for _ in range(draws):
        drawn = random.integers(len(starts), size=len(starts))
        taken = sizes[drawn]
        first = np.repeat(starts[drawn] - np.cumsum(taken) + taken, taken)
        samples.append(order[first + np.arange(len(first))])
    return samples


def with_intervals(
    figures: Figures, declined: np.ndarray, p: np.ndarray, samples: list[np.ndarray]
) -> dict[str, dict[str, float]]:
    """Return each figure's ``value``, ``low`` and ``high``: the 95 % interval of its bootstrap.

    Samples take the repeats in turn: as one model is in service, what sets repeats apart belongs
    into the interval.
    """
    turns = zip(samples, cycle(p), strict=False)
    drawn = pd.DataFrame([figures(declined[rows], q[rows]) for rows, q in turns])
    described = {}
    for name, value in pd.DataFrame([figures(declined, q) for q in p]).mean().items():
        low, high = np.nanquantile(drawn[name], _ENDS).tolist()
        described[str(name)] = {"value": float(value), "low": low, "high": high}
    return described


def describe_champion(
    scores: NestedScores, champion: str, economics: ContactEconomics
) -> dict[str, Any]:
    """Return every figure of the champion on customers it did not see; keys as in the report."""
    task, p = scores.task, scores.probabilities[champion]
    declined, threshold, capacity = task.declined, economics.threshold, economics.capacity
    samples = resample(task.groups, task.effort.bootstrap, task.seed)
    plain = {**metrics.FIGURES, "accuracy": metrics.accuracy}
    costs = (economics.value_at_stake, economics.incentive, economics.contact_cost)

    def measured(figures: Figures) -> dict[str, dict[str, float]]:
        return with_intervals(figures, declined, p, samples)

    return {
        "champion": champion,
        "customers": len(declined),
        "declined": int(declined.sum()),
        "prevalence": float(declined.mean()),
        "metrics": measured(lambda y, q: {name: figure(y, q) for name, figure in plain.items()}),
        "empc": float(np.mean([metrics.expected_maximum_profit(declined, q, *costs) for q in p])),
        "threshold": {"value": threshold, **economics.model_dump()},
        "at_threshold": measured(lambda y, q: _decisions(y, q, economics)),
        "confusion": measured(lambda y, q: _confusion(y, q > threshold)),
        "lift": {
            "share": capacity,
            **measured(lambda y, q: {"lift": metrics.lift(y, q, capacity)})["lift"],
            "ceiling": metrics.lift_ceiling(declined, capacity),
        },
    }


def _decisions(
    declined: np.ndarray, p: np.ndarray, economics: ContactEconomics
) -> dict[str, float]:
    contacted = p > economics.threshold
    found = (declined & contacted).sum()
    return {
        "precision": float(found / contacted.sum()) if contacted.any() else float("nan"),
        "recall": float(found / declined.sum()) if declined.any() else float("nan"),
        "accuracy": float(np.mean(declined == contacted)),
        "contacted_share": float(np.mean(contacted)),
    }


def _confusion(declined: np.ndarray, contacted: np.ndarray) -> dict[str, float]:
    return {
        "true_positive": float((declined & contacted).sum()),
        "false_positive": float((~declined & contacted).sum()),
        "false_negative": float((declined & ~contacted).sum()),
        "true_negative": float((~declined & ~contacted).sum()),
    }


def judge_calibration(
    declined: np.ndarray, p: np.ndarray, bins: int, seed: int
) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return the calibration error beside that of chance, and the bins with the band of chance."""
    error = expected_calibration_error(declined, p, bins)
    shares, errors = simulate_chance(p, bins, seed)
    low, high = np.quantile(shares, _ENDS, axis=0)
    most = float(np.quantile(errors, 0.95))
    facts = {
        "ece": error,
        "chance_p95": most,
        "bins": bins,
        "bias_shows": error > most,
    }
    return facts, calibration_table(declined, p, bins).assign(chance_low=low, chance_high=high)


def tabulate_curves(
    status: np.ndarray, probabilities: dict[str, np.ndarray], champion: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ROC, and precision by recall, of every candidate, thinned to what a figure shows.

    All repeats make one curve; ``status`` is the class of each customer.
    """
    roc, precision_recall = [], []
    for name, repeats in probabilities.items():
        head = {"candidate": name, "champion": name == champion}
        declined, p = np.tile(status, len(repeats)), repeats.ravel()
        false, true, threshold = roc_curve(declined, p, drop_intermediate=False)
        threshold[0] = np.nan
        rates = {"false_positive_rate": false, "true_positive_rate": true}
        roc.append(_thinned({**head, **rates, "threshold": threshold}))
        precision, recall, threshold = precision_recall_curve(declined, p)
        # By falling threshold, without the end that is made up.
        shares = {"recall": recall[-2::-1], "precision": precision[-2::-1]}
        precision_recall.append(_thinned({**head, **shares, "threshold": threshold[::-1]}))
    return pd.concat(roc, ignore_index=True), pd.concat(precision_recall, ignore_index=True)


def _thinned(columns: dict[str, Any]) -> pd.DataFrame:
    curve = pd.DataFrame(columns)
    points = np.linspace(0, len(curve) - 1, min(len(curve), _MOST_POINTS))
    return curve.iloc[points.round().astype(int)]


def tabulate_lift(
    declined: np.ndarray, p: np.ndarray, groups: np.ndarray, draws: int, seed: int
) -> pd.DataFrame:
    """Return what is found when the riskiest 5 %, 10 %, … of customers are taken."""
    shares = np.arange(1, 21) / 20
    samples = resample(groups, draws, seed)

    def by_share(y: np.ndarray, q: np.ndarray) -> dict[str, float]:
        return dict(zip(map(str, shares), metrics.lift(y, q, shares), strict=True))

    figures = pd.DataFrame(with_intervals(by_share, declined, p, samples))
    lifts, low, high = figures.loc[["value", "low", "high"]].to_numpy()
    ceiling = np.array([metrics.lift_ceiling(declined, share) for share in shares])
    return pd.DataFrame(
        {
            "share": shares,
            "lift": lifts,
            "low": low,
            # A sample with fewer declined has a higher ceiling than these customers have.
            "high": np.minimum(high, ceiling),
            "lift_ceiling": ceiling,
        }
    )


def tabulate_scores(declined: np.ndarray, p: np.ndarray) -> pd.DataFrame:
    """Return how many customers of each class have a probability in each 0.05-wide bin."""
    edges = np.linspace(0, 1, 21)
    bins = pd.DataFrame({"p_low": edges[:-1], "p_high": edges[1:]})
    counts = {kind: np.histogram(p[declined == kind], edges)[0] for kind in (False, True)}
    tables = [bins.assign(declined=kind, customers=count) for kind, count in counts.items()]
    return pd.concat(tables, ignore_index=True)[["declined", "p_low", "p_high", "customers"]]


def tabulate_groups(training_set: pd.DataFrame, p: np.ndarray, judging: Judging) -> pd.DataFrame:
    """Return how good the scores are within service tiers, tenures and favourite categories.

    Groups stand in alphabetical order, tenures from the youngest to the oldest customers.
    """
    declined = training_set["declined"].to_numpy(bool)
    rows = []
    for grouping, groups in _groupings(training_set, judging).items():
        for group in groups.cat.remove_unused_categories().cat.categories:
            inside = (groups == group).to_numpy()
            y, q = declined[inside], p[:, inside]
            area = low = high = np.nan
            if len(y) >= judging.smallest_group and min(y.sum(), (~y).sum()) >= 5:
                area = float(np.mean([metrics.roc_auc(y, each) for each in q]))
                low, high = metrics.roc_auc_interval(y, area)
            rows.append(
                {
                    "grouping": grouping,
                    "group": group,
                    "customers": len(y),
                    "declined": int(y.sum()),
                    "roc_auc": area,
                    "ci_low": low,
                    "ci_high": high,
                    "mean_predicted": float(q.mean()),
                    "observed_share": float(y.mean()),
                }
            )
    return pd.DataFrame(rows)


def _groupings(training_set: pd.DataFrame, judging: Judging) -> dict[str, pd.Series]:
    groupings = {
        name: training_set[name].astype("category")
        for name in ("service_tier", "favourite_category")
        if name in training_set
    }
    if "days_since_registration" in training_set:
        ends = judging.tenure_bands
        starts = [0, *(end + 1 for end in ends[:-1])]
        bands = [f"{low}–{high}" for low, high in zip(starts, ends, strict=True)]
        groupings["tenure"] = pd.cut(
            training_set["days_since_registration"],
            [-np.inf, *ends, np.inf],
            labels=[*bands, f"> {ends[-1]}"],
        )
    return groupings
