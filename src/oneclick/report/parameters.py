from pydantic import Field

from oneclick.parameters import Parameters
from oneclick.report.words import Words
from oneclick.texts import Language


class ReportParameters(Parameters):
    """How the report is written.

    Attributes:
        language: Language of the report.
        snapshot: Name of the month of tables, as the report calls it.
        processes: Processes that draw charts.
    """

    language: Language
    snapshot: str
    processes: int = Field(ge=1)

    @property
    def words(self) -> Words:
        """The texts of the report."""
        return Words("report", self.language)
