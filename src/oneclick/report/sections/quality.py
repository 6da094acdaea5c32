from typing import Any

from oneclick.report.page import Block, Callout, Card, Cards, Section, write_rows, write_table
from oneclick.report.parameters import ReportParameters
from oneclick.texts.words import Words, plain

_GAP = 0.05  # share of customers without a value; fewer are no reason to look at an export


def write_quality(data_quality: dict[str, Any], report: ReportParameters) -> Section:
    """Return the chapter on what was read, repaired and set aside."""
    words, customers = report.words, data_quality["customers"]
    reasons = words.entry("quality.reasons")
    lead = words(
        "quality.lead",
        kept=words.number(customers["kept"]),
        all=words.count(customers["in"], "customers_genitive"),
        rejected=words.number(customers["rejected"]),
    )
    cards = [
        Card(words(f"quality.cards.{key}"), words.number(customers[key]))
        for key in ("in", "kept", "rejected")
    ]
    table = (words.table, "table")
    tables: dict[str, list[tuple]] = {
        "tables": [table, (words.number, "read", "kept", "duplicate", "faulty", "set_aside")],
        "repaired": [
            table,
            (words.column, "column"),
            (lambda old, new: f"{plain(old, 80)} → {plain(new, 80)}", ("from", "to")),
            (words.number, "rows"),
        ],
        # The faulty values themselves are not shown: one of them may be a customer's id.
        "rejected": [
            table,
            (lambda column: words.column(column) if column else "", "column"),
            (lambda key: reasons.get(key, plain(key).replace("_", " ")), "reason"),
            (words.number, "rows", "customers"),
        ],
    }
    where_rows_went, *faults = [
        write_table(words, f"quality.{key}", write_rows(data_quality[key], *columns))
        for key, columns in tables.items()
    ]
    found = [fault for fault in faults if fault.rows]
    gaps = [  # a snapshot of an earlier version has none
        gap for gap in data_quality.get("gaps", []) if gap["constant"] or gap["missing"] >= _GAP
    ]
    if gaps:
        rows = write_rows(
            gaps,
            (words.column, "column"),
            (words.share, "missing"),
            (lambda constant: words("quality.constant") if constant else "", "constant"),
        )
        found.append(write_table(words, "quality.gaps", rows))
    odd = warn_of_profit(data_quality, 0, words)
    blocks: list[Block] = [Cards(cards), where_rows_went, *odd, *found]
    return Section("quality", words("quality.title"), lead, blocks)


def warn_of_profit(quality: dict[str, Any], beyond: float, words: Words) -> list[Callout]:
    """Return a warning if profit is more than revenue for over the share ``beyond`` of all."""
    odd, kept = quality["profit_exceeds_revenue"], quality["customers"]["kept"]
    if odd <= beyond * kept:
        return []
    text = words(
        "quality.odd_profit.text",
        count=words.count(odd, "customers_genitive"),
        share=words.share(odd / kept),
        unit=words.unit("monthly_profit"),
    )
    return [Callout(words("quality.odd_profit.title"), text)]
