"""The classes that customers are compared by."""

import pandas as pd

TARGET = "declined"
DECLINED, STEADY, UNLABELLED = "declined", "steady", "unlabelled"


def group_of(sample: pd.DataFrame) -> pd.Series:
    """Return each customer's class: ``declined``, ``steady``, ``unlabelled`` if it is empty."""
    known = sample[TARGET].astype("boolean")
    return known.map({True: DECLINED, False: STEADY}).astype("str").where(known.notna(), UNLABELLED)


def numeric_features(sample: pd.DataFrame) -> list[str]:
    """Return the columns that hold quantities, in the table's order."""
    return [str(column) for column in sample.select_dtypes("number")]


def categorical_features(sample: pd.DataFrame) -> list[str]:
    """Return the columns that hold levels, consent among them and the target not."""
    others = {TARGET, *numeric_features(sample)}
    return [str(column) for column in sample if column not in others]
