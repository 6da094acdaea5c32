"""Which offer each customer gets: expected profit, gates, control group and a budget.

The budget is met by the Lagrangian rule (Everett 1963): every customer takes the option with the
highest value − λ·cost, λ is the shadow price of the budget, and those whom λ leaves undecided are
served in a shuffled but fixed order while money lasts. Everything is one row per customer with one
column per offer, so no table grows with the number of offers. An offer that does not suit has no
value, and the greatest of several values is that of those that are known, on every engine.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from oneclick.campaign.conditions import all_hold
from oneclick.campaign.control import draw_control_group, salted_hash
from oneclick.campaign.economics import (
    ValueParameters,
    expected_cost,
    expected_profit,
    profit_at_stake,
)
from oneclick.campaign.offers import DO_NOTHING, Offer, OfferCatalogue
from oneclick.campaign.parameters import CampaignParameters
from oneclick.campaign.reasons import SLOTS

_FREE = 1e300  # the value per rouble of an offer that costs nothing
_ABOVE = 1 + 1e-9  # rounding moves no customer over a price and back
# How the price is narrowed down to one part in 2**18 of a half; the order of gains does the rest.
_HALVINGS = 15
_POINTS = (63, 63, 63)


def value_offers(
    customers: ir.Table,
    segments: ir.Table,
    reasons: ir.Table,
    catalogue: OfferCatalogue,
    parameters: CampaignParameters,
    value: ValueParameters,
) -> ir.Table:
    """Return every customer with group, gate and the expected profit of every suitable offer.

    Columns: customer_id, segment, risk_group, p_decline, stake (V, RUB), gate (no_consent,
    contact_limit or null), arm (treatment, control or excluded), the reasons of the risk that are
    known, and value_<offer> (RUB, rounded to kopecks; null where the offer does not suit).
    """
    known = segments.select("customer_id", "segment", "risk_group", "p_decline")
    slots = _slots(reasons)
    table = customers.drop("declined") if "declined" in customers.columns else customers
    table = _with_values(table.join(known, "customer_id"), catalogue, parameters, value)
    table = _with_arms(table, parameters)
    table = table.left_join(reasons.select("customer_id", *slots), "customer_id")
    table = _prefer_answers(table, catalogue.measures, parameters.reason_tolerance)
    return table.select(
        *("customer_id", "segment", "risk_group", "p_decline", "stake", "gate", "arm"),
        *slots,
        *(f"value_{offer.id}" for offer in catalogue.measures),
    ).order_by("customer_id")


def most_rewarding(
    customers: ir.Table,
    scores: ir.Table,
    catalogue: OfferCatalogue,
    parameters: CampaignParameters,
    value: ValueParameters,
    most: int,
) -> ir.Table:
    """Return the customers on whom a budget is spent first, at most ``most``, ordered by id.

    At a price λ of the rouble those are written to who have an offer with value > λ·cost. So
    whatever the budget, it goes to those with the highest value per rouble of any offer.
    """
    table = customers.join(scores.select("customer_id", "p_decline"), "customer_id")
    table = _with_costs(_with_values(table, catalogue, parameters, value), catalogue, parameters)
    rewards = []
    for offer in catalogue.measures:
        gain, cost = table[f"value_{offer.id}"], table[f"cost_{offer.id}"]
        rewards.append(ibis.cases((gain > 0, ibis.coalesce(gain / cost.nullif(0), _FREE))))
    ranked = table.select("customer_id", reward=ibis.greatest(*rewards))
    first = ranked.filter(ranked.reward > 0).order_by([ibis.desc("reward"), "customer_id"])
    return customers.semi_join(first.limit(most).cache(), "customer_id").order_by("customer_id")


def _with_values(
    table: ir.Table,
    catalogue: OfferCatalogue,
    parameters: CampaignParameters,
    value: ValueParameters,
) -> ir.Table:
    """Add stake, gate, and the value of every offer."""
    table = table.mutate(
        stake=profit_at_stake(table.monthly_profit, value), gate=_gate(table, parameters)
    )
    return table.mutate(**{f"value_{o.id}": _value(table, o) for o in catalogue.measures})


def _with_costs(
    table: ir.Table, catalogue: OfferCatalogue, parameters: CampaignParameters
) -> ir.Table:
    """Add what the budget must cover for every offer: cost_<offer>, whole kopecks."""
    return table.mutate(**{f"cost_{o.id}": _cost(table, o, parameters) for o in catalogue.measures})


def _gate(table: ir.Table, parameters: CampaignParameters) -> ir.StringValue:
    """Return why a customer may not be written to; an unknown consent is none."""
    gates = [(~ibis.coalesce(table.allows_contact, False), "no_consent")]
    if parameters.contact_cap is not None:
        full = table.marketing_contacts_current >= parameters.contact_cap
        gates.append((ibis.coalesce(full, False), "contact_limit"))
    return ibis.cases(*gates)


def _slots(table: ir.Table) -> list[str]:
    return [f"reason_{slot}" for slot in SLOTS if f"reason_{slot}" in table.columns]


def _answered_reason(table: ir.Table, offer: Offer) -> ir.StringValue:
    """Return the first reason that the offer answers, or null."""
    slots = _slots(table)
    if not slots or not offer.answers:
        return ibis.null("string")
    return ibis.cases(*((table[slot].isin(offer.answers), table[slot]) for slot in slots))


def _value(table: ir.Table, offer: Offer) -> ir.FloatingValue:
    profit = expected_profit(
        table.p_decline,
        gamma=offer.save_rate.median,
        stake=table.stake,
        d=offer.incentive_cost,
        rho=offer.redemption,
        f=offer.contact_cost,
    )
    suits = all_hold(table, offer.suits) & table.gate.isnull()
    return ibis.cases((suits, profit.round(2)), else_=ibis.null("float64"))


def _cost(table: ir.Table, offer: Offer, parameters: CampaignParameters) -> ir.IntegerValue:
    if parameters.budget_covers == "worst_case":
        return ibis.literal(round(offer.worst_case_cost * 100)).cast("int64")
    cost = expected_cost(
        ibis.coalesce(table.p_decline, 0.0),
        gamma=offer.save_rate.median,
        d=offer.incentive_cost,
        rho=offer.redemption,
        f=offer.contact_cost,
    )
    return (cost * 100).round().cast("int64")


def _prefer_answers(table: ir.Table, offers: Sequence[Offer], tolerance: float) -> ir.Table:
    """Keep only the offers that answer a reason where the best of them is nearly the best."""
    explained = reduce(or_, (table[slot].notnull() for slot in _slots(table)), ibis.literal(False))
    answers = {o.id: _answered_reason(table, o).notnull() for o in offers}
    table = table.mutate(
        explained=explained,
        **{
            f"answers_{key}": ibis.cases((explained, has), else_=False)
            for key, has in answers.items()
        },
    )
    best = ibis.greatest(*(table[f"value_{o.id}"] for o in offers))
    best_answer = ibis.greatest(
        *(ibis.cases((table[f"answers_{o.id}"], table[f"value_{o.id}"])) for o in offers)
    )
    nearly = (best_answer > 0) & (best_answer >= best * (1 - tolerance))
    table = table.mutate(
        answered=ibis.cases((table.explained, ibis.coalesce(nearly, False)), else_=False)
    )
    never = ibis.null("float64")
    kept = {
        f"value_{o.id}": ibis.cases(
            (table.answered & ~table[f"answers_{o.id}"], never), else_=table[f"value_{o.id}"]
        )
        for o in offers
    }
    return table.mutate(**kept)


def _with_arms(table: ir.Table, parameters: CampaignParameters) -> ir.Table:
    """Draw the control group among those who may be contacted, segment by segment."""
    drawn = draw_control_group(
        table.mutate(stratum=ibis.cases((table.gate.isnull(), table.segment))),
        stratum="stratum",
        share=parameters.control_share,
        salt=parameters.control_salt,
    )
    arm = ibis.cases(
        (drawn.gate.notnull(), "excluded"), (drawn.in_control, "control"), else_="treatment"
    )
    return drawn.mutate(arm=arm)


@dataclass(frozen=True)
class ShadowPrice:
    """What decides an assignment: the price λ of a rouble and who is served at the margin.

    Attributes:
        price: λ, RUB of profit per RUB of budget; 0 where the budget does not bind.
        below: A price just below λ, at which the undecided take their dearer option.
        last_gain: Profit per RUB of the last one served at the margin; None if nobody was.
        last_hash: Hash of that customer.
    """

    price: float = 0.0
    below: float = 0.0
    last_gain: float | None = None
    last_hash: str | None = None


def find_shadow_price(
    values: ir.Table, offers: Sequence[str], budget: float | None, salt: str
) -> ShadowPrice:
    """Return the price at which the treatment arm just fits the budget.

    First the price is halved until the budget is exceeded, which looks only at those whom an offer
    still pays for at that price. Each further pass computes the cost at many prices at once, for
    customers whose option differs between the two ends. Sums are whole kopecks, hence exact.

    Args:
        values: Table of ``value_offers``; customer_id, arm, value_<offer> and cost_<offer> count.
        offers: Ids of the measures, the cheapest first.
        budget: RUB, or None for no limit.
        salt: Shuffles the undecided.
    """
    if budget is None:
        return ShadowPrice()
    limit = int(budget * 100 + 1e-6)
    payable = _with_last_price(values, offers)
    prices, low = _prices(payable, offers, limit)
    payable = payable.filter(payable.last_price * _ABOVE >= low).cache()
    low, high, at_high = _bracket(payable, offers, prices, limit)
    if high == 0:
        return ShadowPrice()
    payers = payable.filter(payable.last_price * _ABOVE >= low)
    undecided = _undecided(payers, offers, low, high).cache()
    for number in _POINTS:
        points = [low + (high - low) * step / (number + 1) for step in range(1, number + 1)]
        *costs, settled = _costs(undecided, offers, [*points, high])
        totals = [cost - settled + at_high for cost in costs] + [at_high]
        first = next(i for i, total in enumerate(totals) if total <= limit)
        low, high = [low, *points][first], [*points, high][first]
        at_high = totals[first]
        undecided = _undecided(undecided, offers, low, high).cache()
    return _serve_margin(undecided, high, low, limit - at_high, salt)


def _with_last_price(values: ir.Table, offers: Sequence[str]) -> ir.Table:
    """Return who may get an offer, with ``last_price``, above which none is worth its cost."""
    able = values.filter(values.arm != "excluded")
    prices = (able[f"value_{o}"] * 100 / able[f"cost_{o}"].nullif(0) for o in offers)
    figures = [f"{kind}_{offer}" for kind in ("value", "cost") for offer in offers]
    able = able.select("customer_id", "arm", *figures, last_price=ibis.greatest(*prices))
    return able.filter(able.last_price >= 0)


def _prices(payable: ir.Table, offers: Sequence[str], limit: int) -> tuple[list[float], float]:
    """Return the prices to try, one half of the other, and one that exceeds the limit for certain.

    Nobody takes what costs anything at the first price, everybody at the last, which is zero. The
    limit is exceeded where more customers pay than it could serve if all took the cheapest offer.
    """
    least = ibis.least(*(payable[f"cost_{offer}"].min() for offer in offers))
    top, cheapest = payable.aggregate(top=payable.last_price.max(), least=least).execute().iloc[0]
    highest = 0.0 if pd.isna(top) else float(top) * _ABOVE
    prices = [*(highest / 2**step for step in range(_HALVINGS + 1)), 0.0]
    treated = payable.filter(payable.arm == "treatment")
    payers = {
        str(place): (treated.last_price > price * _ABOVE).sum()
        for place, price in enumerate(prices)
    }
    counts = treated.aggregate(**payers).execute().iloc[0].fillna(0)
    exceeding = (p for p, n in zip(prices, counts, strict=True) if n * cheapest > limit)
    return prices, next(exceeding, 0.0)


def _bracket(
    payable: ir.Table, offers: Sequence[str], prices: Sequence[float], limit: int
) -> tuple[float, float, int]:
    """Return two prices that the wanted one lies between, and the kopecks spent at the higher.

    Both are zero where the whole demand is within the limit.
    """
    treated = payable.filter(payable.arm == "treatment")
    high, at_high = prices[0], 0
    for price in prices[1:]:
        payers = treated.filter(treated.last_price * _ABOVE >= price)
        (cost,) = _costs(payers, offers, [price])
        if cost > limit:
            return price, high, at_high
        high, at_high = price, cost
    return 0.0, 0.0, at_high


def _decide(table: ir.Table, offers: Sequence[str], price: Any, name: str) -> ir.Table:
    """Add the option with the highest value − price·cost; ties take the cheaper one.

    Columns added: <name>_offer (id), <name>_cost (kopecks) and <name>_value (RUB).
    """
    if isinstance(price, float):  # else DuckDB would multiply in DECIMAL, ten times as slow
        price = ibis.literal(price, "float64")
    nets = {
        f"{name}_net_{offer}": table[f"value_{offer}"] - table[f"cost_{offer}"] * (price / 100)
        for offer in offers
    }
    table = table.mutate(**nets)
    table = table.mutate(best=ibis.greatest(*(table[net] for net in nets), 0.0))

    def of_best(results: Sequence[Any], nothing: Any) -> ir.Value:
        cases = [
            (table[net] == table.best, result) for net, result in zip(nets, results, strict=True)
        ]
        return ibis.cases((table.best <= 0, nothing), *cases, else_=nothing)

    decided = {
        f"{name}_offer": of_best(offers, DO_NOTHING),
        f"{name}_cost": of_best([table[f"cost_{offer}"] for offer in offers], 0),
        f"{name}_value": of_best([table[f"value_{offer}"] for offer in offers], 0.0),
    }
    return table.mutate(**decided)


def _undecided(values: ir.Table, offers: Sequence[str], low: float, high: float) -> ir.Table:
    """Return those who spend more at the low price than at the high one, with both options."""
    table = _decide(values, offers, low, "dear")
    table = _decide(table, offers, high, "cheap")
    return table.filter(table.dear_cost != table.cheap_cost)


def _costs(table: ir.Table, offers: Sequence[str], prices: Sequence[float]) -> list[int]:
    """Return the kopecks that the treatment arm costs at each price, in one pass."""
    numbered = {"place": list(range(len(prices))), "price": [float(price) for price in prices]}
    tried = ibis.memtable(pa.table(numbered))
    figures = [f"{kind}_{offer}" for kind in ("value", "cost") for offer in offers]
    pairs = table.filter(table.arm == "treatment").select(figures).cross_join(tried)
    pairs = _decide(pairs, offers, pairs.price, "tried")
    found = pairs.group_by("place").aggregate(cost=pairs.tried_cost.sum()).execute()
    costs = dict(zip(found["place"], found["cost"], strict=True))
    return [int(costs.get(place, 0)) for place in range(len(prices))]


def _with_gain(table: ir.Table) -> ir.Table:
    """Add what the dearer option costs more (kopecks) and what it gains per RUB of that."""
    cost = table.dear_cost - table.cheap_cost
    return table.mutate(
        more_cost=cost, gain=(table.dear_value - table.cheap_value) * 100 / cost.nullif(0)
    )


def _tie(table: ir.Table, salt: str) -> ir.StringValue:
    """Return the hash that shuffles those with the same gain."""
    return salted_hash(table.customer_id, f"{salt}:margin")


def _serve_margin(
    undecided: ir.Table, high: float, low: float, left: int, salt: str
) -> ShadowPrice:
    """Serve the undecided, the highest gain first, until the next one no longer fits.

    Controls take their place in the queue but spend nothing, so both arms follow one rule.
    """
    queue = _with_gain(undecided).mutate(tie=_tie(undecided, salt))
    spent = ibis.cases((queue.arm == "treatment", queue.more_cost), else_=0)
    order = [queue.gain.desc(), queue.tie]
    queue = queue.mutate(running=spent.sum().over(order_by=order, rows=(None, 0)))
    served = queue.filter(queue.running <= left)
    last = (
        served.order_by([served.gain, served.tie.desc()]).limit(1).select("gain", "tie").execute()
    )
    if last.empty:
        return ShadowPrice(high, low)
    return ShadowPrice(high, low, float(last.gain.iloc[0]), str(last.tie.iloc[0]))


def choose_offers(
    values: ir.Table, offers: Sequence[str], price: ShadowPrice, salt: str
) -> ir.Table:
    """Return the rows of ``values`` with ``offer_id``: everyone's option under a shadow price."""
    table = _decide(values, offers, price.price, "cheap")
    if price.last_gain is None or price.last_hash is None:
        return table.mutate(offer_id=table.cheap_offer)
    table = _with_gain(_decide(table, offers, price.below, "dear"))
    served = ibis.cases(
        (table.gain > price.last_gain, True),
        (table.gain == price.last_gain, _tie(table, salt) <= price.last_hash),
        else_=False,
    )
    return table.mutate(offer_id=ibis.cases((served, table.dear_offer), else_=table.cheap_offer))


