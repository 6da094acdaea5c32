"""Which columns move together: phik, its significance, collinearity and joint pictures."""

import warnings
from itertools import combinations

import numpy as np
import pandas as pd

from oneclick.exploration.groups import DECLINED, STEADY, TARGET, group_of, numeric_features

_BINS = 10  # what phik's published reference values are computed with


def correlate(sample: pd.DataFrame) -> pd.DataFrame:
    """Return phik of every pair of columns, the target among them, with its significance.

    phik (Baak et al. 2020) is 0 for unrelated columns and 1 for fully dependent ones, of any
    mixture of kinds and of any shape of dependence. Significance is the asymptotic one of the
    G-test, without simulation, hence exactly repeatable.

    Returns:
        Strongest first: ``first``, ``second``, ``phik`` (0..1), ``significance`` (standard
        deviations of a normal distribution; above 5 chance is out of the question).
    """
    from phik.binning import auto_bin_data

    table = sample.assign(**{TARGET: group_of(sample)})
    varied = _varied(table)
    numeric = [column for column in numeric_features(sample) if column in varied]
    levels = {str(name): varied[name].astype("str") for name in varied if name not in numeric}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # phik warns about sparse cells of every pair
        binned, _ = auto_bin_data(varied.assign(**levels), numeric, bins=_BINS, verbose=False)
        bins = {str(name): pd.factorize(column, sort=True)[0] for name, column in binned.items()}
        rows = [(*pair, *_tie(bins[pair[0]], bins[pair[1]])) for pair in combinations(bins, 2)]
    pairs = pd.DataFrame(rows, columns=["first", "second", "phik", "significance"])
    ascending = [False, True, True]
    return pairs.sort_values(["phik", "first", "second"], ascending=ascending, ignore_index=True)


def _tie(first: np.ndarray, second: np.ndarray) -> tuple[float, float]:
    """Return phik and the significance of two columns' bins, −1 where the value is missing.

    phik's own functions for tables count every pair twice, by means of pandas.
    """
    from phik.phik import phik_from_hist2d
    from phik.significance import significance_from_hist2d

    known = (first >= 0) & (second >= 0)
    counts = np.zeros((first.max() + 1, second.max() + 1))
    np.add.at(counts, (first[known], second[known]), 1)
    counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
    if min(counts.shape) < 2:
        return np.nan, np.nan
    _, significance = significance_from_hist2d(counts, significance_method="asymptotic")
    return phik_from_hist2d(counts), significance


def _varied(table: pd.DataFrame) -> pd.DataFrame:
    """Columns with at least two values; one value depends on nothing."""
    return table[[name for name in table if len(table[name].dropna().unique()) > 1]]


def inflate_variance(sample: pd.DataFrame, left_out: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return the variance inflation factor of every numeric indicator.

    The factor is 1/(1 − R²) of the indicator's regression on the others, read off the inverse of
    the correlation matrix; above 5 linear coefficients become hard to tell apart.

    Args:
        sample: Customers.
        left_out: Columns that are no features.

    Returns:
        ``feature``, ``vif``, largest first; infinite for an indicator that others determine.
    """
    numeric = sample[numeric_features(sample)].drop(columns=list(left_out)).dropna()
    varied = _varied(numeric)
    correlation = np.corrcoef(varied.to_numpy(), rowvar=False)
    if np.linalg.matrix_rank(correlation) < len(correlation):
        factors = np.array([_vif(correlation, column) for column in range(len(correlation))])
    else:
        factors = np.diag(np.linalg.inv(correlation))
    table = pd.DataFrame({"feature": varied.columns, "vif": factors})
    return table.sort_values(["vif", "feature"], ascending=[False, True], ignore_index=True)


def _vif(correlation: np.ndarray, column: int) -> float:
    others = np.arange(len(correlation)) != column
    with_others = correlation[others, column]
    explained = with_others @ np.linalg.pinv(correlation[np.ix_(others, others)]) @ with_others
    return float("inf") if explained > 1 - 1e-9 else 1 / (1 - explained)


def picture_pairs(
    sample: pd.DataFrame, pairs: pd.DataFrame, drawn: int, left_out: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return where the declined lie in the plane of the most dependent pairs of indicators.

    Args:
        sample: Customers.
        pairs: The table of `correlate`.
        drawn: How many pairs.
        left_out: Columns that are not pictured.

    Returns:
        ``first``, ``second``, the cell's edges ``first_low`` … ``second_high``, ``customers`` and
        ``declined_share`` (of those with a known class, if any); empty cells are left out.
    """
    groups = group_of(sample)
    pictured = set(numeric_features(sample)) - set(left_out)
    both = pairs[pairs["first"].isin(pictured) & pairs["second"].isin(pictured)]
    cells = []
    for first, second in both[["first", "second"]].head(drawn).itertuples(index=False):
        cells += _cells(sample, groups, first, second)
    edges = ["first_low", "first_high", "second_low", "second_high"]
    return pd.DataFrame(cells, columns=["first", "second", *edges, "customers", "declined_share"])


def _cells(sample: pd.DataFrame, groups: pd.Series, first: str, second: str) -> list[tuple]:
    known = sample[[first, second]].dropna()
    x, x_edges = _clipped(known[first])
    y, y_edges = _clipped(known[second])
    mine = groups.loc[known.index].to_numpy()
    total, declined, steady = (
        np.histogram2d(x[inside], y[inside], bins=(x_edges, y_edges))[0]
        for inside in (mine != "", mine == DECLINED, mine == STEADY)
    )
    with np.errstate(invalid="ignore"):  # a cell may hold nobody whose class is known
        share = declined / (declined + steady)
    return [
        (first, second, *x_edges[i : i + 2], *y_edges[j : j + 2], int(total[i, j]), share[i, j])
        for i, j in np.argwhere(total > 0)
    ]


def _clipped(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    low, high = values.quantile([0.005, 0.995])
    edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
    return values.clip(edges[0], edges[-1]).to_numpy(), edges
