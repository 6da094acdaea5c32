"""What tables say that more than one place of the report tells."""

from typing import NamedTuple

from oneclick.annotations import DataFrame
from oneclick.texts.words import Figure, Words


class RevenueChange(NamedTuple):
    """Relative changes of mean revenue from the first of the months to the current one."""

    declined: float
    steady: float

    def told(self, words: Words) -> dict[str, str]:
        """Return both changes in words, for a text to put in."""
        return {
            "changed": _told(self.declined, words),
            "others_changed": _told(self.steady, words),
        }


def _told(change: float, words: Words) -> str:
    way = "down" if change < 0 else "up"
    return words(f"charts.months.changed.{way}", share=words.share(abs(change)))


def revenue_change(months: DataFrame) -> RevenueChange | None:
    """Return how revenue changed; nothing unless both classes are known."""
    revenue = months[months["indicator"] == "revenue"]
    means = revenue.pivot_table(index="group", columns="month", values="mean")
    if not {"declined", "steady"} <= set(means.index):
        return None
    change = means.iloc[:, -1] / means.iloc[:, 0] - 1
    return RevenueChange(float(change["declined"]), float(change["steady"]))


def write_merit(name: str, metric: dict[str, float], words: Words) -> list[Figure]:
    """Return a measure of quality and its interval; accuracy is a share of the answers."""
    low, high = metric["low"], metric["high"]
    if name == "accuracy":
        return [words.share(metric["value"], 1), words.share_range(low, high, 1)]
    return [words.number(metric["value"], 3), words.interval(low, high)]