def by_offer(column: ir.StringValue, offers: Sequence[Offer], attribute: Callable) -> ir.Value:
    """Return an attribute of the offer that a column names; zero for «do nothing»."""
    zero = ibis.literal(0).cast("float64")  # a bare 0.0 would make DuckDB count in DECIMAL(4, 1)
    found = ((column == offer.id, attribute(offer)) for offer in offers)
    return ibis.cases((column == DO_NOTHING, zero), *found, else_=zero)


def assign_offers(
    values: ir.Table, catalogue: OfferCatalogue, parameters: CampaignParameters
) -> tuple[ir.Table, dict[str, Any]]:
    """Return at most one offer for each customer, and the price of the budget.

    Controls carry the offer that they would have got, for the read-out compares like with like.

    Returns:
        A table, in the order of ``values``, of customer_id, segment, risk_group, p_decline, stake,
        arm, offer_id, contacted, no_contact_reason (key or null), worth_it (an offer pays, budget
        or not) and answered_reason; and a dict of budget (RUB or None), budget_covers and
        shadow_price (RUB of profit per RUB).
    """
    offers, salt = catalogue.measures, parameters.control_salt
    ids = [offer.id for offer in offers]
    values = _with_costs(values, catalogue, parameters)
    price = find_shadow_price(values, ids, parameters.budget, salt)
    table = choose_offers(values, ids, price, salt)
    best = ibis.greatest(*(table[f"value_{name}"] for name in ids))
    table = table.mutate(worth_it=ibis.coalesce(best > 0, False))
    reason = ibis.cases(
        (table.gate.notnull(), table.gate),
        (table.arm == "control", "control_group"),
        (~table.worth_it, "not_worth_it"),
        (table.offer_id == DO_NOTHING, "out_of_budget"),
    )
    table = table.mutate(no_contact_reason=reason, contacted=reason.isnull())
    assigned = table.select(
        *("customer_id", "segment", "risk_group", "p_decline", "stake", "arm", "offer_id"),
        *("contacted", "no_contact_reason", "worth_it"),
        answered_reason=_answered_by_choice(table, offers),
    )
    return assigned, {
        "budget": parameters.budget,
        "budget_covers": parameters.budget_covers,
        "shadow_price": round(price.price, 4),
    }


