"""What letters changed: differences of the arms, plain and CUPED, with intervals."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from scipy.stats import t as student

from oneclick.campaign.parameters import ReadoutParameters
from oneclick.modelling.significance import holm
from oneclick.texts import Language, load_texts

# Outcome → the figure known before the campaign that CUPED takes out.
_COVARIATES = {"declined": "p_decline", "revenue": "revenue_before", "profit": "profit_before"}
_SCOPES = {"segment": "segment", "offer": "offer_id", "risk_group": "risk_group"}
_KEYS = ("segment", "offer_id", "risk_group", "arm")
DIGITS = 9  # hides the order in which an engine adds floating-point numbers


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
    def events(self) -> int:
        """How many have an outcome that is 0 or 1."""
        return round(self.y * self.n) if self.n else 0


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
    rows = []
    for outcome in _COVARIATES:
        of_outcome = cells[cells["outcome"] == outcome]
        for head, treatment, control in parts_of(of_outcome, names, language):
            for method in ("plain", "cuped"):
                figures = _figures(treatment, control, outcome, method, parameters, language)
                rows.append(head | {"outcome": outcome, "method": method} | figures)
    result = pd.DataFrame(rows)
    parts = result[result["scope"] != "all"].groupby(["outcome", "method"])["p_value"]
    corrected = parts.transform(holm)
    result.insert(list(result).index("p_value") + 1, "p_value_holm", corrected)
    return result.round(DIGITS)


def parts_of(
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


def _rarest(*arms: Arm) -> int:
    return min(min(arm.events, int(arm.n) - arm.events) for arm in arms)


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
    elif outcome == "declined" and _rarest(treatment, control) < parameters.min_events:
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
