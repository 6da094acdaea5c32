"""Notes on a row or a customer: any number of them in one text, which every engine can store.

Control characters separate the parts of a note and end it; here two notes on one row:

    monthly_profit␟1,5 k␟not_a_number␞customer_id␟␟missing␞
"""

from collections.abc import Sequence
from functools import reduce
from operator import add, or_
from typing import Any

import ibis
import ibis.expr.types as ir

FAULT = ("column", "value", "reason")  # of a row
REPAIR = ("column", "from", "to")  # of a row: a text that was understood, and how it is spelt
CUSTOMER_FAULT = ("table", *FAULT)  # about the customer as a whole
Note = tuple[ir.BooleanValue, ir.StringValue]  # where it is to be made, and what it says
_PART, _END = "\x1f", "\x1e"
_LONGEST = 80  # characters of a text that are noted


def as_part(text: ir.StringValue) -> ir.StringValue:
    """Return the beginning of a text, without what separates parts and notes."""
    return text.substr(0, _LONGEST).translate(_PART + _END, "  ")


def write_note(*parts: Any) -> Any:
    """Return a note of parts, texts or expressions of texts: one or the other, as they are."""
    separated = [piece for part in parts for piece in (part, _PART)]
    return reduce(add, [*separated[:-1], _END])


def write_notes(notes: Sequence[Note]) -> ir.StringValue:
    """Return the notes of each row in one text; a row without any costs no text at all.

    Where a note is to be made is known of every row: conditions have no nulls.
    """
    if not notes:
        return ibis.literal("")
    conditions = [condition for condition, _ in notes]
    texts = [ibis.ifelse(condition, text, "") for condition, text in notes]
    return ibis.ifelse(reduce(or_, conditions), reduce(add, texts), "")


def read_notes(noted: ir.Table, notes: str, parts: Sequence[str]) -> ir.Table:
    """Return one row per note, its parts as columns; rows without notes vanish.

    Args:
        noted: A table with a column of notes.
        notes: The name of that column.
        parts: Names for the parts of a note, in order.
    """
    some = noted.filter(noted[notes] != "")
    one = some.mutate(note=some[notes].split(_END).unnest())
    one = one.filter(one.note != "")
    split = one.note.split(_PART)
    return one.mutate(**{name: split[place] for place, name in enumerate(parts)}).drop(
        "note", notes
    )
