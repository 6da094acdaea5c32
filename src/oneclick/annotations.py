"""Names that nodes annotate tables with: types to a checker, ``Any`` while running.

Kedro resolves the annotations of every node before it runs any. With these names it learns the
types of parameters without importing ibis, pandas or scikit-learn, so commands start at once.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ibis.expr.types import Table
    from pandas import DataFrame
    from pyarrow import RecordBatchReader

    from oneclick.campaign.workbook import Sheet
    from oneclick.modelling.evaluation import NestedScores
else:
    DataFrame = NestedScores = RecordBatchReader = Sheet = Table = Any

__all__ = ["DataFrame", "NestedScores", "RecordBatchReader", "Sheet", "Table"]
