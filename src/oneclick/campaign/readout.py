"""What the campaign did: intention to treat on the register, plain and CUPED, with intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import binomtest, fisher_exact
from scipy.stats import t as student

from oneclick.campaign.economics import ValueParameters
from oneclick.campaign.offers import DO_NOTHING
from oneclick.campaign.parameters import Controls, ReadoutParameters, SegmentParameters
from oneclick.campaign.qini import qini_curve
from oneclick.errors import OneclickError
from oneclick.modelling.significance import holm
from oneclick.texts import Language, decimal, load_texts

# Outcome → the figure known before the campaign that CUPED takes out.
_COVARIATES = {"declined": "p_decline", "revenue": "revenue_before", "profit": "profit_before"}
_SCOPES = {"segment": "segment", "offer": "offer_id", "risk_group": "risk_group"}
_LEVELS = ("low", "median", "high")
_ALARM = 0.001  # chance alone warns of one campaign in a thousand
_DIGITS = 9  # hides the order in which an engine adds floating-point numbers
_KEYS = ("segment", "offer_id", "risk_group", "arm")
_BEFORE = ("customer_id", "segment", "risk_group", "arm", "offer_id", "p_decline", "expected_saves")
_AFTER = ("customer_id", "declined", "revenue_current", "monthly_profit")


@dataclass(frozen=True)
class Arm:
    """Size, means of an outcome y and a covariate x, and sums of products of their deviations."""

    n: float
    y: float
    x: float
    syy: float
    sxx: float
    sxy: float

    @classmethod
    def of(cls, cells: pd.DataFrame) -> "Arm":
        """Put cells of n, y, x, vyy, vxx, vxy (means and population moments) together."""

        def total(column: pd.Series) -> float:
            return float((cells["n"] * column).sum())

        n = float(cells["n"].sum())
        if n == 0:
            return cls(0.0, np.nan, np.nan, 0.0, 0.0, 0.0)
        y, x = total(cells["y"]) / n, total(cells["x"]) / n
        dy, dx = cells["y"] - y, cells["x"] - x
        products = {"vyy": dy**2, "vxx": dx**2, "vxy": dx * dy}
        return cls(n, y, x, *(total(cells[name] + d) for name, d in products.items()))

    @property
    def rarer(self) -> int:
        """How many have the rarer value of an outcome that is 0 or 1."""
        return round(min(self.y, 1 - self.y) * self.n)


def effect_of(treatment: Arm, control: Arm, *, cuped: bool) -> tuple[float, float, float]:
    """Return the difference of means, treatment − control, its error and its degrees of freedom.

    The last two are those of unequal variances (Welch 1947; infinite where nothing varies).

    With ``cuped`` the part of y that the covariate explains is taken out first (Deng et al. 2013,
    eq. 4), with one slope from both arms.
    """
    within = treatment.sxx + control.sxx
    theta = (treatment.sxy + control.sxy) / within if cuped and within > 0 else 0.0
    variance, spread = 0.0, 0.0
    for arm in (treatment, control):
        left = arm.syy - 2 * theta * arm.sxy + theta**2 * arm.sxx
        of_mean = max(left, 0.0) / (arm.n - 1) / arm.n
        variance += of_mean
        spread += of_mean**2 / (arm.n - 1)
    effect = treatment.y - control.y - theta * (treatment.x - control.x)
    return effect, float(np.sqrt(variance)), variance**2 / spread if spread else np.inf


def save_rate(
    declines_t: float, n_t: float, declines_c: float, n_c: float, *, alpha: float = 0.05
) -> tuple[float, float, float]:
    """Return the measured γ = 1 − r_T/r_C with its interval (log ratio, Katz et al. 1978).

    Each arm, treatment and control, has at least one decline; 1 − ``alpha`` is the coverage.
    """
    log_ratio, error = _log_risk_ratio(declines_t, n_t, declines_c, n_c)
    reach = NormalDist().inv_cdf(1 - alpha / 2) * error
    rate, low, high = 1 - np.exp(log_ratio + reach * np.array([0, 1, -1]))
    return rate, low, high


def _log_risk_ratio(
    declines_t: float, n_t: float, declines_c: float, n_c: float
) -> tuple[float, float]:
    ratio = (declines_t / n_t) / (declines_c / n_c)
    error = np.sqrt(1 / declines_t - 1 / n_t + 1 / declines_c - 1 / n_c)
    return float(np.log(ratio)), float(error)


def update_save_rate(
    prior: Sequence[float], declines_t: float, n_t: float, declines_c: float, n_c: float
) -> tuple[float, float, float]:
    """Return the 10, 50 and 90 % quantiles of γ after a campaign; ``prior`` are those before it.

    log(1 − γ) is the log risk ratio. Prior and measurement are normal there and are weighted by
    their precision, 1/variance (Gelman et al. 2013, section 2.5). The result lies within 0..1.
    """
    z = NormalDist().inv_cdf(0.9)
    low, median, high = np.log(np.maximum(1 - np.asarray(prior, dtype=float), 1e-9))
    spread = max(low - high, 1e-9) / (2 * z)
    measured, error = _log_risk_ratio(declines_t, n_t, declines_c, n_c)
    weight = error**2 / (error**2 + spread**2)  # of the prior
    middle = weight * median + (1 - weight) * measured
    reach = z * spread * np.sqrt(weight)
    low, median, high = np.clip(1 - np.exp(middle + reach * np.array([1, 0, -1])), 0, 1)
    return low, median, high


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
        OneclickError: If the tables lack columns, there is no control group, or too many
            customers of the register are missing from the outcome tables.
    """
    needed = {"campaign_register": (register, _BEFORE), "the outcome tables": (outcomes, _AFTER)}
    for name, (table, columns) in needed.items():
        missing = [column for column in (*columns, "monthly_profit") if column not in table.columns]
        if missing:
            raise OneclickError(
                f"{name}: column «{missing[0]}» is missing (found: {', '.join(table.columns)}). "
                "Use the register that `kedro run` wrote and the tables of a later month."
            )
    after = outcomes.select(
        "customer_id",
        found=ibis.literal(True),
        declined=outcomes.declined.cast("int64").cast("float64"),
        revenue=outcomes.revenue_current,
        profit=outcomes.monthly_profit * value.profit_unit_rub,
    )
    planned = register.filter((register.arm != "excluded") & (register.offer_id != DO_NOTHING))
    # Registers of earlier versions hold no revenue: the probability has to do.
    revenue_before = "revenue_before" if "revenue_before" in planned.columns else "p_decline"
    before = planned.select(
        *_BEFORE,
        profit_before=planned.monthly_profit * value.profit_unit_rub,
        revenue_before=planned[revenue_before],
    )
    matched = before.left_join(after, "customer_id").drop("customer_id_right")
    matched = matched.mutate(found=ibis.coalesce(matched.found, False))
    _check_match(matched, parameters)
    return matched.order_by("customer_id")


