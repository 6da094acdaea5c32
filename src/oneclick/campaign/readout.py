"""What the campaign did, by intention to treat on the register, and what to say of it."""

from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import binomtest, fisher_exact

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.effects import measure_effects, summarise_cells
from oneclick.campaign.offers import DO_NOTHING
from oneclick.campaign.parameters import Controls, ReadoutParameters, SegmentParameters
from oneclick.campaign.qini import qini_curve
from oneclick.campaign.save_rates import LEVELS, measure_save_rates, offer_names
from oneclick.errors import OneclickError
from oneclick.texts import Language, decimal, load_texts

_ALARM = 0.001  # chance alone warns of one campaign in a thousand
_NO_CONTROLS = (
    "None of the {} customers with an offer is a control: before the next campaign raise "
    "campaign.control_share."
)
_PROFIT_SHOWS = 85  # days; profit in the tables is a mean over three months
_BEFORE = [
    "customer_id", "segment", "risk_group", "arm", "offer_id", "p_decline", "expected_saves",
    "revenue_before",
]  # fmt: skip


def match_outcomes(
    register: ir.Table, outcomes: ir.Table, value: ValueParameters, parameters: ReadoutParameters
) -> ir.Table:
    """Return everybody drawn into an arm with an offer planned, and what they did next.

    Both arms hold those to whom the rule of the campaign gave an offer; treated ones were written
    to, controls were not. Nobody leaves an arm for what happened afterwards.

    Columns: customer_id, segment, risk_group, arm, offer_id, p_decline, expected_saves,
    profit_before, revenue_before (RUB), found, declined (0/1), revenue, profit (RUB; null where
    unknown).

    Raises:
        OneclickError: If there is no control group, or too many customers of the register are
            missing from the outcome tables.
    """
    after = outcomes.select(
        "customer_id",
        found=ibis.literal(True),
        declined=outcomes.declined.cast("int64").cast("float64"),
        revenue=outcomes.revenue_current,
        profit=outcomes.monthly_profit * value.profit_unit_rub,
    )
    planned = register.filter((register.arm != "excluded") & (register.offer_id != DO_NOTHING))
    before = planned.select(*_BEFORE, profit_before=planned.monthly_profit * value.profit_unit_rub)
    matched = before.left_join(after, "customer_id").drop("customer_id_right")
    matched = matched.mutate(found=ibis.coalesce(matched.found, False))
    _check_match(matched, register, parameters)
    return matched.order_by("customer_id")


def _check_match(matched: ir.Table, register: ir.Table, parameters: ReadoutParameters) -> None:
    counts = matched.aggregate(
        n=matched.count(),
        found=ibis.coalesce(matched.found.sum(), 0),
        control=ibis.coalesce((matched.arm == "control").sum(), 0),
    )
    total, found, control = map(int, counts.execute().iloc[0])
    if control in (0, total):
        raise OneclickError(
            "campaign_register: without both a treatment and a control group with planned offers "
            "nothing can be measured. "
            + (_why_nobody(register) if control == total else _NO_CONTROLS.format(total))
        )
    if 1 - found / total > parameters.max_missing_share:
        raise OneclickError(
            f"The register does not match the outcome tables: {total - found} of {total} customers "
            f"with a planned offer are not in them, at most {parameters.max_missing_share:.0%} may "
            "be missing. Check that outcome_raw is a later month of the same shop and snapshot is "
            "the month of the campaign."
        )


def _why_nobody(register: ir.Table) -> str:
    """Say why most customers of a register got no letter."""
    reasons = register.filter(register.arm != "control").group_by("no_contact_reason")
    counted = reasons.agg(customers=ibis._.count()).execute().dropna()
    if counted.empty:
        return "All customers are controls: before the next campaign lower campaign.control_share."
    counted = counted.sort_values(["customers", "no_contact_reason"], ascending=[False, True])
    reason, customers = counted.iloc[0]
    return (
        f"Nobody was written to; most often the reason is «{reason}» ({customers} of "
        f"{register.count().execute()} customers). See to that before the next campaign."
    )


