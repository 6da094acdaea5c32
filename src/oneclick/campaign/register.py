"""The register: every customer of the snapshot once, with an offer or the reason for none."""

from collections.abc import Callable
from datetime import timedelta
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

    The columns are those of `CampaignRegister`; dates are null where the campaign has none.
    """
    slots = [name for slot in SLOTS for name in (f"reason_{slot}", f"reason_{slot}_text")]
    columns = ("service_tier", "favourite_category", "monthly_profit")
    facts = customers.select("customer_id", *columns, revenue_before=customers.revenue_current)
    table = facts.join(offers_assigned, "customer_id")
    for known, wanted in ((scores, ["score_source"]), (reason_texts, slots)):
        table = table.left_join(known.select("customer_id", *wanted), "customer_id")
        table = table.drop("customer_id_right")
    starts = parameters.starts_on

    def of_offer(result: Callable[[Offer], Any]) -> ir.Value:
        offers = catalogue.measures
        return ibis.cases(
            *((table.contacted & (table.offer_id == o.id), result(o)) for o in offers)
        )

    def last_day(offer: Offer) -> ir.DateScalar:
        last = None if starts is None else starts + timedelta(days=max(offer.valid_days - 1, 0))
        return ibis.literal(last, type="date")

    return table.select(
        "customer_id",
        *("segment", "risk_group", "p_decline", "score_source", *columns, "revenue_before"),
        *("arm", "contacted", "no_contact_reason", "worth_it", "offer_id", "answered_reason"),
        **value_choices(table, catalogue.measures),
        **{slot: table[slot] for slot in slots},
        snapshot=ibis.literal(parameters.snapshot),
        message=of_offer(lambda offer: _message(table, offer, parameters.language)),
        valid_days=of_offer(lambda offer: offer.valid_days).cast("int32"),
        valid_from=ibis.cases((table.contacted, ibis.literal(starts, type="date"))),
        valid_until=of_offer(last_day),
    ).order_by("customer_id")


def _message(table: ir.Table, offer: Offer, language: Language) -> ir.StringValue:
    """Return the offer's text with its own and the customer's values filled in."""
    message, own = ibis.literal(""), offer.filled_in(language)
    for plain, name, _, _ in Formatter().parse(getattr(offer.text, language)):
        message = message + plain
        if name in own:
            message = message + own[name]
        elif name is not None:
            message = message + ibis.coalesce(table[name], "")
    return message


def check_register(customers: ir.Table, register: ir.Table) -> None:
    """Make sure that the register holds every customer once and nobody else.

    Raises:
        OneclickError: If it does not; the message gives the counts.
    """
    expected = customers.count().execute()
    counts = register.aggregate(rows=register.count(), ids=register.customer_id.nunique())
    found = counts.execute().iloc[0]
    if not expected == found.rows == found.ids:
        raise OneclickError(
            f"campaign_register: {found.rows} rows with {found.ids} different ids for {expected} "
            "customers. Every customer must be there once: `customers` has an id twice, or "
            "`decline_scores`, `decline_reasons` do. Run `kedro run` for this snapshot again."
        )
