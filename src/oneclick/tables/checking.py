"""From text to typed values; whatever is wrong with a row is written beside it, in words."""

import ibis
import ibis.expr.types as ir

from oneclick.engines import read_number
from oneclick.errors import OneclickError
from oneclick.tables.notes import Note, as_part, write_note, write_notes
from oneclick.tables.rules import CleaningRules, ColumnRule, TableRules
from oneclick.tables.spelling import APART, LOWER, PLAIN, SPACES, UPPER, fold_text


def check_table(raw: ir.Table, table: TableRules, rules: CleaningRules) -> ir.Table:
    """Type every column of an exported table; keep every row.

    Args:
        raw: The exported table as text, with ``source_row``, the line in its file.
        table: The rules of its columns.
        rules: The rules common to all tables.

    Returns:
        ``source_row``, the typed columns (null where the text cannot be believed), and as `notes`
        ``faults`` (`FAULT`, empty where the row is fine) and ``repairs`` (`REPAIR`, for spellings
        that were understood but are not the right ones).

    Raises:
        OneclickError: A column that the rules name is not read.
    """
    if absent := [name for name in table.columns if name not in raw.columns]:
        raise OneclickError(
            f"Rules of cleaning name {', '.join(absent)}, which the entry {table.file} in "
            "conf/base/data_processing/catalog.yml does not read. Add them to its `columns`."
        )
    # Layers, each a projection of the one before, so that no expression is repeated.
    firsts = {_first(name): _recognise(raw[name], rule) for name, rule in table.columns.items()}
    read = raw.select("source_row", *table.columns, **firsts)
    read = read.mutate(
        **{
            _value(name): _read(read[name], read[_first(name)], rule)
            for name, rule in table.columns.items()
        }
    )
    read = read.mutate(
        **{
            _sound(name): _is_sound(read[name], read[_value(name)], rule)
            for name, rule in table.columns.items()
        }
    )
    markers = ["", *map(fold_text, rules.missing_markers)]  # nothing is missing by any rules
    judged = read.mutate(
        **{
            _reason(name): ibis.ifelse(
                read[_sound(name)],
                ibis.null("string"),  # nearly all cells; the rest is asked only for the others
                _reason_against(read[name], read[_value(name)], rule, markers),
            )
            for name, rule in table.columns.items()
        }
    )
    faults, repairs = [], []
    for name, rule in table.columns.items():
        text, reason = judged[name].fill_null(""), judged[_reason(name)]
        faults.append((reason.notnull(), write_note(name, as_part(text), reason)))
        if rule.values:
            place, value = judged[_first(name)], judged[_value(name)]
            repairs.append(_repair(name, text, place, value, rule))
    typed = {
        name: _typed(judged[_value(name)], judged[_sound(name)], rule)
        for name, rule in table.columns.items()
    }
    return judged.select(
        "source_row", **typed, faults=write_notes(faults), repairs=write_notes(repairs)
    )


def _first(column: str) -> str:
    return f"{column}: at first sight"


def _value(column: str) -> str:
    return f"{column}: value"


def _sound(column: str) -> str:
    return f"{column}: sound"


def _reason(column: str) -> str:
    return f"{column}: reason"


def _recognise(text: ir.StringValue, rule: ColumnRule) -> ir.Value:
    """Return what settles nearly every cell: its number, or its place among known spellings."""
    if not rule.values:
        return text.try_cast("float64")
    places = ((spelling, place) for place, (spelling, _) in enumerate(_spellings(rule)))
    return text.cases(*places, else_=ibis.null("int8"))


def _spellings(rule: ColumnRule) -> list[tuple[str, str]]:
    """Return the known spellings of a column, each with what it means; the right ones first."""
    right = [(spellings[0], ours) for ours, spellings in rule.values.items()]
    others = [(other, ours) for ours, spellings in rule.values.items() for other in spellings[1:]]
    return right + others


