"""What the report says of shops whose figures show nothing, or cannot be true."""

import re
from html import unescape
from typing import Any

import pytest

from oneclick.texts import Language
from tests.pipelines.test_exploration import fabricated_customers
from tests.pipelines.test_reporting import Page, tables, write_report


def write(made: dict[str, Any], language: Language = "en") -> dict[str, str]:
    """Return the words of each chapter of the report, by its anchor; figures have plain spaces."""
    page = write_report(made, language, "2026-10")
    chapters = re.findall(r'<section[^>]* id="(\w+)"(.*?)</section>', page, flags=re.DOTALL)
    words = {key: Page(f"<section {html}").words for key, html in chapters}
    return {key: re.sub(r"\s+", " ", text) for key, text in words.items()}


@pytest.fixture
def made() -> dict[str, Any]:
    return tables(fabricated_customers(), "en")


def test_a_model_without_a_signal_is_told_before_anything_else(made: dict[str, Any]) -> None:
    doubt = {"en": "Nothing shows that the model tells them apart."}
    made["champion_choice"] |= {"no_signal": True, "no_signal_message": doubt}

    told = write(made)

    alarm = f"It looks like guessing. {doubt['en']}"
    assert 0 < told["summary"].index(alarm) < told["summary"].index("Expected profit")
    assert 0 < told["models"].index(alarm) < told["models"].index("PR-AUC")
    assert doubt["en"] in told["card"]
    assert "No sign of a leak" not in told["card"]
