"""Exact Shapley values of the decline score, one per original column, and what people read of them.

Functions load numba, shap and scikit-learn when they are called, so importing this costs little.
"""

from oneclick.explain.margin import (
    contributions,
    contributions_fast,
    distance_between,
    explain_margin,
)
from oneclick.explain.summaries import explain_customer, importance, top_reasons

__all__ = [
    "contributions",
    "contributions_fast",
    "distance_between",
    "explain_customer",
    "explain_margin",
    "importance",
    "top_reasons",
]