def days_between(customers: ir.Table, outcomes: ir.Table, snapshot: str) -> int | None:
    """Return how many days after those of the campaign the outcome tables were exported.

    Everybody has been registered for so much longer. None where that is known of nobody.

    Raises:
        OneclickError: The outcome tables are not later, so they tell nothing of the campaign.
    """
    registered = "days_since_registration"
    before = customers.select("customer_id", before=registered)
    both = before.join(outcomes.select("customer_id", after=registered), "customer_id")
    found = (both.after - both.before).median().execute()
    if pd.isna(found):
        return None
    days = round(found)
    if days <= 0:
        when = f"{-days} days before" if days else "on the same day as"
        raise OneclickError(
            f"The tables in outcome_raw are no later ones: by the days since registration they "
            f"were exported {when} those of the campaign of {snapshot}, so they tell nothing of "
            f"its effect. Name the folder of a later month: kedro run --pipeline readout --params "
            f"snapshot={snapshot},outcome_raw=FOLDER"
        )
    return days


def measure_qini(
    matched: ir.Table, parameters: ReadoutParameters
) -> tuple[pd.DataFrame, float] | None:
    """Return the Qini curve of the expected saves in a hundred bins; None with too few controls."""
    known = matched.drop_null(["declined", "expected_saves"])
    controls = int(known.filter(known.arm == "control").count().execute())
    if controls < parameters.qini_min_controls:
        return None
    order = [known.expected_saves.desc(), known.customer_id]
    binned = known.mutate(bin=ibis.ntile(100).over(order_by=order))
    treated = (binned.arm == "treatment").cast("int64")
    kept = 1 - binned.declined.cast("int64")
    counts = binned.group_by("bin").aggregate(
        treated=treated.sum(),
        kept_treated=(treated * kept).sum(),
        control=(1 - treated).sum(),
        kept_control=((1 - treated) * kept).sum(),
    )
    found = counts.order_by("bin").execute().drop(columns="bin")
    return qini_curve(*found.to_numpy(dtype=float).T)


