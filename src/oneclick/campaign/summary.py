"""What the manager reads before sending: sizes, money, and what the campaign can show."""

import math
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

from oneclick.campaign.economics import ValueParameters, profit_at_stake
from oneclick.campaign.offers import DO_NOTHING, OfferCatalogue
from oneclick.campaign.parameters import CampaignParameters
from oneclick.campaign.power import (
    chance_to_show,
    control_share_to_show,
    sample_size,
    smallest_visible_effect,
)
from oneclick.texts import Language, decimal, load_texts
from oneclick.texts.words import Words

CELLS = ("segment", "risk_group", "offer_id", "arm", "no_contact_reason")
# RUB, and the columns of the register that they are sums of.
_MONEY = {
    "expected_cost": "expected_cost",
    "worst_case_cost": "worst_case_cost",
    "expected_profit_low": "expected_profit_low",
    "expected_profit_median": "expected_profit",
    "expected_profit_high": "expected_profit_high",
}
# What it takes to show the expected effect: its chance now, the arms for a sure one, at the ratio
# that they have, and the share of controls that would do with the customers that there are.
_TO_SHOW = (
    *("chance_to_show", "treated_for_expected_effect", "controls_for_expected_effect"),
    "control_share_to_show",
)
_PERCENTS = {  # shares in the sentence, with their decimals
    "smallest_visible_effect": 1,
    "expected_effect": 1,
    "chance_to_show": 0,
    "control_share_to_show": 0,
}
_MOST = 0.5  # of the profit
_SEVERAL = 20  # letters; of fewer, the best one may well bring a half
_WHOLE = 9.95  # customers that are told without decimals
_DIGITS = 9  # hides the order in which an engine adds floating-point numbers


def tabulate_campaign(register: ir.Table) -> pd.DataFrame:
    """Return the register counted by all that the figures of a campaign divide it by.

    One row per segment, risk group, offer, arm and reason for no contact that there is
    (`CampaignCube`), so every other figure is a sum over few rows. RUB are summed as whole kopecks
    and probabilities rounded: the order of the customers cannot change a result.
    """
    cells = register.group_by(*CELLS).aggregate(
        **_sums(register), scored=register.p_decline.count(), worth_it=register.worth_it.sum()
    )
    cube = cells.execute().fillna({"expected_declines": 0.0, "worth_it": 0})
    cube = cube.astype({"worth_it": "int64", "no_contact_reason": "str"})
    return cube.sort_values(list(CELLS), ignore_index=True)


def _sums(table: ir.Table) -> dict[str, ir.Value]:
    """Return what customers of the register come to, money in kopecks."""
    money = {name: (table[column] * 100).round().cast("int64") for name, column in _MONEY.items()}
    return {
        "customers": table.count(),
        "expected_declines": table.p_decline.sum().round(_DIGITS),
        "expected_saves": table.expected_saves.sum().round(_DIGITS),
        **{name: ibis.coalesce(kopecks.sum(), 0) for name, kopecks in money.items()},
    }


def _is_contacted(cube: pd.DataFrame) -> pd.Series:
    return cube["no_contact_reason"].isna()


def count_by(cube: pd.DataFrame, key: str, names: dict[str, str]) -> pd.DataFrame:
    """Return sizes and money of the campaign by ``segment``, ``risk_group`` or ``offer_id``.

    There is one row per key of ``names``, in their order (`CampaignSegments`, `CampaignGroups`,
    `CampaignOffers`). Declines and money are those of the customers contacted.
    """
    sent = _is_contacted(cube)
    counted = cube[[key]].assign(
        customers=cube["customers"],
        consented=cube["customers"].where(cube["no_contact_reason"] != "no_consent", 0),
        contacted=cube["customers"].where(sent, 0),
        control=cube["customers"].where(cube["arm"] == "control", 0),
        mean_p_decline=cube["expected_declines"],
        scored=cube["scored"],
        **{name: cube[name].where(sent, 0) for name in ("expected_declines", *_MONEY)},
    )
    found = counted.groupby(key).sum().reindex(list(names), fill_value=0)
    found["mean_p_decline"] = (found["mean_p_decline"] / found["scored"]).round(6)
    found["expected_declines"] = found["expected_declines"].round(4)
    found[list(_MONEY)] /= 100
    label = "offer_name" if key == "offer_id" else f"{key}_name"
    found.insert(0, label, list(names.values()))
    return found.drop(columns="scored").reset_index()


