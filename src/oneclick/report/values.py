from typing import Any

import pandas as pd

from oneclick.report.words import SPACE, Words, plain


def value_of(row: dict[Any, Any], words: Words, key: str = "value") -> str:
    """Return a feature's value as people read it, with its unit."""
    if row["level"] is not None and not pd.isna(row["level"]):
        return plain(row["level"], 40)
    value = float(row[key])
    if str(row["feature"]).endswith("_share"):
        return words.share(value)
    text = words.number(value, 0 if value == round(value) or abs(value) >= 100 else 1)
    return f"{text}{SPACE}{words.unit(str(row['feature']))}".strip()