def _check_match(matched: ir.Table, parameters: ReadoutParameters) -> None:
    counts = matched.aggregate(
        n=matched.count(),
        found=ibis.coalesce(matched.found.sum(), 0),
        control=ibis.coalesce((matched.arm == "control").sum(), 0),
    )
    total, found, control = map(int, counts.execute().iloc[0])
    if control in (0, total):
        raise OneclickError(
            "campaign_register: without both a treatment and a control group with planned offers "
            "nothing can be measured. Before the next campaign set campaign.control_share above 0, "
            "and a budget that reaches some customers."
        )
    if 1 - found / total > parameters.max_missing_share:
        raise OneclickError(
            f"The register does not match the outcome tables: {total - found} of {total} customers "
            f"with a planned offer are not in them, at most {parameters.max_missing_share:.0%} may "
            "be missing. Check that outcome_raw is a later month of the same shop and snapshot is "
            "the month of the campaign."
        )


def summarise_cells(matched: ir.Table) -> pd.DataFrame:
    """Return counts and moments of every outcome by segment, offer, risk group and arm.

    Columns: outcome, segment, offer_id, risk_group, arm, n, y, x, vyy, vxx, vxy.
    """
    parts = []
    for outcome, covariate in _COVARIATES.items():
        known = matched.drop_null([outcome, covariate])
        y, x = known[outcome], known[covariate]
        cells = known.group_by(_KEYS).aggregate(
            n=known.count(),
            y=y.mean(),
            x=x.mean(),
            vyy=y.var(how="pop"),
            vxx=x.var(how="pop"),
            vxy=y.cov(x, how="pop"),
        )
        parts.append(cells.execute().assign(outcome=outcome))
    return pd.concat(parts).sort_values(["outcome", *_KEYS], ignore_index=True)


