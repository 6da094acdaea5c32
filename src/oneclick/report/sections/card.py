from oneclick.modelling.card import Figures, ModelCard
from oneclick.report.page import Panel, Panels, Prose, Section, Table, Terms
from oneclick.report.words import plain


def write_card(card: ModelCard) -> Section:
    """Return the model card as a chapter."""
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


def _table(figures: Figures) -> Table:
    return Table(
        figures.title, figures.headings, [[plain(cell) for cell in row] for row in figures.rows]
    )
