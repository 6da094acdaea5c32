"""Which offer each customer gets: expected profit, gates, control group and a budget.

The budget is met by the Lagrangian rule (Everett 1963): every customer takes the option with the
highest value − λ·cost, λ is the shadow price of the budget, and those whom λ leaves undecided are
served in a shuffled but fixed order while money lasts. That takes four steps:

1. `_bracket` halves the price until the budget is exceeded: λ lies between the last two prices;
2. `find_shadow_price` narrows them down, many prices at a time, for customers who still differ;
3. `_serve_margin` finds how far the money goes among those whom the last two prices tell apart;
4. `choose_offers` gives everyone their option at λ, and the dearer one to those served in step 3.

Everything is one row per customer with one column per offer, so no table grows with the number of
offers. An offer that does not suit has no value, and the greatest of several values is that of
those that are known, on every engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import attrgetter, or_
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

_REASONS = tuple(f"reason_{slot}" for slot in SLOTS)
_FREE = 1e300  # the value per rouble of an offer that costs nothing
_ABOVE = 1 + 1e-9  # rounding moves no customer over a price and back
# How the price is narrowed down to one part in 2**18 of a half; the order of gains does the rest.
_HALVINGS = 15
_PASSES = 3
_PRICES_PER_PASS = 63


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
    facts = ("customer_id", "segment", "risk_group", "p_decline")
    table = customers.drop("declined") if "declined" in customers.columns else customers
    table = table.join(segments.select(facts), "customer_id")
    table = _with_arms(_with_values(table, catalogue, parameters, value), parameters)
    table = table.left_join(reasons.select("customer_id", *_REASONS), "customer_id")
    table = _prefer_answers(table, catalogue.measures, parameters.reason_tolerance)
    values = (f"value_{offer.id}" for offer in catalogue.measures)
    return table.select(*facts, "stake", "gate", "arm", *_REASONS, *values).order_by("customer_id")


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
    """Add stake, gate and the value of every offer.

    An unknown consent is none, and an unknown number of contacts is too many.
    """
    gates = [(~ibis.coalesce(table.allows_contact, False), "no_consent")]
    if parameters.contact_cap is not None:
        full = table.marketing_contacts_current >= parameters.contact_cap
        gates.append((ibis.coalesce(full, True), "contact_limit"))
    stake = profit_at_stake(table.monthly_profit, value)
    table = table.mutate(stake=stake, gate=ibis.cases(*gates))
    values = {}
    for offer in catalogue.measures:
        suits = all_hold(table, offer.suits) & table.gate.isnull()
        profit = expected_profit(table.p_decline, stake=table.stake, **offer.terms).round(2)
        values[f"value_{offer.id}"] = ibis.cases((suits, profit), else_=ibis.null("float64"))
    return table.mutate(**values)


def _with_costs(
    table: ir.Table, catalogue: OfferCatalogue, parameters: CampaignParameters
) -> ir.Table:
    """Add what the budget must cover for every offer: cost_<offer>, whole kopecks."""
    costs = {}
    for offer in catalogue.measures:
        if parameters.budget_covers == "worst_case":
            cost = ibis.literal(round(offer.worst_case_cost * 100))
        else:
            cost = expected_cost(ibis.coalesce(table.p_decline, 0.0), **offer.terms)
            cost = (cost * 100).round()
        costs[f"cost_{offer.id}"] = cost.cast("int64")
    return table.mutate(**costs)


def _with_arms(table: ir.Table, parameters: CampaignParameters) -> ir.Table:
    """Draw the control group among those who may be contacted, by segment and risk group.

    Early warnings are few: left to chance, hardly any of them might be a control.
    """
    stratum = table.segment + "/" + table.risk_group
    drawn = draw_control_group(
        table.mutate(stratum=ibis.cases((table.gate.isnull(), stratum))),
        stratum="stratum",
        share=parameters.control_share,
        salt=parameters.control_salt,
    )
    arm = ibis.cases(
        (drawn.gate.notnull(), "excluded"), (drawn.in_control, "control"), else_="treatment"
    )
    return drawn.mutate(arm=arm)


def _answered_reason(table: ir.Table, offer: Offer) -> ir.StringValue:
    """Return the first reason that the offer answers, or null."""
    if not offer.answers:
        return ibis.null("string")
    return ibis.cases(*((table[slot].isin(offer.answers), table[slot]) for slot in _REASONS))


def _prefer_answers(table: ir.Table, offers: Sequence[Offer], tolerance: float) -> ir.Table:
    """Keep only the offers that answer a reason where the best of them is nearly the best."""
    explained = reduce(or_, (table[slot].notnull() for slot in _REASONS))
    answers = {f"answers_{o.id}": _answered_reason(table, o).notnull() for o in offers}
    table = table.mutate(
        explained=explained,
        **{name: ibis.cases((explained, has), else_=False) for name, has in answers.items()},
    )
    best = ibis.greatest(*(table[f"value_{o.id}"] for o in offers))
    best_answer = ibis.greatest(
        *(ibis.cases((table[f"answers_{o.id}"], table[f"value_{o.id}"])) for o in offers)
    )
    nearly = (best_answer > 0) & (best_answer >= best * (1 - tolerance))
    answered = ibis.cases((table.explained, ibis.coalesce(nearly, False)), else_=False)
    table = table.mutate(answered=answered)
    kept = {}
    for offer in offers:
        dropped = table.answered & ~table[f"answers_{offer.id}"]
        value = table[f"value_{offer.id}"]
        kept[f"value_{offer.id}"] = ibis.cases((dropped, ibis.null("float64")), else_=value)
    return table.mutate(**kept)


@dataclass(frozen=True)
class ShadowPrice:
    """What decides an assignment: the price λ of a rouble and who is served at the margin."""

    price: float = 0.0  # λ, RUB of profit per RUB of budget; 0 where the budget does not bind
    below: float = 0.0  # a price just below λ, at which the undecided take their dearer option
    last_gain: float | None = None  # profit per RUB of the last one served at the margin, if any
    last_hash: str | None = None  # hash of that customer


def find_shadow_price(
    values: ir.Table, offers: Sequence[str], budget: float | None, salt: str
) -> ShadowPrice:
    """Return the price at which the treatment arm just fits the budget (RUB; None for no limit).

    First the price is halved until the budget is exceeded, which looks only at those whom an offer
    still pays for at that price. Each further pass computes the cost at many prices at once, for
    customers whose option differs between the two ends. Sums are whole kopecks, hence exact.

    ``values`` has customer_id, arm, value_<offer> and cost_<offer>; ``offers`` are the ids of the
    measures, the cheapest first; ``salt`` shuffles the undecided.
    """
    if budget is None:
        return ShadowPrice()
    limit = int(budget * 100 + 1e-6)
    bracket = _bracket(_with_last_price(values, offers), offers, limit)
    if bracket is None:
        return ShadowPrice()
    paying, low, high, at_high = bracket
    undecided = _undecided(paying, offers, low, high).cache()
    parts = _PRICES_PER_PASS + 1
    for _ in range(_PASSES):
        points = [low + (high - low) * step / parts for step in range(1, parts)]
        *costs, settled = _costs(undecided, offers, [*points, high])
        totals = [cost - settled + at_high for cost in costs] + [at_high]
        first = next(i for i, total in enumerate(totals) if total <= limit)
        low, high = [low, *points][first], [*points, high][first]
        at_high = totals[first]
        undecided = _undecided(undecided, offers, low, high).cache()
    return _serve_margin(undecided, high, low, limit - at_high, salt)


def _figures(offers: Sequence[str]) -> list[str]:
    return [f"{kind}_{offer}" for kind in ("value", "cost") for offer in offers]


def _with_last_price(values: ir.Table, offers: Sequence[str]) -> ir.Table:
    """Return who may get an offer, with ``last_price``, above which none is worth its cost."""
    able = values.filter(values.arm != "excluded")
    prices = (able[f"value_{o}"] * 100 / able[f"cost_{o}"].nullif(0) for o in offers)
    last_price = ibis.greatest(*prices)
    able = able.select("customer_id", "arm", *_figures(offers), last_price=last_price)
    return able.filter(able.last_price >= 0)


def _bracket(
    payable: ir.Table, offers: Sequence[str], limit: int
) -> tuple[ir.Table, float, float, int] | None:
    """Return who pays at a price that exceeds the limit, that price, the next, and its kopecks.

    None is returned where the whole demand is within the limit. Prices tried are one half of the
    other: nobody takes what costs anything at the first, everybody at the last, which is zero. The
    limit is exceeded for certain where more customers pay than it could serve if all took the
    cheapest offer, so those who pay at lower prices only are left out.
    """
    least = ibis.least(*(payable[f"cost_{offer}"].min() for offer in offers))
    top, cheapest = payable.aggregate(top=payable.last_price.max(), least=least).execute().iloc[0]
    if pd.isna(top):  # nobody takes what costs anything
        return None
    highest = float(top) * _ABOVE
    prices = [*(highest / 2**step for step in range(_HALVINGS + 1)), 0.0]
    treated = payable.filter(payable.arm == "treatment")
    payers = {str(n): (treated.last_price > price * _ABOVE).sum() for n, price in enumerate(prices)}
    counts = treated.aggregate(**payers).execute().iloc[0].fillna(0)
    exceeding = (p for p, n in zip(prices, counts, strict=True) if n * cheapest > limit)
    lowest = next(exceeding, 0.0)
    payable = payable.filter(payable.last_price * _ABOVE >= lowest).cache()
    high, at_high = prices[0], 0
    for low in prices[1:]:
        paying = payable.filter(payable.last_price * _ABOVE >= low)
        (cost,) = _costs(paying, offers, [low])
        if cost > limit:
            return paying, low, high, at_high
        high, at_high = low, cost
    return None


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
        pairs = zip(nets, results, strict=True)
        cases = ((table[net] == table.best, result) for net, result in pairs)
        return ibis.cases((table.best <= 0, nothing), *cases, else_=nothing)

    decided = {
        f"{name}_offer": of_best(offers, DO_NOTHING),
        f"{name}_cost": of_best([table[f"cost_{offer}"] for offer in offers], 0),
        f"{name}_value": of_best([table[f"value_{offer}"] for offer in offers], 0.0),
    }
    return table.mutate(**decided)


def _undecided(values: ir.Table, offers: Sequence[str], low: float, high: float) -> ir.Table:
    """Return those who spend more at the low price than at the high one, with both options."""
    table = _decide(_decide(values, offers, low, "at_low_price"), offers, high, "at_high_price")
    return table.filter(table.at_low_price_cost != table.at_high_price_cost)


def _costs(table: ir.Table, offers: Sequence[str], prices: Sequence[float]) -> list[int]:
    """Return the kopecks that the treatment arm costs at each price, in one pass."""
    numbered = {"place": list(range(len(prices))), "price": [float(price) for price in prices]}
    tried = ibis.memtable(pa.table(numbered))
    pairs = table.filter(table.arm == "treatment").select(_figures(offers)).cross_join(tried)
    pairs = _decide(pairs, offers, pairs.price, "tried")
    found = pairs.group_by("place").aggregate(cost=pairs.tried_cost.sum()).execute()
    costs = dict(zip(found["place"], found["cost"], strict=True))
    return [int(costs.get(place, 0)) for place in range(len(prices))]


def _with_gain(table: ir.Table) -> ir.Table:
    """Add what the dearer option costs more (kopecks) and what it gains per RUB of that."""
    cost = table.at_low_price_cost - table.at_high_price_cost
    gain = (table.at_low_price_value - table.at_high_price_value) * 100 / cost.nullif(0)
    return table.mutate(more_cost=cost, gain=gain)


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
    served = queue.filter(queue.running <= left).order_by([queue.gain, queue.tie.desc()])
    last = served.limit(1).select("gain", "tie").execute()
    if last.empty:
        return ShadowPrice(high, low)
    return ShadowPrice(high, low, float(last.gain.iloc[0]), str(last.tie.iloc[0]))


def choose_offers(
    values: ir.Table, offers: Sequence[str], price: ShadowPrice, salt: str
) -> ir.Table:
    """Return the rows of ``values`` with ``offer_id``: everyone's option under a shadow price."""
    table = _decide(values, offers, price.price, "at_high_price")
    if price.last_gain is None or price.last_hash is None:
        return table.mutate(offer_id=table.at_high_price_offer)
    table = _with_gain(_decide(table, offers, price.below, "at_low_price"))
    served = ibis.cases(
        (table.gain > price.last_gain, True),
        (table.gain == price.last_gain, _tie(table, salt) <= price.last_hash),
        else_=False,
    )
    return table.mutate(
        offer_id=ibis.cases((served, table.at_low_price_offer), else_=table.at_high_price_offer)
    )


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
    best = ibis.greatest(*(table[f"value_{name}"] for name in ids))  # of those that suit
    table = table.mutate(worth_it=ibis.coalesce(best > 0, False))
    reason = ibis.cases(
        (table.gate.notnull(), table.gate),
        (table.arm == "control", "control_group"),
        (best.isnull(), "no_offer_suits"),
        (~table.worth_it, "not_worth_it"),
        (table.offer_id == DO_NOTHING, "out_of_budget"),
    )
    table = table.mutate(no_contact_reason=reason, contacted=reason.isnull())
    answered = ((table.offer_id == o.id, _answered_reason(table, o)) for o in offers)
    assigned = table.select(
        *("customer_id", "segment", "risk_group", "p_decline", "stake", "arm", "offer_id"),
        *("contacted", "no_contact_reason", "worth_it"),
        answered_reason=ibis.cases((table.offer_id == DO_NOTHING, ibis.null("string")), *answered),
    )
    return assigned, {
        "budget": parameters.budget,
        "budget_covers": parameters.budget_covers,
        "shadow_price": round(price.price, 4),
    }