def read_out(
    matched: ir.Table,
    offers: pd.DataFrame,
    control_share: float,
    controls: Controls,
    days_later: int | None,
    segments: SegmentParameters,
    parameters: ReadoutParameters,
    language: Language,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Return effects, save rates, the Qini curve and the summary of a campaign.

    ``offers`` (`OfferCatalogueTable`) and ``control_share`` are those that the campaign used: the
    configuration may hold newer ones by now, learned from this very campaign. Where ``controls``
    are shared (`control_draw`), the treated still carry the effect of the quarter's earlier
    letters: no save rate of this campaign alone is known, so none is given for the catalogue.
    ``days_later`` is how long after the campaign the outcomes are known (`days_between`).
    """
    cells = summarise_cells(matched)
    names = {
        "segment": segments.names(language),
        "offer": offer_names(offers),
        "risk_group": load_texts("campaign", language)["risk_groups"],
    }
    effects = measure_effects(cells, names, parameters, language)
    lagging = days_later is None or days_later < _PROFIT_SHOWS
    of_profit = (effects["outcome"] == "profit") & effects["enough"] & lagging
    effects.loc[of_profit, "note"] = load_texts("campaign", language)["readout"]["profit_lags"]
    rates = measure_save_rates(cells, offers, parameters, language)
    qini = measure_qini(matched, parameters)
    none = pd.DataFrame(columns=["share_contacted", "gain", "random", "perfect"], dtype=float)
    curve, coefficient = qini or (none, None)
    drawn = control_share, controls
    summary = _summary(matched, effects, rates, coefficient, *drawn, parameters, language)
    return effects, rates, curve, summary | {"days_later": days_later}


def _summary(
    matched: ir.Table,
    effects: pd.DataFrame,
    rates: pd.DataFrame,
    qini: float | None,
    control_share: float,
    controls: Controls,
    parameters: ReadoutParameters,
    language: Language,
) -> dict[str, Any]:
    words = load_texts("campaign", language)["readout"]
    missing = ~matched.found
    found = matched.aggregate(
        randomised=matched.count(),
        control=(matched.arm == "control").sum(),
        with_outcome=matched.found.sum(),
        missing_treatment=(missing & (matched.arm == "treatment")).sum(),
        missing_control=(missing & (matched.arm == "control")).sum(),
        labelled=matched.declined.count(),
    )
    row = found.execute().iloc[0].astype(int)
    counts = row.drop("labelled").to_dict()
    labelled = bool(row["labelled"] > 0)
    notes = [words["controls"][controls]]
    if not labelled:
        notes.append(words["unlabelled"])
    if (effects["note"] == words["profit_lags"]).any():
        notes.append(words["profit_lags"])
    if counts["missing_treatment"] + counts["missing_control"]:
        notes.append(words["missing"].format(**counts))
    by_offer = rates[rates["scope"] == "offer"].set_index("key")
    small = by_offer.loc[~by_offer["enough"], "name"]
    if len(small):
        notes.append(words["small_offers"].format(names=", ".join(small)))
    updated = by_offer.loc[by_offer["enough"], [f"updated_{level}" for level in LEVELS]]
    updated = updated.set_axis(LEVELS, axis=1).round(3).astype(object).assign(measured=True)
    main = effects.query("scope == 'all' and outcome == 'declined' and method == 'cuped'").iloc[0]
    found_effect = {"value": main["effect"], "low": main["effect_low"], "high": main["effect_high"]}
    headline = _headline(main, controls, words, language) if labelled else words["unlabelled"]
    alarms = _alarms(counts, control_share, controls, words, language)
    too_few = words["no_qini"].format(least=parameters.qini_min_controls)
    return counts | {
        "outcome_labelled": labelled,
        "headline": " ".join([*alarms, headline]),
        "alarms": alarms,
        "effect": found_effect if main["enough"] else None,
        "qini": None if qini is None or np.isnan(qini) else round(qini, 6),
        "qini_note": too_few if qini is None else "",
        "notes": notes,
        "save_rates_for_catalogue": {} if controls == "shared" else updated.to_dict("index"),
    }


def _alarms(
    counts: dict[str, int],
    control_share: float,
    controls: Controls,
    words: dict[str, Any],
    language: Language,
) -> list[str]:
    """Return what makes the arms unlike: unequal losses (Fisher 1935), a broken ratio (binomial).

    Controls are drawn exactly, so the binomial test warns even less often than ``_ALARM``. Where
    they are shared, earlier letters change for whom an offer pays, and with it the ratio.
    """
    sizes = {"treatment": counts["randomised"] - counts["control"], "control": counts["control"]}
    lost = {arm: counts[f"missing_{arm}"] for arm in sizes}
    by_arm = [[lost[arm], size - lost[arm]] for arm, size in sizes.items()]
    ratio = binomtest(counts["control"], counts["randomised"], control_share)
    shares = {f"lost_{arm}": lost[arm] / size for arm, size in sizes.items()}
    shares |= {"share": counts["control"] / counts["randomised"], "expected": control_share}
    said = {name: decimal(f"{100 * share:.1f}", language) for name, share in shares.items()}
    p_values = {"unequal_loss": fisher_exact(by_arm).pvalue}
    if controls != "shared":
        p_values["unequal_arms"] = ratio.pvalue
    return [words[key].format(**said) for key, p in p_values.items() if p < _ALARM]


def _headline(
    main: pd.Series, controls: Controls, words: dict[str, Any], language: Language
) -> str:
    if not main["enough"]:
        return words["headline_too_few"]
    sentence = "headline_clear" if main["effect_high"] < 0 or main["effect_low"] > 0 else "headline"
    points = {
        "effect": f"{100 * abs(main['effect']):.1f}",
        "low": f"{100 * main['effect_low']:+.1f}",
        "high": f"{100 * main['effect_high']:+.1f}",
        "smallest": f"{100 * main['smallest_visible_effect']:.1f}",
    }
    said = {key: decimal(text.replace("-", "−"), language) for key, text in points.items()}
    way = "down" if main["effect"] < 0 else "up"
    said |= {"changed": words["changed"][way], "differs": words["differs"][way]}
    return words[sentence].format(cause=words["causes"][controls], **said)
