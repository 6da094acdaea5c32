"""A formatted Excel workbook, the same bytes for the same tables."""

import gc
import io
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

_WRAPPED = ("text", "message", "reason")
_STYLES: dict[str, dict[str, Any]] = {
    "id": {"num_format": "0"},
    "count": {"num_format": "#,##0"},
    "number": {"num_format": "#,##0.0"},
    "percent": {"num_format": "0.0%"},
    "rub": {"num_format": '#,##0" ₽"'},
    "date": {"num_format": "yyyy-mm-dd"},
    **{kind: {"text_wrap": True} for kind in _WRAPPED},
    "header": {
        "bold": True,
        "text_wrap": True,
        "bottom": 1,
        "bg_color": "#E8EEF4",
    },
    "title": {"bold": True},
}
_WIDTHS = {"id": 12, "message": 60, "reason": 44, "count": 12, "date": 12, "percent": 14, "rub": 18}
_TEXT_WIDTHS = (14, 48)  # at least and at most; in between a text takes what it needs
_LINE_HEIGHT = 15
_A4 = 9
_SHEET_NAME = 31  # characters that Excel allows
_CREATED = datetime(2000, 1, 1)  # fixed, for a clock would change the bytes


@dataclass(frozen=True)
class Block:
    """A table on a sheet."""

    frame: pd.DataFrame
    kinds: dict[str, str] = field(default_factory=dict)
    """Column → id, text, message, reason, date, count, number, percent or rub; else it is text."""
    row_kinds: list[str] | None = None
    """The kind of the second column row by row, where it differs."""
    title: str = ""
    """A line above the header."""


@dataclass(frozen=True)
class Sheet:
    """A sheet: tables one under another; header and first column of a single one stay in view."""

    name: str
    blocks: list[Block]
    formats: dict[str, str] = field(default_factory=dict)
    """Kind → number format of Excel, where a language has its own."""


def build_workbook(sheets: list[Sheet]) -> bytes:
    """Return the content of an ``.xlsx`` file. Texts stay texts: nothing is a formula or a link.

    There is at least one sheet; names are shortened to what Excel allows.
    """
    content = io.BytesIO()
    gc.disable()  # it would walk through millions of cells again and again
    try:
        _write_sheets(content, sheets)
    finally:
        gc.enable()
    return content.getvalue()


def _write_sheets(content: io.BytesIO, sheets: list[Sheet]) -> None:
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"created": _CREATED, "title": "", "author": ""})
        taken: set[str] = set()
        for sheet in sheets:
            page = book.add_worksheet(_sheet_name(sheet.name, taken))
            styles = _styles(book, sheet.formats)
            row, widths = 0, _widths(sheet)
            for place, width in enumerate(widths):
                page.set_column(place, place, width)
            for block in sheet.blocks:
                row = _write_block(page, block, row, widths, styles) + 1
            page.set_landscape()
            page.set_paper(_A4)
            page.fit_to_pages(1, 0)  # as many sheets of paper down as it takes
            if len(sheet.blocks) == 1:  # or else the first header would stay above later tables
                page.freeze_panes(1, 1)
                page.repeat_rows(0)
                rows, columns = sheet.blocks[0].frame.shape
                page.autofilter(0, 0, rows, columns - 1)


def _styles(book: Any, formats: dict[str, str]) -> dict[str, Any]:
    own = {kind: {"num_format": number} for kind, number in formats.items()}
    return {
        kind: book.add_format({"valign": "top", **style, **own.get(kind, {})})
        for kind, style in _STYLES.items()
    }


def _widths(sheet: Sheet) -> list[float]:
    """Return how many characters wide each column must be for all tables of a sheet."""
    widths: dict[int, float] = {}
    for block in sheet.blocks:
        for place, column in enumerate(block.frame.columns):
            kind = block.kinds.get(column, "text")
            needed = _WIDTHS.get(kind, _TEXT_WIDTHS[0])
            if kind == "text":
                longest = block.frame[column].astype("str").str.len().max()
                needed = min(max(_TEXT_WIDTHS[0], longest + 2), _TEXT_WIDTHS[1])
            widths[place] = max(widths.get(place, 0), needed)
    return list(widths.values())


def _sheet_name(name: str, taken: set[str]) -> str:
    """Return the name without what Excel forbids, cut at a word, used only once."""
    allowed = re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ")
    short, number = allowed or "1", 1
    if len(short) > _SHEET_NAME:  # a sum is one word
        whole_sums = re.sub(r"(?<=\d) (?=[\d₽])", "\u00a0", short)
        short = whole_sums[: _SHEET_NAME - 1].rsplit(" ", 1)[0] + "…"
    while short.lower() in taken:
        number += 1
        short = f"{short[: _SHEET_NAME - len(str(number)) - 1]} {number}"
    taken.add(short.lower())
    return short


def _write_block(
    page: Any, block: Block, row: int, widths: list[float], styles: dict[str, Any]
) -> int:
    """Write title, header and rows; return the first free row."""
    if block.title:
        page.write_string(row, 0, block.title, styles["title"])
        row += 1
    kinds = [block.kinds.get(column, "text") for column in block.frame.columns]
    for number, lines in enumerate(_lines(block.frame, kinds, widths), start=row):
        if lines > 1:
            page.set_row(number, _LINE_HEIGHT * lines)
    for place, (column, kind) in enumerate(zip(block.frame.columns, kinds, strict=True)):
        page.write_string(row, place, str(column), styles["header"])
        of_column = [styles.get(kind)] * len(block.frame)
        if block.row_kinds is not None and place == 1:
            of_column = [styles.get(kind) for kind in block.row_kinds]
        _write_column(page, row + 1, place, block.frame[column], of_column)
    return row + 1 + len(block.frame)


def _lines(frame: pd.DataFrame, kinds: list[str], widths: list[float]) -> list[int]:
    """Return how many lines the header and each row take; not every program finds out itself."""
    header = max(len(str(name)) // width for name, width in zip(frame, widths, strict=False))
    rows = np.zeros(len(frame))
    for column, kind, width in zip(frame, kinds, widths, strict=False):
        if kind in _WRAPPED:
            lines = frame[column].astype("str").str.len().fillna(0) // width
            rows = np.maximum(rows, lines.to_numpy(dtype=float))
    return [int(header) + 1, *(rows.astype(int) + 1).tolist()]


def _write_column(page: Any, row: int, place: int, cells: pd.Series, styles: list[Any]) -> None:
    """Write a column from a row on; cells without a value stay empty."""
    values = zip(cells.astype(object), cells.notna(), styles, strict=True)
    for number, (value, there, style) in enumerate(values, start=row):
        if there and isinstance(value, str):
            page.write_string(number, place, value, style)
        elif there and isinstance(value, date):
            page.write_datetime(number, place, value, style)
        elif there:
            page.write_number(number, place, float(value), style)
