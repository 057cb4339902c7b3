"""Credit drawn down month by month, over many simulated years at once.

Arrays are draws x months, USD at list value, month 0 first. Credit that is applied in a month can
be used in that month and after it, until it expires; usage beyond it is overage, billed at the
standard (list) price. Nothing here is rounded.

Source: PostHog handbook, growth/sales/contract-rules (upfront credit of an order form; self-serve
credit released 1/12 a month, each part valid a year after being applied).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from audit.errors import InputError

Floats = npt.NDArray[np.float64]

MONTHS = 12


@dataclass(frozen=True)
class DrawDown:
    """What became of the credit. ``applied``, ``used``, ``overage``: draws x months. ``expired``:
    credit whose time ran out within those months; ``left``: what is still valid after the last,
    one per draw. applied = used + expired + left in every draw."""

    applied: Floats
    used: Floats
    overage: Floats
    expired: Floats
    left: Floats

    @property
    def unused(self) -> Floats:
        """Credit of the term that no usage of the term took."""
        return self.expired + self.left

    @property
    def ran_out_in(self) -> npt.NDArray[np.int64]:
        """The first month with overage, counted from 0; the number of months where none has."""
        over = self.overage > 0
        return np.where(over.any(axis=1), over.argmax(axis=1), self.overage.shape[1])


def checked(list_usd: npt.ArrayLike, name: str = "list_usd") -> Floats:
    """Simulated years as an array of draws x 12 months.

    Raises: InputError for another shape, NaN, infinite or negative usage.
    """
    # Months are read one at a time, over all draws.
    usage = np.asfortranarray(list_usd, dtype=np.float64)
    if usage.ndim != 2 or usage.shape[1] != MONTHS or not len(usage):
        raise InputError(
            f"{name} holds simulated years: draws x {MONTHS} months, got shape {usage.shape}."
        )
    wrong = ~np.isfinite(usage)
    if wrong.any():
        raise InputError(
            f"{name} has {wrong.sum():,} of {wrong.size:,} values that are no finite number. "
            "Simulate months whose usage is known, or leave the draw out."
        )
    if (usage < 0).any():
        raise InputError(f"{name} has negative usage, the least {usage.min():,.2f} USD.")
    return usage


def draw_down(list_usd: Floats, applied: Floats, valid_months: int) -> DrawDown:
    """Use credit ``applied`` (draws x months) on usage; oldest first, each part valid for
    ``valid_months`` months from the one it is applied in."""
    months = list_usd.shape[1]
    used = np.empty_like(list_usd)
    expired = np.zeros(len(list_usd))
    if months <= valid_months:
        # Nothing expires within the term, so which part is used makes no difference.
        left = np.zeros(len(list_usd))
        for month in range(months):
            left += applied[:, month]
            np.minimum(left, list_usd[:, month], out=used[:, month])
            left -= used[:, month]
        return DrawDown(applied, used, list_usd - used, expired, left)
    parts: list[Floats] = []
    for month in range(months):
        if month >= valid_months:
            expired += parts.pop(0)
        parts.append(applied[:, month].copy())
        wanted = list_usd[:, month].copy()
        used[:, month] = 0.0
        for part in parts:
            taken = np.minimum(part, wanted)
            part -= taken
            wanted -= taken
            used[:, month] += taken
    return DrawDown(applied, used, list_usd - used, expired, np.sum(parts, axis=0))


def upfront(list_usd: Floats, credit_usd: float | Floats, start: int = 0) -> DrawDown:
    """Credit of an order form: all of it from month ``start`` on, valid to the end of the term."""
    applied = np.zeros_like(list_usd)
    applied[:, start] = credit_usd
    return draw_down(list_usd, applied, list_usd.shape[1])


def drip(
    list_usd: Floats,
    credit_usd: float | Floats,
    parts: int = MONTHS,
    valid_months: int = MONTHS,
    start: int = 0,
) -> DrawDown:
    """Self-serve credit: ``credit_usd`` over ``parts`` equal parts, one a month from month
    ``start`` on; parts that fall after the last month are not looked at."""
    applied = np.zeros_like(list_usd)
    applied[:, start : start + parts] = (
        np.asarray(credit_usd, dtype=np.float64).reshape(-1, 1) / parts
    )
    return draw_down(list_usd, applied, valid_months)


def rolled_over(left: Floats, bought: float | Floats, percent: float, reading: str) -> Floats:
    """Unused credit that a renewal of equal or larger value keeps.

    ``original``: at most ``percent`` of the first order. ``remaining``: ``percent`` of what is
    left. ``stricter``: the lesser of both.

    >>> [float(rolled_over(np.array([60.0]), 100.0, 50, r)[0]) for r in ("original", "remaining")]
    [50.0, 30.0]
    """
    of_original = np.minimum(left, np.asarray(bought) * percent / 100)
    of_remaining = left * percent / 100
    if reading == "original":
        return of_original
    return of_remaining if reading == "remaining" else np.minimum(of_original, of_remaining)
