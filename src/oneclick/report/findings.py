"""What tables say that more than one place of the report tells."""

from typing import Any, NamedTuple

from oneclick.annotations import DataFrame
from oneclick.texts.words import Figure, Words


class RevenueChange(NamedTuple):
    """Relative changes of mean revenue from the first of the months to the current one.

    They are ``clear`` if those of the two classes differ by more than chance.
    """

    declined: float
    steady: float
    clear: bool

    def told(self, words: Words) -> dict[str, str]:
        """Return both changes in words, for a text to put in."""
        return {
            "changed": _told(self.declined, words),
            "others_changed": _told(self.steady, words),
        }


def _told(change: float, words: Words) -> str:
    way = "same" if not round(100 * change) else "down" if change < 0 else "up"
    return words(f"charts.months.changed.{way}", share=words.share(abs(change)))


def revenue_change(months: DataFrame) -> RevenueChange | None:
    """Return how revenue changed; nothing unless both classes are known and have some.

    The changes are clear if their 95 % intervals lie apart. These are the delta method's for the
    ratio of two independent means: as the months are of the same customers, who mostly keep to
    their habits, they are rather too wide than too narrow.
    """
    revenue = months[months["indicator"] == "revenue"]
    revenue = revenue.assign(half=(revenue["high"] - revenue["low"]) / 2)
    means, halves = (
        revenue.pivot(index="group", columns="month", values=name) for name in ("mean", "half")
    )
    classes = ["declined", "steady"]
    if not {*classes} <= set(means.index) or not (means.loc[classes] > 0).all(axis=None):
        return None
    growth, relative = means.iloc[:, -1] / means.iloc[:, 0], halves / means
    half = growth * (relative.iloc[:, 0] ** 2 + relative.iloc[:, -1] ** 2) ** 0.5
    declined, steady = float(growth["declined"]), float(growth["steady"])
    clear = abs(declined - steady) > half["declined"] + half["steady"]
    return RevenueChange(declined - 1, steady - 1, bool(clear))


def tell_drawn(choice: dict[str, Any], words: Words) -> str:
    """Return how many customers a model learned from, and of how many where they were drawn."""
    customers = words.count(choice["customers"], "customers")
    labelled = choice.get("labelled", choice["customers"])  # unknown of an earlier version's
    if labelled == choice["customers"]:
        return customers
    return words("drawn", customers=customers, labelled=words.number(labelled))


def write_merit(name: str, metric: dict[str, float], words: Words) -> list[Figure]:
    """Return a measure of quality and its interval; accuracy is a share of the answers."""
    low, high = metric["low"], metric["high"]
    if name == "accuracy":
        return [words.share(metric["value"], 1), words.share_range(low, high, 1)]
    return [words.number(metric["value"], 3), words.interval(low, high)]
