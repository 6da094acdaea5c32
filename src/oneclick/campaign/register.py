"""The register: every customer of the snapshot once, with an offer or the reason for none."""

from collections.abc import Callable
from datetime import date, timedelta
from string import Formatter
from typing import Any

import ibis
import ibis.expr.types as ir

from oneclick.campaign.assignment import value_choices
from oneclick.campaign.offers import Offer, OfferCatalogue
from oneclick.campaign.parameters import CampaignParameters
from oneclick.campaign.reasons import SLOTS
from oneclick.errors import OneclickError
from oneclick.texts import Language


def build_register(
    customers: ir.Table,
    scores: ir.Table,
    offers_assigned: ir.Table,
    reason_texts: ir.Table,
    catalogue: OfferCatalogue,
    parameters: CampaignParameters,
) -> ir.Table:
    """Return every customer exactly once, ordered by id, with what the offer is worth.

    Columns: customer_id, snapshot, segment, risk_group, p_decline, score_source, service_tier,
    favourite_category, monthly_profit, arm (treatment, control, excluded), contacted,
    no_contact_reason (key or null), worth_it, offer_id, answered_reason, message (only for those
    contacted), valid_days, valid_from, valid_until (null without a date), expected_profit_low,
    expected_profit, expected_profit_high, expected_cost, worst_case_cost (RUB), expected_saves,
    reason_1, reason_1_text, … reason_3_text.
    """
    slots = [name for slot in SLOTS for name in (f"reason_{slot}", f"reason_{slot}_text")]
    columns = ("service_tier", "favourite_category", "monthly_profit")
    facts = customers.select("customer_id", *columns)
    source = scores.select("customer_id", "score_source")
    table = facts.join(offers_assigned, "customer_id")
    table = table.left_join(source, "customer_id").drop("customer_id_right")
    texts = reason_texts.select("customer_id", *slots)
    table = table.left_join(texts, "customer_id").drop("customer_id_right")
    starts = parameters.starts_on
    return table.select(
        "customer_id",
        *("segment", "risk_group", "p_decline", "score_source", *columns),
        *("arm", "contacted", "no_contact_reason", "worth_it", "offer_id", "answered_reason"),
        **value_choices(table, catalogue.measures),
        **{slot: table[slot] for slot in slots},
        snapshot=ibis.literal(parameters.snapshot),
        message=_for_contacted(table, catalogue, lambda o: _message(table, o, parameters.language)),
        valid_days=_for_contacted(table, catalogue, lambda o: o.valid_days).cast("int32"),
        valid_from=ibis.cases((table.contacted, ibis.literal(starts, type="date"))),
        valid_until=_for_contacted(table, catalogue, lambda o: _last_day(starts, o)),
    ).order_by("customer_id")


def _for_contacted(
    table: ir.Table, catalogue: OfferCatalogue, result: Callable[[Offer], Any]
) -> ir.Value:
    cases = [
        (table.contacted & (table.offer_id == offer.id), result(offer))
        for offer in catalogue.measures
    ]
    return ibis.cases(*cases)


def _last_day(starts: date | None, offer: Offer) -> ir.DateScalar:
    last = None if starts is None else starts + timedelta(days=max(offer.valid_days - 1, 0))
    return ibis.literal(last, type="date")


def _message(table: ir.Table, offer: Offer, language: Language) -> ir.StringValue:
    """Return the offer's text with the customer's own values filled in."""
    message = ibis.literal("")
    for plain, name, _, _ in Formatter().parse(getattr(offer.text, language)):
        message = message + plain
        if name == "valid_days":
            message = message + str(offer.valid_days)
        elif name is not None:
            message = message + ibis.coalesce(table[name], "")
    return message


def check_register(customers: ir.Table, register: ir.Table) -> None:
    """Make sure that the register holds every customer once and nobody else.

    Raises:
        OneclickError: If it does not; the message gives the counts.
    """
    expected = customers.count().execute()
    found = (
        register.aggregate(rows=register.count(), ids=register.customer_id.nunique())
        .execute()
        .iloc[0]
    )
    if not expected == found.rows == found.ids:
        raise OneclickError(
            f"campaign_register: {found.rows} rows with {found.ids} different ids for {expected} "
            "customers. Every customer must be there once: `customers` has an id twice, or "
            "`decline_scores`, `decline_reasons` do. Run `kedro run` for this snapshot again."
        )
