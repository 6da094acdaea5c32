"""What the manager reads before sending: sizes, money, and what the campaign can show."""

from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from oneclick.campaign.assignment import by_offer
from oneclick.campaign.economics import ValueParameters, profit_at_stake
from oneclick.campaign.offers import DO_NOTHING, OfferCatalogue
from oneclick.campaign.parameters import CampaignParameters
from oneclick.campaign.power import sample_size, smallest_visible_effect
from oneclick.texts import Language, decimal, load_texts

_MONEY = (
    "expected_cost",
    "worst_case_cost",
    "expected_profit_low",
    "expected_profit_median",
    "expected_profit_high",
)
NO_CONTACT_REASONS = (
    "no_consent",
    "contact_limit",
    "control_group",
    "not_worth_it",
    "out_of_budget",
)


def _exact_sum(column: ir.Value, where: ir.BooleanValue) -> ir.Value:
    """Sum RUB in whole kopecks, so that the order of the rows cannot change the result."""
    kopecks = ibis.cases((where, (column * 100).round().cast("int64")))
    return ibis.coalesce(kopecks.sum(), 0) / 100


def _totals(table: ir.Table) -> dict[str, ir.Value]:
    """Return the figures that every table of the summary shows; ``table`` is the register."""
    return {
        "customers": table.count(),
        "consented": (ibis.coalesce(table.no_contact_reason, "") != "no_consent").sum(),
        "contacted": table.contacted.sum(),
        "control": (table.arm == "control").sum(),
        "mean_p_decline": table.p_decline.mean().round(6),
        "expected_declines": ibis.cases((table.contacted, table.p_decline), else_=0.0)
        .sum()
        .round(4),
        "expected_cost": _exact_sum(table.expected_cost, table.contacted),
        "worst_case_cost": _exact_sum(table.worst_case_cost, table.contacted),
        "expected_profit_low": _exact_sum(table.expected_profit_low, table.contacted),
        "expected_profit_median": _exact_sum(table.expected_profit, table.contacted),
        "expected_profit_high": _exact_sum(table.expected_profit_high, table.contacted),
    }


def count_by(register: ir.Table, key: str, names: dict[str, str]) -> pd.DataFrame:
    """Return sizes and money of the campaign by ``segment``, ``risk_group`` or ``offer_id``.

    There is one row per key of ``names``, in their order (`CampaignSegments`, `CampaignGroups`,
    `CampaignOffers`).
    """
    label = "offer_name" if key == "offer_id" else f"{key}_name"
    found = register.group_by(key).aggregate(**_totals(register)).execute()
    head = pd.DataFrame({key: list(names), label: list(names.values())})
    result = head.merge(found, on=key, how="left", validate="one_to_one")
    counts = ("customers", "consented", "contacted", "control")
    result = result.fillna(dict.fromkeys((*counts, "expected_declines", *_MONEY), 0))
    return result.astype(dict.fromkeys(counts, "int64"))


def count_exclusions(register: ir.Table, language: Language) -> pd.DataFrame:
    """Return how many get no contact for which reason (`CampaignExclusions`)."""
    counts = register.group_by("no_contact_reason").aggregate(customers=register.count()).execute()
    found = counts.set_index("no_contact_reason")["customers"].to_dict()
    labels = load_texts("campaign", language)["no_contact_reasons"]
    rows = [(key, labels[key], int(found.get(key, 0))) for key in NO_CONTACT_REASONS]
    result = pd.DataFrame(rows, columns=["reason", "label", "customers"])
    return result.assign(share=result["customers"] / max(int(counts["customers"].sum()), 1))


def table_capacities(register: ir.Table, parameters: CampaignParameters) -> pd.DataFrame:
    """Return what contacting the best n customers would bring, for each capacity.

    Customers are those of the treatment arm with an offer, the highest expected profit first. A
    capacity is a share of all customers; it is not filled when fewer have an offer that pays
    (`CampaignCapacities`).
    """
    whole = register.aggregate(
        n=register.count(),
        p=register.p_decline.sum(),
        known=(register.risk_group != "unknown_status").sum(),
    ).execute()
    n, p_all = int(whole["n"].iloc[0]), float(whole["p"].iloc[0])
    sent = register.filter(register.contacted)
    order = [sent.expected_profit.desc(), sent.customer_id]
    sent = sent.select(
        *("contacted", "no_contact_reason", "arm", "risk_group", "p_decline", "expected_saves"),
        *("expected_cost", "worst_case_cost"),
        *("expected_profit_low", "expected_profit", "expected_profit_high"),
        place=ibis.row_number().over(order_by=order),
    ).cache()
    rows = []
    for share in parameters.capacities:
        best = sent.filter(sent.place < int(share * n + 0.5))
        row = best.aggregate(
            customers=best.count(),
            declined_caught=(best.risk_group == "already_declined").sum(),
            expected_saves=best.expected_saves.sum().round(4),
            **{k: v for k, v in _totals(best).items() if k in ("expected_declines", *_MONEY)},
        )
        rows.append(row.execute().assign(capacity_share=share))
    result = pd.concat(rows, ignore_index=True).fillna({"expected_declines": 0.0})
    result["share_caught"] = (result["expected_declines"] / p_all).round(6)
    caught = result["declined_caught"].fillna(0) if int(whole["known"].iloc[0]) else pd.NA
    result["declined_caught"] = pd.Series(caught, index=result.index, dtype="Int64")
    result["expected_saves"] = result["expected_saves"].fillna(0.0)
    columns = ["capacity_share", "customers", "expected_declines", "declined_caught"]
    return result[[*columns, "share_caught", "expected_saves", *_MONEY]]