def _read(text: ir.StringValue, first: ir.Value, rule: ColumnRule) -> ir.Value:
    """Return the value a cell stands for: a number, or one of our names; null if none."""
    if not rule.values:
        # The intake has made every decimal mark a point.
        return read_number(text, text.translate(SPACES, PLAIN), first)
    known = _spellings(rule)
    folded = {fold_text(spelling): ours for spelling, ours in known}
    # Folding costs twenty times a comparison, so only what no spelling equals is folded.
    if_not_exact = fold(text).cases(*folded.items(), else_=ibis.null("string"))
    value = first.cases(
        *((place, ours) for place, (_, ours) in enumerate(known)), else_=if_not_exact
    )
    return value if rule.unknown is None else value.fill_null(rule.unknown)


def _reason_against(
    text: ir.StringValue, value: ir.Value, rule: ColumnRule, markers: list[str]
) -> ir.StringValue:
    """Return why a cell is not sound, null where it may be empty."""
    nothing = ibis.null("string")
    missing = ibis.literal("missing") if rule.missing == "reject" else nothing
    unreadable = "unknown_value" if rule.values else "not_a_number"
    # Not isin(): DuckDB makes a join of it, and would then fold the cells of every row.
    is_marker = ((marker, missing) for marker in markers)
    if_unread = fold(text.fill_null("")).cases(*is_marker, else_=unreadable)
    if rule.values:
        return if_unread
    reasons = [
        (value.isnull() | value.isnan(), if_unread),
        (value < rule.minimum, "below_minimum"),
        (value > rule.maximum, "above_maximum"),
    ]
    if _is_whole(rule):
        reasons.append((value != value.round(), "not_a_whole_number"))
    if rule.kind == "id":
        reasons.append((_is_rounded(text), "rounded"))
    return ibis.cases(*reasons, else_=nothing)


def _is_sound(text: ir.StringValue, value: ir.Value, rule: ColumnRule) -> ir.BooleanValue:
    """Return whether a cell has a value that can be believed."""
    if rule.values:
        return value.notnull()
    believed = value.between(rule.minimum, rule.maximum).fill_null(False)
    if _is_whole(rule):  # rounding may fail on numbers beyond the limits
        believed = ibis.ifelse(believed, value == value.round(), False)
    if rule.kind == "id":  # what is rounded is whole tens: other texts are not looked at
        tens = believed & (value / 10 == (value / 10).floor())
        believed = ibis.ifelse(tens, ~_is_rounded(text), believed)
    return believed


def _is_rounded(text: ir.StringValue) -> ir.BooleanValue:
    """Return whether an exponent hides digits of a number, as Excel writes 1.00768E+11."""
    decimals = text.re_extract(r"\.(\d*)[eE]", 1).fill_null("").length()
    exponent = read_number(text.re_extract(r"[eE]\+?(\d+)", 1)).fill_null(0)
    has_exponent = text.like("%e%") | text.like("%E%")
    return ibis.ifelse(has_exponent, exponent > decimals, False)


def _typed(value: ir.Value, sound: ir.BooleanValue, rule: ColumnRule) -> ir.Value:
    """Return the value in its final type, null where it cannot be believed."""
    if rule.kind == "category":
        return value
    if rule.kind == "flag":
        return value == "true"
    number = ibis.ifelse(sound, value, ibis.null("float64"))
    return number.cast("int64") if rule.kind == "id" else number


def _is_whole(rule: ColumnRule) -> bool:
    return rule.kind in ("id", "integer")


def _repair(
    name: str, text: ir.StringValue, place: ir.Value, value: ir.StringValue, rule: ColumnRule
) -> Note:
    """Return where a cell is understood, but not spelt rightly, and the note on it."""
    right = {ours: spellings[0] for ours, spellings in rule.values.items()}
    word = value.cases(*right.items(), else_=ibis.null("string"))
    unforeseen = write_note(name, as_part(text), word)
    # A month may be misspelt in every row: its note is not put together again for each.
    foreseen = [
        (wrong, write_note(name, wrong, right[ours]))
        for ours, spellings in rule.values.items()
        for wrong in spellings[1:]
    ]
    note = text.cases(*foreseen, else_=unforeseen) if foreseen else unforeseen
    return ibis.ifelse(place < len(right), False, value.notnull()), note


def fold(text: ir.StringValue) -> ir.StringValue:
    """Return a text as `fold_text` does."""
    text = text.translate(UPPER, LOWER)
    for letters, letter in APART.items():
        text = text.replace(letters, letter)
    return text.re_replace(r"[ \t\r\n\f\v_]+", " ").strip()
