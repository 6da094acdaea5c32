from typing import TYPE_CHECKING, Any

from oneclick.annotations import DataFrame
from oneclick.report.page import Panel, Panels, Prose, Section, Table, Terms
from oneclick.report.parameters import ReportParameters
from oneclick.report.words import plain

if TYPE_CHECKING:
    from oneclick.modelling.card import Figures


def write_card(
    model_info: dict[str, Any],
    champion_choice: dict[str, Any],
    evaluation: dict[str, Any],
    group_metrics: DataFrame,
    explanation_info: dict[str, Any],
    report: ReportParameters,
) -> Section:
    """Return the model card as a chapter."""
    from oneclick.modelling.card import describe_model

    facts = (model_info, champion_choice, evaluation, group_metrics, explanation_info)
    card = describe_model(*facts, report.language)
    return Section(
        "card",
        card.title,
        card.lead,
        [
            Terms(card.about),
            Prose(card.worth, card.worth_title),
            _table(card.figures),
            Prose(card.caution),
            _table(card.groups),
            Panels([Panel(card.limits_title, card.limits)]),
        ],
    )


def _table(figures: "Figures") -> Table:
    return Table(
        figures.title, figures.headings, [[plain(cell) for cell in row] for row in figures.rows]
    )