def list_offers(
    register: ir.Table, catalogue: OfferCatalogue, value: ValueParameters, language: Language
) -> pd.DataFrame:
    """Return the catalogue, with p* of each offer at the median profit (`OfferCatalogueTable`)."""
    stake = profit_at_stake(float(register.monthly_profit.median().execute()), value)
    costs = ("contact_cost", "incentive_cost", "redemption")
    rows = []
    for offer in catalogue.measures:
        p = offer.break_even(stake)
        rows.append(
            {"offer_id": offer.id}
            | {"offer_name": getattr(offer.name, language), "text": getattr(offer.text, language)}
            | {name: getattr(offer, name) for name in costs}
            | {f"save_rate_{level}": rate for level, rate in offer.save_rate}
            | {"valid_days": offer.valid_days}
            | {"conditions": "; ".join(condition.text(language) for condition in offer.suits)}
            | {"break_even_p": round(p, 6) if p <= 1 else None}
        )
    return pd.DataFrame(rows)


def summarise_campaign(
    register: ir.Table,
    budget_use: dict[str, Any],
    catalogue: OfferCatalogue,
    parameters: CampaignParameters,
    value: ValueParameters,
) -> dict[str, Any]:
    """Return the figures and sentences of the summary; money in RUB, effects as shares 0..1.

    ``expected_saves`` and ``expected_profit`` hold for the assumed save rates low, median, high.
    The smallest visible effect compares treated and controls that have an offer planned.
    """
    found = _campaign_figures(register, catalogue)
    counts = ("customers", "consented", "contactable", "worth_it", "contacted", "treatment")
    spent = found[
        "worst_case_cost" if parameters.budget_covers == "worst_case" else "expected_cost"
    ]
    levels = ("low", "median", "high")
    return (
        {name: int(found[name]) for name in (*counts, "control")}
        | {"labelled": bool(found["labelled"] > 0)}
        | {name: float(found[name]) for name in ("expected_cost", "worst_case_cost")}
        | {
            "expected_profit": {x: float(found[f"expected_profit_{x}"]) for x in levels},
            "expected_saves": {x: float(found[f"saves_{x}"]) for x in levels},
            **budget_use,
            "budget_used": float(spent),
            "horizon_months": value.horizon_months,
            "share_lost": value.share_lost,
            "profit_unit": getattr(value.profit_unit, parameters.language),
            "profit_unit_rub": value.profit_unit_rub,
            "control_share": parameters.control_share,
            "salt": parameters.control_salt,
            "starts_on": parameters.starts_on.isoformat() if parameters.starts_on else None,
        }
        | _visible_effect(found, parameters)
        | _sentences(budget_use, value, parameters.language)
    )


def _campaign_figures(register: ir.Table, catalogue: OfferCatalogue) -> pd.Series:
    planned = register.offer_id != DO_NOTHING

    def saves(level: str) -> ir.Value:
        gamma = by_offer(
            register.offer_id, catalogue.measures, lambda offer: getattr(offer.save_rate, level)
        )
        return ibis.cases((register.contacted, register.p_decline * gamma), else_=0.0).sum()

    measures = _totals(register) | {
        "contactable": (register.arm != "excluded").sum(),
        "treatment": (register.arm == "treatment").sum(),
        "worth_it": register.worth_it.sum(),
        "planned_control": (planned & (register.arm == "control")).sum(),
        "baseline": ibis.cases((planned, register.p_decline)).mean(),
        "effect": ibis.cases((planned, register.expected_saves)).mean(),
        "labelled": (register.risk_group != "unknown_status").sum(),
        **{f"saves_{level}": saves(level).round(4) for level in ("low", "median", "high")},
    }
    return register.aggregate(**measures).execute().iloc[0].fillna(0)


def _visible_effect(found: pd.Series, parameters: CampaignParameters) -> dict[str, Any]:
    """Return what the arms with an offer planned can show, and what the hoped-for effect takes."""
    words = load_texts("campaign", parameters.language)["summary"]
    errors = {"alpha": parameters.alpha, "power": parameters.power}
    baseline, effect = float(found["baseline"]), float(found["effect"])
    treated, control = int(found["contacted"]), int(found["planned_control"])
    smallest = smallest_visible_effect(baseline, treated, control, **errors)
    needed = None
    if 0 < effect < baseline < 1:
        needed = sample_size(baseline, baseline - effect, **errors)
    if smallest is None or needed is None:
        text = words["effect_invisible"].format(treated=treated, control=control)
    else:
        text = words["effect_visible"].format(
            treated=treated,
            control=control,
            smallest=decimal(f"{smallest * 100:.1f}", parameters.language),
            expected=decimal(f"{effect * 100:.1f}", parameters.language),
            needed=needed,
        )
    return {
        "baseline_decline": round(baseline, 6),
        "smallest_visible_effect": None if smallest is None else round(smallest, 6),
        "expected_effect": round(effect, 6),
        "sample_per_arm_for_expected_effect": needed,
        "sample_text": text,
    }


def _sentences(
    budget_use: dict[str, Any], value: ValueParameters, language: Language
) -> dict[str, str]:
    words = load_texts("campaign", language)["summary"]
    price = budget_use["shadow_price"]
    if budget_use["budget"] is None:
        shadow = words["no_budget"]
    elif price == 0:
        shadow = words["budget_suffices"]
    else:
        shadow = words["shadow_price"].format(price=decimal(f"{price:.2f}", language))
    return {
        "shadow_price_text": shadow,
        "assumption_text": words["assumption"],
        "profit_unit_text": words["profit_unit"].format(
            unit=getattr(value.profit_unit, language),
            horizon=f"{value.horizon_months:g}",
            lost=f"{100 * value.share_lost:.0f}",
        ),
    }
