"""Which columns move together: phik, its significance, collinearity and joint pictures."""

import warnings
from itertools import combinations

import numpy as np
import pandas as pd

from oneclick.exploration.groups import (
    DECLINED,
    STEADY,
    TARGET,
    count_cells,
    group_of,
    numeric_features,
)
from oneclick.exploration.parameters import BEYOND_CHANCE

_EDGES = [f"{side}_{end}" for side in ("first", "second") for end in ("low", "high")]
_PICTURED = ["first", "second", *_EDGES, "customers", "declined_share"]
_BINS = 10  # what phik's published reference values are computed with


def correlate(sample: pd.DataFrame) -> pd.DataFrame:
    """Return phik of every pair of columns, the target among them, with its significance.

    phik (Baak et al. 2020) is 0 for unrelated columns and 1 for fully dependent ones, of any
    mixture of kinds and of any shape of dependence. Significance is the asymptotic one of the
    G-test, without simulation, hence exactly repeatable.

    Returns:
        A table of `schemas.Dependencies`.
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

    The factor is 1/(1 − R²) of the indicator's regression on the others, found from their
    correlations; above 5 linear coefficients become hard to tell apart. A correlation is that of
    the customers who have both values, and 0 where nobody has.

    Returns:
        A table of `schemas.Collinearity` without the columns ``left_out`` and those with fewer than
        two values; infinite for an indicator that others determine.
    """
    varied = _varied(sample[numeric_features(sample)].drop(columns=list(left_out)))
    correlation = varied.corr().fillna(0.0).to_numpy()
    factors = np.array([_vif(correlation, column) for column in range(len(correlation))])
    table = pd.DataFrame({"feature": varied.columns, "vif": factors})
    return table.sort_values(["vif", "feature"], ascending=[False, True], ignore_index=True)


def _vif(correlation: np.ndarray, column: int) -> float:
    others = np.arange(len(correlation)) != column
    with_others = correlation[others, column]
    explained = with_others @ np.linalg.pinv(correlation[np.ix_(others, others)]) @ with_others
    # correlations of different customers need not agree: R² may leave 0 to 1
    return float("inf") if explained > 1 - 1e-9 else 1 / (1 - max(explained, 0.0))


def picture_pairs(
    sample: pd.DataFrame, pairs: pd.DataFrame, drawn: int, left_out: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return where the declined lie in the planes of the most dependent pairs of indicators.

    The first ``drawn`` pairs of `correlate` are pictured, those with a column ``left_out`` and
    those whose dependence may be chance skipped.

    Returns:
        ``first``, ``second``, the cell's edges ``first_low`` … ``second_high``, ``customers`` and
        ``declined_share`` (of those with a known class, if any); empty cells are left out.
    """
    groups = group_of(sample).to_numpy()
    pictured = set(numeric_features(sample)) - set(left_out)
    both = pairs[pairs["first"].isin(pictured) & pairs["second"].isin(pictured)]
    both = both[both["significance"] >= BEYOND_CHANCE]
    if both.empty:
        return pd.DataFrame(columns=_PICTURED)
    pictures = []
    for first, second in both[["first", "second"]].head(drawn).itertuples(index=False):
        known = sample[[first, second]].notna().all(axis="columns").to_numpy()
        (x, x_edges), (y, y_edges) = (_clipped(sample.loc[known, name]) for name in (first, second))
        parts = {group: groups[known] == group for group in (DECLINED, STEADY)}
        cells = count_cells(x, y, (x_edges, y_edges), parts)
        of_known_class = cells.pop(STEADY) + cells[DECLINED]
        cells["declined_share"] = cells.pop(DECLINED) / of_known_class  # NaN where there is nobody
        cells.insert(0, "first", first)
        cells.insert(1, "second", second)
        pictures.append(cells)
    return pd.concat(pictures, ignore_index=True)


def _clipped(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    low, high = values.quantile([0.005, 0.995])
    edges = np.linspace(low, high if high > low else low + 1, _BINS + 1)
    return values.clip(edges[0], edges[-1]).to_numpy(), edges
