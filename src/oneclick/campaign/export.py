"""The files that leave the house: a list for Excel, the same as a workbook, a list for the CRM."""

from functools import reduce
from operator import getitem
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.offers import OfferCatalogue
from oneclick.campaign.parameters import ExportParameters, SegmentParameters
from oneclick.campaign.reasons import SLOTS
from oneclick.campaign.workbook import Block, Sheet
from oneclick.texts import Language, load_texts

# Columns of the list for people, in order, and how a workbook shows them.
EXCEL_COLUMNS = {
    "customer_id": "id",
    "offer": "text",
    "message": "message",
    "valid_days": "count",
    "valid_from": "date",
    "valid_until": "date",
    "expected_profit": "rub",
    "expected_profit_low": "rub",
    "expected_profit_high": "rub",
    "expected_cost": "rub",
    "worst_case_cost": "rub",
    "p_decline": "percent",
    "reason_1": "reason",
    "reason_2": "reason",
    "reason_3": "reason",
    "answered_reason": "reason",
    "segment": "text",
    "risk_group": "text",
    "favourite_category": "text",
    "monthly_profit": "rub",
}
_DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")  # a Japanese Excel takes the wide signs for the others


def neutralise(text: ir.StringValue) -> ir.StringValue:
    """Return text that a spreadsheet will not run as a formula (CWE-1236).

    A text that begins with = + - @ (wide ones too), TAB, CR or LF gets an apostrophe in front,
    which spreadsheets take for «this is text».
    """
    return ibis.cases((text.left(1).isin(_DANGEROUS), ibis.literal("'") + text), else_=text)


def list_for_excel(
    register: ir.Table,
    segments: SegmentParameters,
    catalogue: OfferCatalogue,
    value: ValueParameters,
    language: Language,
) -> ir.Table:
    """Return the list for people with dates as texts that an Excel of the language reads."""
    listed = list_for_people(register, segments, catalogue, value, language)
    how = load_texts("campaign", language)["date"]
    written = {
        name: listed[name].strftime(how) for name, kind in listed.schema().items() if kind.is_date()
    }
    return listed.mutate(**written)


def list_for_people(
    register: ir.Table,
    segments: SegmentParameters,
    catalogue: OfferCatalogue,
    value: ValueParameters,
    language: Language,
) -> ir.Table:
    """Return those to be contacted with names for people: columns of ``EXCEL_COLUMNS``, labelled.

    Those who promise most come first. Controls and customers without consent are not in it.
    Probabilities are shares 0..1, money RUB.
    """
    sent = _most_promising_first(register.filter(register.contacted))
    texts, slots = load_texts("campaign", language), [f"reason_{slot}" for slot in SLOTS]
    columns: dict[str, Any] = {name: sent[name] for name in EXCEL_COLUMNS if name in sent.columns}
    columns |= {
        "segment": _named(sent.segment, segments.names(language)),
        "risk_group": _named(sent.risk_group, texts["risk_groups"]),
        "p_decline": sent.p_decline.round(4),
        "monthly_profit": (sent.monthly_profit * value.profit_unit_rub).round(2),
        "offer": _named(sent.offer_id, catalogue.names(language)),
        **{slot: sent[f"{slot}_text"] for slot in slots},
        "answered_reason": ibis.cases(
            *((sent.answered_reason == sent[slot], sent[f"{slot}_text"]) for slot in slots)
        ),
    }
    safe = {}
    for name in EXCEL_COLUMNS:
        text = columns[name].type().is_string()
        safe[texts["export"][name]] = neutralise(columns[name]) if text else columns[name]
    return sent.select(**safe)


def _most_promising_first(sent: ir.Table) -> ir.Table:
    return sent.order_by([sent.expected_profit.desc(), sent.customer_id])


def _named(column: ir.StringValue, names: dict[str, str]) -> ir.StringValue:
    return ibis.cases(*((column == key, name) for key, name in names.items()))


def list_for_crm(register: ir.Table, parameters: ExportParameters) -> ir.Table:
    """Return those to be contacted in machine form: headers from config, ISO dates, plain texts."""
    sent = _most_promising_first(register.filter(register.contacted))
    sent = sent.mutate(p_decline=sent.p_decline.round(4))
    columns = {}
    for name, header in parameters.crm_headers.items():
        column = sent[name]
        columns[header] = column.strftime("%Y-%m-%d") if column.type().is_date() else column
    return sent.select(**columns)


def campaign_workbook(
    listed: ir.Table,
    summary: dict[str, Any],
    tables: dict[str, pd.DataFrame],
    segments: SegmentParameters,
    parameters: ExportParameters,
    language: Language,
) -> list[Sheet]:
    """Return the sheets of the workbook: the summary, then one list per segment, cut where long.

    ``listed`` is that of ``list_for_people``, ``summary`` that of ``summarise_campaign``;
    ``tables`` are printed under the summary, by their key in the texts. A segment without
    customers, such as all of a band that does not exist, has no sheet.
    """
    texts = load_texts("campaign", language)
    headers, most = texts["export"], parameters.rows_per_sheet
    formats = {headers[name]: kind for name, kind in EXCEL_COLUMNS.items()}
    segment = headers["segment"]
    order = [ibis.desc(headers["expected_profit"]), headers["customer_id"]]
    place = ibis.row_number().over(group_by=segment, order_by=order)
    numbered = listed.mutate(place=place)
    some = numbered.filter(numbered.place <= most).order_by(order).execute()
    dates = [headers["valid_from"], headers["valid_until"]]
    some = some.drop(columns=[date for date in dates if some[date].isna().all()])
    sheets, cut = [], []
    sizes = tables["segments"].set_index("segment")["customers"]
    for key, name in segments.names(language).items():
        if not sizes[key]:
            continue
        rows = some[some[segment] == name].drop(columns="place")
        if len(rows) > most:
            rows = rows.head(most)
            cut.append(texts["workbook"]["cut"].format(name=name, rows=most))
        sheets.append(Sheet(name, [Block(rows, formats)], texts["workbook"]["formats"]))
    return [_summary_sheet(summary, tables, cut, texts), *sheets]


def _summary_sheet(
    summary: dict[str, Any],
    tables: dict[str, pd.DataFrame],
    notes: list[str],
    texts: dict[str, Any],
) -> Sheet:
    words = texts["workbook"]
    figures = []
    for key, (label, kind) in words["figures"].items():
        value = reduce(getitem, key.split("."), summary)
        if value is not None:
            figures.append((label, value, kind))
    table = pd.DataFrame(figures, columns=[words["figure"], words["value"], "kind"])
    kinds = list(table.pop("kind"))
    said_of = ("shadow_price", "sample", "assumption", "pays", "profit_unit")
    sentences = [text for name in said_of if (text := summary[f"{name}_text"])]
    sentences += [words["control_by_offer"], words["uncertain"]]
    said = pd.DataFrame({words["notes"]: [*sentences, *notes]})
    blocks = [Block(table, row_kinds=kinds), Block(said, {words["notes"]: "reason"})]
    for name, frame in tables.items():
        labels = {c: words["columns"][c] for c in frame.columns if c in words["columns"]}
        shown = frame[list(labels)].set_axis([label for label, _ in labels.values()], axis=1)
        blocks.append(Block(shown, dict(labels.values()), title=words["tables"][name]))
    return Sheet(words["summary"], blocks, words["formats"])
