"""Words for business people, Russian with their English twin, one file per subject."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

Language = Literal["ru", "en"]
# libyaml is many times as quick; every wheel of PyYAML has it.
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def load_texts(subject: str, language: Language) -> dict[str, Any]:
    """Return the texts of one subject (``columns``, ``report``, …) in one language.

    Args:
        subject: Name of a file in ``texts/<language>/``, without its ending.
        language: ``ru`` or ``en``.
    """
    path = Path(__file__).parent / language / f"{subject}.yml"
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  a safe one


def label(column: str, language: Language) -> str:
    """Return a column's name for people; the name itself if it has none."""
    return str(load_texts("columns", language).get(column, {}).get("label", column))


def decimal(number: str, language: Language) -> str:
    """Return a number that is written with a point with the decimal mark of the language."""
    return number.replace(".", ",") if language == "ru" else number


def plural_form(number: int, language: Language) -> int:
    """Return which of a noun's forms follows a number: one, few, many in Russian; one, many."""
    tens, ones = number % 100, number % 10
    if language == "en":
        return int(number != 1)
    return 2 if 11 <= tens <= 14 or not 1 <= ones <= 4 else int(ones != 1)
