from pydantic import Field

from oneclick.parameters import Parameters, Wording
from oneclick.texts import Language
from oneclick.texts.words import Words


class ReportParameters(Parameters):
    """Language of the report, its month as it calls it, and how many processes draw charts.

    ``profit_unit`` is what the report calls the unit of ``monthly_profit``.
    """

    language: Language
    profit_unit: Wording
    snapshot: str
    processes: int = Field(ge=1)

    @property
    def words(self) -> Words:
        """The texts of the report."""
        return Words("report", self.language, getattr(self.profit_unit, self.language))
