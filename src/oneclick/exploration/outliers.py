"""Values that stand out, and values that cannot both be right."""

import pandas as pd

from oneclick.exploration.groups import MONTHS, count_cells, numeric_features

_GRID = 24


def find_outliers(sample: pd.DataFrame, fence_factor: float) -> pd.DataFrame:
    """Return how many values lie far outside the bulk of each numeric indicator.

    A fence stands ``fence_factor`` interquartile ranges outside each quartile (Tukey 1977); few
    extreme values do not move it.

    Returns:
        A table of `schemas.Outliers`.
    """
    rows = []
    for feature in numeric_features(sample):
        values = sample[feature].dropna()
        if values.empty:
            continue
        q1, q3 = values.quantile([0.25, 0.75])
        if q1 == q3:  # half of the values are one value: there is no spread to measure by
            q1, q3 = values.min(), values.max()
        low, high = q1 - fence_factor * (q3 - q1), q3 + fence_factor * (q3 - q1)
        below, above = int((values < low).sum()), int((values > high).sum())
        share = (below + above) / len(values)
        rows.append((feature, low, high, below, above, share, values.min(), values.max()))
    columns = ["feature", "low_fence", "high_fence", "below", "above", "share", "minimum",
               "maximum"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return table.sort_values(["share", "feature"], ascending=[False, True], ignore_index=True)


def compare_profit_with_revenue(sample: pd.DataFrame, profit_unit_rub: float) -> pd.DataFrame:
    """Return customers counted by mean monthly revenue and monthly profit, both in RUB.

    Profit above revenue is impossible for one customer; many of them mean that the unit of the
    profit column, or its reading as a month, is not what it is taken for.

    Returns:
        A table of `schemas.ProfitAgainstRevenue`.
    """
    revenue = sample[list(MONTHS["revenue"])].mean(axis="columns", skipna=False)
    profit = sample["monthly_profit"] * profit_unit_rub
    known = revenue.notna() & profit.notna()
    x, y = revenue[known].to_numpy(), profit[known].to_numpy()
    cells = count_cells(x, y, _GRID, {"implausible": y > x})
    cells.columns = cells.columns.str.replace("first", "revenue").str.replace("second", "profit")
    return cells