def measure_effects(
    cells: pd.DataFrame,
    names: dict[str, dict[str, str]],
    parameters: ReadoutParameters,
    language: Language,
) -> pd.DataFrame:
    """Return the effect on activity, revenue and profit, of everybody and of each part.

    ``names`` are those for people by scope (segment, offer, risk_group) and key.

    Returns:
        Columns: scope, key, name, outcome, method, n_treatment, n_control, mean_treatment,
        mean_control, effect, effect_low, effect_high, p_value, p_value_holm (over all parts of one
        outcome and method), smallest_visible_effect, enough, note.
    """
    lags = load_texts("campaign", language)["readout"]["profit_lags"]
    rows = []
    for outcome in _COVARIATES:
        of_outcome = cells[cells["outcome"] == outcome]
        for head, treatment, control in _parts(of_outcome, names, language):
            for method in ("plain", "cuped"):
                figures = _figures(treatment, control, outcome, method, parameters, language)
                if outcome == "profit" and figures["enough"]:
                    figures["note"] = lags
                rows.append(head | {"outcome": outcome, "method": method} | figures)
    result = pd.DataFrame(rows)
    parts = result[result["scope"] != "all"].groupby(["outcome", "method"])["p_value"]
    corrected = parts.transform(holm)
    result.insert(list(result).index("p_value") + 1, "p_value_holm", corrected)
    return result.round(_DIGITS)


def _parts(
    cells: pd.DataFrame, names: dict[str, dict[str, str]], language: Language
) -> Iterator[tuple[dict[str, Any], Arm, Arm]]:
    """Yield scope, key and name, and both arms, of everybody, then of each part with customers."""
    everybody = load_texts("campaign", language)["readout"]["everybody"]
    parts = [("all", "all", everybody, cells)]
    for scope, named in names.items():
        of_key = dict(list(cells.groupby(_SCOPES[scope])))
        parts += [(scope, key, name, of_key[key]) for key, name in named.items() if key in of_key]
    for scope, key, name, part in parts:
        treatment, control = (Arm.of(part[part["arm"] == arm]) for arm in ("treatment", "control"))
        yield {"scope": scope, "key": key, "name": name}, treatment, control


def _figures(
    treatment: Arm,
    control: Arm,
    outcome: str,
    method: str,
    parameters: ReadoutParameters,
    language: Language,
) -> dict[str, Any]:
    """Return the effect with its interval by Student's t, or the note why there is none.

    Of few declines the spread is unknown: with 1.5 expected among 30 controls, 20 % of campaigns
    without any effect seemed to have one. So both kinds of outcome must be there in number.
    """
    sizes = {"n_treatment": int(treatment.n), "n_control": int(control.n)}
    means = {"mean_treatment": treatment.y, "mean_control": control.y}
    unknown = ("effect", "effect_low", "effect_high", "p_value", "smallest_visible_effect")
    words, note = load_texts("campaign", language)["readout"], ""
    if min(treatment.n, control.n) < parameters.min_per_arm:
        note = words["too_few"].format(least=parameters.min_per_arm, **sizes)
    elif outcome == "declined" and min(treatment.rarer, control.rarer) < parameters.min_events:
        note = words["too_rare"].format(least=parameters.min_events)
    if note:
        return sizes | means | dict.fromkeys(unknown, np.nan) | {"enough": False, "note": note}
    effect, error, df = effect_of(treatment, control, cuped=method == "cuped")
    reach = student.ppf(1 - parameters.alpha / 2, df)
    p_value = 2 * student.sf(abs(effect) / error, df) if error > 0 else np.nan
    estimates = {
        "effect": effect,
        "effect_low": effect - reach * error,
        "effect_high": effect + reach * error,
        "p_value": p_value,
        "smallest_visible_effect": (reach + student.ppf(parameters.power, df)) * error,
    }
    return sizes | means | estimates | {"enough": True, "note": ""}