def _answered_by_choice(table: ir.Table, offers: Sequence[Offer]) -> ir.StringValue:
    answered = ((table.offer_id == o.id, _answered_reason(table, o)) for o in offers)
    return ibis.cases((table.offer_id == DO_NOTHING, ibis.null("string")), *answered)


def value_choices(table: ir.Table, offers: Sequence[Offer]) -> dict[str, ir.Value]:
    """Return what the chosen offer is worth; all zero for «do nothing».

    Args:
        table: Has p_decline, stake and offer_id.
        offers: The measures.

    Returns:
        expected_profit_low, expected_profit, expected_profit_high, expected_cost, worst_case_cost
        (RUB) and expected_saves (declines prevented).
    """

    def of(attribute: Callable[[Offer], float]) -> Any:
        return by_offer(table.offer_id, offers, attribute)

    p = ibis.coalesce(table.p_decline, 0.0)
    stake = ibis.coalesce(table.stake, 0.0)
    costs = {
        "d": of(lambda o: o.incentive_cost),
        "rho": of(lambda o: o.redemption),
        "f": of(lambda o: o.contact_cost),
    }
    gamma = {
        "low": of(lambda o: o.save_rate.low),
        "median": of(lambda o: o.save_rate.median),
        "high": of(lambda o: o.save_rate.high),
    }
    profit = {
        level: expected_profit(p, gamma=rate, stake=stake, **costs).round(2)
        for level, rate in gamma.items()
    }
    money = {
        "expected_profit_low": profit["low"],
        "expected_profit": profit["median"],
        "expected_profit_high": profit["high"],
        "expected_cost": expected_cost(p, gamma=gamma["median"], **costs).round(2),
        "worst_case_cost": of(lambda o: o.worst_case_cost),
        "expected_saves": p * gamma["median"],
    }
    zero = ibis.literal(0).cast("float64")
    return {
        name: ibis.cases((table.offer_id == DO_NOTHING, zero), else_=amount)
        for name, amount in money.items()
    }