def value_choices(table: ir.Table, offers: Sequence[Offer]) -> dict[str, ir.Value]:
    """Return what the chosen offer is worth; all zero for «do nothing».

    ``table`` has p_decline, stake and offer_id. The values are expected_profit_low,
    expected_profit, expected_profit_high, expected_cost, worst_case_cost (RUB) and expected_saves
    (declines prevented).
    """
    nothing = table.offer_id == DO_NOTHING
    zero = ibis.literal(0).cast("float64")  # a bare 0.0 would make DuckDB count in DECIMAL(4, 1)

    def of(attribute: str) -> Any:
        known = ((table.offer_id == o.id, attrgetter(attribute)(o)) for o in offers)
        return ibis.cases((nothing, zero), *known, else_=zero)

    p, stake = ibis.coalesce(table.p_decline, 0.0), ibis.coalesce(table.stake, 0.0)
    costs = {"d": of("incentive_cost"), "rho": of("redemption"), "f": of("contact_cost")}
    gamma = {level: of(f"save_rate.{level}") for level in ("low", "median", "high")}
    profit = {
        level: expected_profit(p, gamma=rate, stake=stake, **costs).round(2) + zero  # never «-0»
        for level, rate in gamma.items()
    }
    money = {
        "expected_profit_low": profit["low"],
        "expected_profit": profit["median"],
        "expected_profit_high": profit["high"],
        "expected_cost": expected_cost(p, gamma=gamma["median"], **costs).round(2),
        "worst_case_cost": of("worst_case_cost"),
        "expected_saves": p * gamma["median"],
    }
    return {name: ibis.cases((nothing, zero), else_=amount) for name, amount in money.items()}
