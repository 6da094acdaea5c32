"""Words and numbers as people of one language read them."""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from oneclick.texts import Language, label, load_texts, plural_form

NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
DASH = "—"
ROUBLE = "₽"


class Figure(str):
    """A number as people read it, which a table sorts by what it was."""

    order: float | None

    def __new__(cls, text: str, order: float | None) -> Self:
        """Return the text; a number that is missing or no number has no order."""
        figure = super().__new__(cls, text)
        figure.order = None if order is None or math.isnan(order) else order
        return figure


@dataclass(frozen=True)
class Words:
    """The texts of one subject, a file such as ``report``, and numbers as its language has them."""

    subject: str
    language: Language
    profit_unit: str = ""

    def __call__(self, key: str, **values: object) -> str:
        """Return the text under a dotted key, with values put in."""
        return bind(str(self.entry(key)).format(**values))

    def entry(self, key: str) -> Any:
        """Return whatever stands under a dotted key: a text, a list or a group of texts."""
        found: Any = load_texts(self.subject, self.language)
        for part in key.split("."):
            found = found[part]
        return found

    def column(self, name: str) -> str:
        """Return a column's name for people; the name itself if it has none."""
        return label(name, self.language)

    def table(self, name: str) -> str:
        """Return a table's name for people; the name itself if it has none."""
        return str(load_texts("report", self.language)["tables"].get(name, name))

    def quoted(self, column: str) -> str:
        """Return a column's name for people in quotation marks."""
        return self("quoted", text=self.column(column))

    def unit(self, name: str) -> str:
        """Return a column's unit, empty if it has none."""
        if name == "monthly_profit":
            return self.profit_unit
        return str(load_texts("columns", self.language).get(name, {}).get("unit", ""))

    def unsaid_unit(self, name: str) -> str:
        """Return a column's unit unless its name for people says it, as in ``pages per visit``."""
        unit = self.unit(name)
        return "" if unit.rstrip(".").lower() in self.column(name).lower() else unit

    def candidate(self, name: str) -> str:
        """Return a model's name for people; the name itself if it has none."""
        return str(load_texts("models", self.language)["candidates"].get(name, name))

    def number(self, value: float | None, digits: int = 0, sign: bool = False) -> Figure:
        """Return a number with grouped thousands; a dash for a missing one."""
        if value is None or math.isnan(value):
            return Figure(DASH, None)
        text = f"{value:{'+' if sign else ''},.{digits}f}"
        if text.strip("-+0.,") == "":
            text = text.lstrip("-+")  # no minus zero
        text = text.replace("-", MINUS)
        if self.language == "ru":
            text = text.replace(",", NARROW_SPACE).replace(".", ",")
        return Figure(text, value)

    def share(self, value: float | None, digits: int = 0, sign: bool = False) -> Figure:
        """Return a share 0..1 in per cent; a dash for a missing one."""
        percent = self.number(None if value is None else 100 * value, digits, sign)
        mark = "%" if self.language == "en" else f"{SPACE}%"
        return Figure(percent if percent == DASH else percent + mark, value)

    def money(self, value: float | None) -> Figure:
        """Return an amount in roubles."""
        return self._in_roubles(self.number(value), value)

    def round_money(self, value: float | None) -> Figure:
        """Return an amount in roubles, in thousands or millions where it is large."""
        if value is None or math.isnan(value) or abs(value) < 10_000:
            return self.money(value)
        scale, word = (1e6, "million") if abs(value) >= 999_500 else (1e3, "thousand")
        scaled = value / scale
        number = self.number(scaled, 0 if abs(scaled) >= 100 else 1)
        return self._in_roubles(number + self._scale(word), value)

    def millions(self, value: float, digits: int = 0) -> Figure:
        """Return a number that is given in millions, with the word for them unless it is 0."""
        number = self.number(value, digits)
        return Figure(number + self._scale("million") if value else number, 1e6 * value)

    def _scale(self, word: str) -> str:
        return str(load_texts("report", self.language)["numbers"][word])

    def _in_roubles(self, number: str, value: float | None) -> Figure:
        if number == DASH:
            return Figure(DASH, None)
        if self.language == "ru":
            return Figure(f"{number}{SPACE}{ROUBLE}", value)
        sign = MINUS if number[0] == MINUS else ""
        return Figure(f"{sign}{ROUBLE}{number.removeprefix(sign)}", value)

    def interval(self, low: float, high: float, digits: int = 3) -> Figure:
        """Return an interval of two numbers."""
        return _range(self.number(low, digits), self.number(high, digits), low)

    def money_range(self, low: float, high: float) -> Figure:
        """Return an interval of two amounts in roubles."""
        first = self.money(low) if self.language == "en" else self.number(low)
        return _range(first, self.money(high), low)

    def share_range(self, low: float, high: float, digits: int = 0) -> Figure:
        """Return an interval of two shares 0..1 in per cent."""
        return _range(self.number(100 * low, digits), self.share(high, digits), low)

    def value(self, feature: str, value: float, level: object = None) -> str:
        """Return what a customer has in a feature: a level, or a number with its unit."""
        if isinstance(level, str):
            return plain(level, 40)
        return self.values(feature, [value])[0]

    def values(self, feature: str, values: Sequence[float], means: bool = False) -> list[str]:
        """Return numbers of a feature that stand side by side, all with as many decimals.

        Means have one even where all of them are whole, for that is chance; from 100 on none has.
        """
        if is_share(feature):
            return [self.share(value) for value in values]
        large = any(abs(value) >= 100 for value in values)
        whole = not means and all(float(value).is_integer() for value in values)
        return [self._with_unit(feature, value, 0 if large or whole else 1) for value in values]

    def _with_unit(self, feature: str, value: float, digits: int) -> str:
        text, unit = self.number(value, digits), self.unsaid_unit(feature)
        if unit == ROUBLE:
            return self._in_roubles(text, value)
        return f"{text}{SPACE}{unit}".strip()

    def group(self, grouping: str, name: object) -> str:
        """Return what a group of customers is called, a band of days among them."""
        if grouping != "tenure":
            return plain(name)
        if longest := re.fullmatch(r"> (\d+)", str(name)):
            least = self.count(int(longest[1]) + 1, "days")
            return self("charts.groups.longest", least=least)
        return self("charts.groups.days", band=name)

    def count(self, number: float, noun: str, digits: int = 0) -> str:
        """Return a number with its noun in the right form, such as ``21 клиент``.

        With decimals a noun has the form that follows «two»: ``21,0 клиента``.
        """
        forms = load_texts("report", self.language)["plurals"][noun]
        form = 1 if digits else plural_form(round(number), self.language)
        return f"{self.number(number, digits)}{SPACE}{forms[form]}"