def measure_save_rates(
    cells: pd.DataFrame, offers: pd.DataFrame, parameters: ReadoutParameters, language: Language
) -> pd.DataFrame:
    """Return the save rate γ of the campaign and of each offer: measured, before, and together.

    ``offers`` is the catalogue that the campaign used (`OfferCatalogueTable`).

    Returns:
        Columns: scope, key, name, n_treatment, n_control, rate_treatment, rate_control; save_rate,
        save_rate_low, save_rate_high (the measurement alone and its interval); prior_low,
        prior_median, prior_high (10, 50 and 90 % before the campaign) and updated_low,
        updated_median, updated_high (the same after it, by ``update_save_rate``); enough, note.
    """
    words = load_texts("campaign", language)["readout"]
    priors = offers.set_index("offer_id")[[f"save_rate_{level}" for level in _LEVELS]]
    names = {"offer": _names(offers)}
    rows = []
    for head, treatment, control in _parts(cells[cells["outcome"] == "declined"], names, language):
        of_t, of_c = (round(arm.y * arm.n) if arm.n else 0 for arm in (treatment, control))
        enough = min(treatment.n, control.n) >= parameters.min_per_arm
        enough = enough and min(of_t, of_c) >= parameters.min_events
        rate = low = high = np.nan
        prior = updated = (np.nan,) * 3
        counts = of_t, treatment.n, of_c, control.n
        if head["scope"] == "offer":
            prior = tuple(priors.loc[head["key"]])
        if enough:
            rate, low, high = save_rate(*counts, alpha=parameters.alpha)
            updated = update_save_rate(prior, *counts)
        rows.append(
            head
            | {"n_treatment": int(treatment.n), "n_control": int(control.n)}
            | {"rate_treatment": treatment.y, "rate_control": control.y}
            | {"save_rate": rate, "save_rate_low": low, "save_rate_high": high}
            | {f"prior_{level}": x for level, x in zip(_LEVELS, prior, strict=True)}
            | {f"updated_{level}": x for level, x in zip(_LEVELS, updated, strict=True)}
            | {"enough": enough, "note": "" if enough else words["too_few_events"]}
        )
    return pd.DataFrame(rows).round(_DIGITS)


def _names(offers: pd.DataFrame) -> dict[str, str]:
    return dict(zip(offers["offer_id"], offers["offer_name"], strict=True))


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
    segments: SegmentParameters,
    parameters: ReadoutParameters,
    language: Language,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Return effects, save rates, the Qini curve and the summary of a campaign.

    ``offers`` (`OfferCatalogueTable`) and ``control_share`` are those that the campaign used: the
    configuration may hold newer ones by now, learned from this very campaign. Where ``controls``
    are shared (`control_draw`), the treated still carry the effect of the quarter's earlier
    letters: no save rate of this campaign alone is known, so none is given for the catalogue.
    """
    cells = summarise_cells(matched)
    names = {
        "segment": segments.names(language),
        "offer": _names(offers),
        "risk_group": load_texts("campaign", language)["risk_groups"],
    }
    effects = measure_effects(cells, names, parameters, language)
    rates = measure_save_rates(cells, offers, parameters, language)
    qini = measure_qini(matched, parameters)
    none = pd.DataFrame(columns=["share_contacted", "gain", "random", "perfect"], dtype=float)
    curve, coefficient = qini or (none, None)
    drawn = control_share, controls
    summary = _summary(matched, effects, rates, coefficient, *drawn, parameters, language)
    return effects, rates, curve, summary


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
        compared=(matched.profit - matched.profit_before).count(),
        unchanged=ibis.coalesce((matched.profit == matched.profit_before).sum(), 0),
    )
    row = found.execute().iloc[0].astype(int)
    counts = row.drop(["labelled", "compared", "unchanged"]).to_dict()
    labelled = bool(row["labelled"] > 0)
    # No later month repeats everybody's profit.
    same_month = bool(0 < row["compared"] == row["unchanged"])
    notes = [words["controls"][controls]]
    if not labelled:
        notes.append(words["unlabelled"])
    if effects.query("outcome == 'profit'")["enough"].any():
        notes.append(words["profit_lags"])
    if counts["missing_treatment"] + counts["missing_control"]:
        notes.append(words["missing"].format(**counts))
    by_offer = rates[rates["scope"] == "offer"].set_index("key")
    small = by_offer.loc[~by_offer["enough"], "name"]
    if len(small):
        notes.append(words["small_offers"].format(names=", ".join(small)))
    updated = by_offer.loc[by_offer["enough"], [f"updated_{level}" for level in _LEVELS]]
    updated = updated.set_axis(_LEVELS, axis=1).round(3).astype(object).assign(measured=True)
    unfit = same_month or controls == "shared"
    nothing = "same_month" if same_month else None if labelled else "unlabelled"
    headline = words[nothing] if nothing else _headline(effects, controls, words, language)
    alarms = _alarms(counts, control_share, controls, words, language)
    too_few = words["no_qini"].format(least=parameters.qini_min_controls)
    return counts | {
        "outcome_labelled": labelled,
        "headline": " ".join([*alarms, headline]),
        "qini": None if qini is None or np.isnan(qini) else round(qini, 6),
        "qini_note": too_few if qini is None else "",
        "notes": notes,
        "save_rates_for_catalogue": {} if unfit else updated.to_dict("index"),
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
    effects: pd.DataFrame, controls: Controls, words: dict[str, Any], language: Language
) -> str:
    main = effects.query("scope == 'all' and outcome == 'declined' and method == 'cuped'").iloc[0]
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
