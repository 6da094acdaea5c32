from typing import Any

from oneclick.report.page import Block, Callout, Card, Cards, Section, Table, write_table
from oneclick.report.parameters import ReportParameters
from oneclick.report.words import Words, plain

_FATES = ("read", "kept", "duplicate", "faulty", "set_aside")


def write_quality(data_quality: dict[str, Any], report: ReportParameters) -> Section:
    """Return the chapter on what was read, repaired and set aside."""
    words, customers = report.words, data_quality["customers"]
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
    doubts = [
        Callout(
            words(f"quality.notes.{note['key']}.title"),
            words(
                f"quality.notes.{note['key']}.text",
                count=words.count(note["count"], "customers_genitive"),
                share=words.share(note["count"] / max(customers["kept"], 1)),
            ),
        )
        for note in data_quality["notes"]
        if note["count"]
    ]
    blocks: list[Block] = [Cards(cards), _rows_of_tables(data_quality["tables"], words), *doubts]
    if data_quality["repaired"]:
        blocks.append(_repairs(data_quality["repaired"], words))
    if data_quality["rejected"]:
        blocks.append(_rejections(data_quality["rejected"], words))
    return Section("quality", words("quality.title"), lead, blocks)


def _rows_of_tables(tables: list[dict[str, Any]], words: Words) -> Table:
    rows = [
        [words(f"tables.{row['table']}"), *(words.number(row[fate]) for fate in _FATES)]
        for row in tables
    ]
    return write_table("quality.tables", words, rows)


def _repairs(repairs: list[dict[str, Any]], words: Words) -> Table:
    rows = [
        [
            words(f"tables.{row['table']}"),
            words.column(row["column"]),
            f"{plain(row['from'], 80)} → {plain(row['to'], 80)}",
            words.number(row["rows"]),
        ]
        for row in repairs
    ]
    return write_table("quality.repaired", words, rows)


def _rejections(rejections: list[dict[str, Any]], words: Words) -> Table:
    """The faulty values themselves are not shown: one of them may be a customer's id."""
    reasons = words.entry("quality.reasons")
    rows = [
        [
            words(f"tables.{row['table']}"),
            words.column(row["column"]) if row["column"] else "",
            reasons.get(row["reason"], plain(row["reason"]).replace("_", " ")),
            words.number(row["rows"]),
            words.number(row["customers"]),
        ]
        for row in rejections
    ]
    return write_table("quality.rejected", words, rows)