def count_exclusions(cube: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Return how many get no contact for which reason (`CampaignExclusions`)."""
    labels = load_texts("campaign", language)["no_contact_reasons"]
    counts = cube.groupby("no_contact_reason")["customers"].sum()
    found = counts.reindex(list(labels), fill_value=0).rename_axis("reason").reset_index()
    found.insert(1, "label", list(labels.values()))
    return found.assign(share=found["customers"] / max(cube["customers"].sum(), 1))


def table_capacities(
    register: ir.Table, cube: pd.DataFrame, parameters: CampaignParameters
) -> pd.DataFrame:
    """Return what contacting the best n customers would bring, for each capacity.

    Customers are those of the treatment arm with an offer, the highest expected profit first. A
    capacity is a share of all customers; it is not filled when fewer have an offer that pays
    (`CampaignCapacities`).
    """
    shares = sorted(parameters.capacities)
    ends = [int(share * cube["customers"].sum() + 0.5) for share in shares]
    sent = register.filter(register.contacted)
    order = [sent.expected_profit.desc(), sent.customer_id]
    sent = sent.mutate(place=ibis.row_number().over(order_by=order))
    within = ibis.cases(*((sent.place < end, number) for number, end in enumerate(ends)))
    parts = sent.group_by(capacity=within).aggregate(
        **_sums(sent), declined_caught=(sent.risk_group == "already_declined").sum()
    )
    found = parts.execute().dropna(subset="capacity").set_index("capacity").astype(float)
    result = found.reindex(range(len(ends)), fill_value=0.0).fillna(0.0).cumsum()
    result["share_caught"] = result["expected_declines"] / cube["expected_declines"].sum()
    result = result.round({"expected_declines": 4, "expected_saves": 4, "share_caught": 6})
    result[list(_MONEY)] /= 100
    known = (cube["risk_group"] != "unknown_status").any()
    caught = result["declined_caught"] if known else pd.NA
    result["declined_caught"] = pd.Series(caught, index=result.index, dtype="Int64")
    result = result.astype({"customers": "int64"}).assign(capacity_share=shares)
    columns = ["capacity_share", "customers", "expected_declines", "declined_caught"]
    return result[[*columns, "share_caught", "expected_saves", *_MONEY]].reset_index(drop=True)


def list_offers(
    register: ir.Table, catalogue: OfferCatalogue, value: ValueParameters, language: Language
) -> pd.DataFrame:
    """Return the catalogue, with p* of each offer at the median profit (`OfferCatalogueTable`)."""
    stake = profit_at_stake(float(register.monthly_profit.median().execute()), value)
    unit, rows = getattr(value.profit_unit, language), []
    for offer in catalogue.measures:
        p = offer.break_even(stake)
        row = {
            "offer_id": offer.id,
            "offer_name": getattr(offer.name, language),
            "text": getattr(offer.text, language),
            **offer.model_dump(include={"contact_cost", "incentive_cost", "redemption"}),
            **{f"save_rate_{level}": rate for level, rate in offer.save_rate},
            "valid_days": offer.valid_days,
            "conditions": "; ".join(condition.text(language, unit) for condition in offer.suits),
            "break_even_p": round(p, 6) if p <= 1 else math.nan,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def summarise_campaign(
    cube: pd.DataFrame,
    budget_use: dict[str, Any],
    catalogue: OfferCatalogue,
    parameters: CampaignParameters,
    value: ValueParameters,
) -> dict[str, Any]:
    """Return the figures and sentences of the summary; money in RUB, effects as shares 0..1.

    ``expected_saves`` and ``expected_profit`` hold for the save rates low, median, high.
    The smallest visible effect compares treated and controls that have an offer planned.
    """
    sent = cube[_is_contacted(cube)]
    rates = {offer.id: dict(offer.save_rate) for offer in catalogue.measures}
    levels = ("low", "median", "high")

    def customers(where: pd.Series) -> int:
        return int(cube.loc[where, "customers"].sum())

    def saves(level: str) -> float:
        by_offer = sent["offer_id"].map(lambda offer: rates[offer][level]).astype(float)
        return round(float((sent["expected_declines"] * by_offer).sum()), 4)

    money = {name: float(sent[name].sum() / 100) for name in _MONEY}
    kept, pays = {level: saves(level) for level in levels}, _saves_to_pay(sent, catalogue)
    spent = "worst_case_cost" if parameters.budget_covers == "worst_case" else "expected_cost"
    return {
        "customers": int(cube["customers"].sum()),
        "consented": customers(cube["no_contact_reason"] != "no_consent"),
        "contactable": customers(cube["arm"] != "excluded"),
        "worth_it": int(cube["worth_it"].sum()),
        "planned": customers(cube["offer_id"] != DO_NOTHING),
        "contacted": int(sent["customers"].sum()),
        "treatment": customers(cube["arm"] == "treatment"),
        "control": customers(cube["arm"] == "control"),
        "labelled": bool((cube["risk_group"] != "unknown_status").any()),
        "expected_cost": money["expected_cost"],
        "worst_case_cost": money["worst_case_cost"],
        "expected_profit": {level: money[f"expected_profit_{level}"] for level in levels},
        "expected_saves": kept,
        "saves_to_pay": pays,
        **budget_use,
        "budget_used": money[spent],
        "horizon_months": value.horizon_months,
        "share_lost": value.share_lost,
        "language": parameters.language,
        "profit_unit": getattr(value.profit_unit, parameters.language),
        "profit_unit_rub": value.profit_unit_rub,
        "control_share": parameters.control_share,
        "salt": parameters.control_salt,
        "starts_on": parameters.starts_on.isoformat() if parameters.starts_on else None,
        **_visible_effect(cube, parameters),
        **_sentences(budget_use, len(sent) > 0, catalogue, value, parameters.language),
        "pays_text": _tell_what_pays(pays, kept["median"], parameters.language),
    }


def tell_concentration(
    register: ir.Table, summary: dict[str, Any], language: Language
) -> dict[str, Any]:
    """Return what part of the expected profit the first hundredth of the letters brings.

    ``summary`` is that of ``summarise_campaign``. The result is ``first_letters`` (customers),
    ``first_letters_share`` (of the profit, 0..1; None without any) and ``first_letters_text`` where
    so few bring more than a half: if their profit is wrong, so are all sums of money.
    """
    profit, few = summary["expected_profit"]["median"], math.ceil(summary["contacted"] / 100)
    best = register.filter(register.contacted).order_by(ibis.desc("expected_profit")).limit(few)
    brought = best.expected_profit.sum().fill_null(0).execute()
    share, text = round(float(brought / profit), 6) if profit else None, None
    if share is not None and share > _MOST and summary["contacted"] >= _SEVERAL:
        words = Words("campaign", language)
        told = {"customers": words.count(few, "customers_genitive"), "share": words.share(share)}
        text = words("summary.first_letters", **told)
    return {"first_letters": few, "first_letters_share": share, "first_letters_text": text}


def _tell_what_pays(needed: float | None, expected: float, language: Language) -> str | None:
    if needed is None:
        return None
    words = Words("campaign", language)
    told = words.number(expected, 0 if expected >= _WHOLE else 1)
    if needed < 1:
        return words("summary.pays_at_once", expected=told)
    customers = words.count(needed, "customers", digits=1)
    if needed >= _WHOLE:
        customers = words.count(math.ceil(needed), "customers_genitive")
    return words("summary.pays", needed=customers, expected=told)


def _saves_to_pay(sent: pd.DataFrame, catalogue: OfferCatalogue) -> float | None:
    """Return how many declines must be prevented, spread as expected, for the campaign to pay.

    Expected profit is linear in the saves. Without any it is minus what is spent on writing, and on
    those who would have stayed anyway.
    """
    incentives = {offer.id: offer.incentive_cost for offer in catalogue.measures}
    saves, profit = sent["expected_saves"], sent["expected_profit_median"].sum() / 100
    of_saved = (sent["offer_id"].map(incentives).astype(float) * saves).sum()
    spent = sent["expected_cost"].sum() / 100 - of_saved
    brought = profit + spent
    return round(float(saves.sum() * spent / brought), 4) if brought > 0 else None


def _visible_effect(cube: pd.DataFrame, parameters: CampaignParameters) -> dict[str, Any]:
    """Return what the arms with an offer planned can show, and what the hoped-for effect takes."""
    planned = cube[cube["offer_id"] != DO_NOTHING]
    treated = int(planned.loc[_is_contacted(planned), "customers"].sum())
    control = int(planned.loc[planned["arm"] == "control", "customers"].sum())
    sums = planned[["scored", "customers", "expected_declines", "expected_saves"]].sum()
    baseline = float(sums["expected_declines"] / max(sums["scored"], 1))
    effect = float(sums["expected_saves"] / max(sums["customers"], 1))
    alpha, power = parameters.alpha, parameters.power
    smallest = smallest_visible_effect(baseline, treated, control, alpha=alpha, power=power)
    found: dict[str, Any] = {
        "smallest_visible_effect": None if smallest is None else round(smallest, 6),
        "expected_effect": round(effect, 6) if treated else None,
        **dict.fromkeys(_TO_SHOW),
    }
    if 0 < effect < baseline < 1 and min(treated, control) > 0:
        shares, errors = (baseline - effect, baseline), {"alpha": alpha, "power": power}
        chance = chance_to_show(*shares, treated, control, alpha=alpha)
        sizes = sample_size(*shares, ratio=control / treated, **errors)
        share = control_share_to_show(*shares, treated + control, **errors)
        found |= dict(zip(_TO_SHOW, (round(chance, 6), *sizes, share), strict=True))
    return {**found, "sample_text": _tell_effect(found, treated, control, parameters)}


def _tell_effect(
    found: dict[str, Any], treated: int, control: int, parameters: CampaignParameters
) -> str:
    words = load_texts("campaign", parameters.language)["effect"]
    number = Words("campaign", parameters.language).number
    arms = {"treated": number(treated), "control": number(control)}
    if not treated:
        return words["nobody"]
    if not parameters.control_share:
        return words["no_control"]
    if None in (found["smallest_visible_effect"], found["chance_to_show"]):
        return words["invisible"].format(**arms)
    said = ["arms", "visible", "takes"]
    if found["chance_to_show"] < parameters.power:
        said[1] = "doubtful"
        if found["control_share_to_show"] is not None:
            said.append("enlarge")
    shares = {
        name: decimal(f"{100 * found[name]:.{digits}f}", parameters.language)
        for name, digits in _PERCENTS.items()
        if found[name] is not None
    }
    needed = {name: number(found[name]) for name in _TO_SHOW if name.endswith("_expected_effect")}
    told = found | needed | shares | arms | {"power": f"{100 * parameters.power:.0f}"}
    return " ".join(words[part] for part in said).format(**told)


def _sentences(
    budget_use: dict[str, Any],
    writes: bool,
    catalogue: OfferCatalogue,
    value: ValueParameters,
    language: Language,
) -> dict[str, str]:
    words = load_texts("campaign", language)["summary"]
    price = budget_use["shadow_price"]
    if budget_use["budget"] is None:
        shadow = words["no_budget"]
    elif price == 0:
        shadow = words["budget_suffices"]
    else:
        said = words["shadow_price" if writes else "budget_too_small"]
        shadow = said.format(price=decimal(f"{price:.2f}", language))
    measured = [getattr(o.name, language) for o in catalogue.measures if o.save_rate.measured]
    kinds = {len(catalogue.measures): "measured", 0: "assumed"}
    rates = kinds.get(len(measured), "partly_measured")
    return {
        "shadow_price_text": shadow,
        "save_rates": rates,
        "assumption_text": words["save_rates"][rates].format(names=", ".join(measured)),
        "profit_unit_text": words["profit_unit"].format(
            unit=getattr(value.profit_unit, language),
            horizon=f"{value.horizon_months:g}",
            lost=f"{100 * value.share_lost:.0f}",
        ),
    }