def is_share(feature: str) -> bool:
    """Return whether a feature's values are shares, which people read in per cent."""
    return feature.endswith("_share")


def _range(low: str, high: str, order: float) -> Figure:
    """A range with a dash, which spaces keep apart from a minus and from the bars of a rouble."""
    space = SPACE if MINUS in low or high.startswith(ROUBLE) else ""
    return Figure(f"{low}{space}–{space}{high}", order)


def bind(text: str) -> str:
    """Keep on one line what belongs together.

    That is a number and its unit, a dash and the word before it, a short Russian word, mostly a
    preposition, and the word after it. Thousands are grouped as in every number of ours.
    """
    text = re.sub(r"(?<=\d)[ \u00a0](?=\d{3}(?!\d))", NARROW_SPACE, text)
    return re.sub(
        r"(?<=\d) (?=[%₽\d]|п\.)|(?<=п\.) (?=п\.)| (?=—)|(?<=\b[а-яё]) |(?<=\b[а-яё]{2}) ",
        SPACE,
        text,
        flags=re.IGNORECASE,
    )


def plain(text: object, width: int = 60) -> str:
    """Return a text of the data on one line, without control characters, at most ``width`` long."""
    printable = "".join(c if unicodedata.category(c) != "Cc" else " " for c in str(text))
    line = bind(" ".join(printable.split()))
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"
