"""The plain pandas version of «four tables become one row per customer», to compare with.

    python -m benchmarks.features_in_pandas FOLDER TARGET

It checks nothing and notes nothing: types are guessed, faulty rows would stop it.
"""

import sys
from pathlib import Path

import pandas as pd

from oneclick.sample.shop import MINUTES, REVENUE


def months(path: Path, columns: dict[str, str]) -> pd.DataFrame:
    """Return one row per customer and one column per month."""
    table = pd.read_csv(path)
    value = table.columns[2]
    table = table[table["Период"].isin(columns)]
    wide = table.pivot_table(index="id", columns="Период", values=value, aggfunc="max")
    return wide.rename(columns=columns).reset_index()


def main(folder: Path, target: Path) -> None:
    """Read, pivot, merge, write."""
    customers = pd.read_csv(folder / "market_file.csv")
    customers = customers.merge(months(folder / "market_money.csv", REVENUE), on="id")
    customers = customers.merge(months(folder / "market_time.csv", MINUTES), on="id")
    profit = pd.read_csv(folder / "money.csv", sep=";", decimal=",")
    customers.merge(profit, on="id").sort_values("id").to_parquet(target, index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
