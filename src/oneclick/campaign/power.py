"""How many customers it takes to see an effect, and how small an effect a campaign can show."""

from math import ceil, sqrt
from statistics import NormalDist


def _errors(p1: float, p2: float, ratio: float) -> tuple[float, float]:
    """Return the standard errors of p1 − p2 without and with an effect, times √treated.

    There are ``ratio`` controls per treated customer. The read-out does not pool the variances of
    the arms. With few controls, those with the higher variance, the pooled one would promise too
    much; so the greater of both is taken where there is no effect.
    """
    pooled = (p1 + ratio * p2) / (1 + ratio)
    null = sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    alternative = sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    return max(null, alternative), alternative


def _required_root(p1: float, p2: float, alpha: float, power: float, ratio: float) -> float:
    """Return the square root of the treatment arm for ``ratio`` controls per treated customer."""
    null, alternative = _errors(p1, p2, ratio)
    z_alpha, z_power = NormalDist().inv_cdf(1 - alpha / 2), NormalDist().inv_cdf(power)
    return (z_alpha * null + z_power * alternative) / abs(p1 - p2)


def sample_size(
    p1: float, p2: float, *, ratio: float = 1, alpha: float = 0.05, power: float = 0.8
) -> tuple[int, int]:
    """Return the treated and the controls that show the difference of two shares.

    The shares, ``p1`` of the treated and ``p2`` of the controls, differ and lie strictly between 0
    and 1; there are ``ratio`` controls per treated customer; ``alpha`` is two-sided. Fleiss 1981,
    eq. 3.14; section 3.4 for unequal arms.
    """
    treated = _required_root(p1, p2, alpha, power, ratio) ** 2
    return ceil(treated), ceil(ratio * treated)


def smallest_visible_effect(
    baseline: float, n_treatment: int, n_control: int, *, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Return the smallest fall of a share (in points, 0..1) that these arms can show.

    ``baseline`` is the expected share without the campaign. None is returned when even a fall to
    zero could not be shown.
    """
    if min(n_treatment, n_control) < 1 or not 0 < baseline < 1:
        return None
    ratio = n_control / n_treatment

    def visible(effect: float) -> bool:
        treated = max(baseline - effect, 0.0)
        return _required_root(treated, baseline, alpha, power, ratio) ** 2 <= n_treatment

    if not visible(baseline):
        return None
    low, high = 0.0, baseline
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if visible(middle) else (middle, high)
    return high


def chance_to_show(
    p1: float, p2: float, n_treatment: int, n_control: int, *, alpha: float = 0.05
) -> float:
    """Return the power of these arms: the inverse of ``sample_size``, which has the arguments."""
    null, alternative = _errors(p1, p2, n_control / n_treatment)
    z_alpha = NormalDist().inv_cdf(1 - alpha / 2)
    return NormalDist().cdf((abs(p1 - p2) * sqrt(n_treatment) - z_alpha * null) / alternative)


def control_share_to_show(
    p1: float, p2: float, customers: int, *, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Return the smallest share of these customers, in whole percents up to a half, that shows it.

    None is returned where even two equal arms would not.
    """
    for percent in range(1, 51):
        control = customers * percent // 100
        if control and chance_to_show(p1, p2, customers - control, control, alpha=alpha) >= power:
            return percent / 100
    return None
