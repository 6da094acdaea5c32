from typing import Any

from oneclick.report.page import Callout, Card, Cards, Cell, Row, Section, Table
from oneclick.report.words import Words, plain

_FATES = ("read", "kept", "duplicate", "faulty", "set_aside")


def write_quality(quality: dict[str, Any], words: Words) -> Section:
    """Return the chapter on what was read, repaired and set aside."""
    customers = quality["customers"]
    lead = words(
        "quality.lead",
        kept=words.number(customers["kept"]),
        all=words.count(customers["in"], "customers_genitive"),
        rejected=words.number(customers["rejected"]),
    )
    doubts = [
        Callout(
            words(f"quality.notes.{note['key']}.title"),
            words(
                f"quality.notes.{note['key']}.text",
                count=words.count(note["count"], "customers_genitive"),
                share=words.share(note["count"] / max(customers["kept"], 1)),
            ),
        )
        for note in quality["notes"]
        if note["count"]
    ]
    return Section(
        "quality",
        words("quality.title"),
        lead,
        [
            _customers(customers, words),
            _rows_of_tables(quality["tables"], words),
            *doubts,
            *_repairs(quality["repaired"], words),
            *_rejections(quality["rejected"], words),
        ],
    )


def _customers(customers: dict[str, int], words: Words) -> Cards:
    shown = ("in", "kept", "rejected")
    return Cards(
        [Card(words(f"quality.cards.{key}"), words.number(customers[key])) for key in shown]
    )


def _rows_of_tables(tables: list[dict[str, Any]], words: Words) -> Table:
    rows: list[Row] = [
        [words(f"tables.{row['table']}")]
        + [Cell(words.number(row[fate]), row[fate]) for fate in _FATES]
        for row in tables
    ]
    headings = words.entry("quality.tables.headings")
    return Table(words("quality.tables.title"), headings, rows, words("quality.tables.note"))


def _repairs(repairs: list[dict[str, Any]], words: Words) -> list[Table]:
    rows: list[Row] = [
        [
            words(f"tables.{row['table']}"),
            words.column(row["column"]),
            f"{plain(row['from'], 80)} → {plain(row['to'], 80)}",
            Cell(words.number(row["rows"]), row["rows"]),
        ]
        for row in repairs
    ]
    headings = words.entry("quality.repaired.headings")
    return [Table(words("quality.repaired.title"), headings, rows)] if rows else []


def _rejections(rejections: list[dict[str, Any]], words: Words) -> list[Table]:
    """The faulty values themselves are not shown: one of them may be a customer's id."""
    reasons = words.entry("quality.reasons")
    rows: list[Row] = [
        [
            words(f"tables.{row['table']}"),
            words.column(row["column"]) if row["column"] else "",
            str(reasons.get(row["reason"], plain(row["reason"]).replace("_", " "))),
            Cell(words.number(row["rows"]), row["rows"]),
            Cell(words.number(row["customers"]), row["customers"]),
        ]
        for row in rejections
    ]
    headings = words.entry("quality.rejected.headings")
    if not rows:
        return []
    return [Table(words("quality.rejected.title"), headings, rows, words("quality.rejected.note"))]
