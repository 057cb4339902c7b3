"""What a simulated year costs with a plan, and what it saves against paying by the month.

All amounts are USD, one value per draw, unrounded. With a discount rate of 0 they are plain sums;
otherwise they are worth of the day the plan starts: the plan is paid that day, a month's bill at
the month's end.
"""

from dataclasses import dataclass

import numpy as np

from audit.errors import InputError, unknown_name
from audit.prepaid.draw_down import MONTHS, DrawDown, Floats, rolled_over
from audit.prepaid.rules import READINGS, Rules

#: Below half a cent a difference is no loss but arithmetic.
HALF_A_CENT = 0.005


@dataclass(frozen=True)
class Assumptions:
    """What is assumed where nobody knows, each shown with the plan.

    ``renewal_percent``: chance that the customer renews, so that unused credit rolls over and the
    last months are covered; 0 counts nothing of either. ``rollover_reading``: which reading of the
    roll-over counts, empty for the rule set's. ``discount_rate_percent``: time value of
    money a year. ``most_loss_percent``: highest chance of a loss of a recommendation (ours).
    ``least_history_days``: below it no quantile is trusted (ours). ``shrink_percent``: further
    fall of usage after the fixes in the Sales table (ours). ``growth_percent``: a row of the Sales
    table with that growth.

    Raises: InputError for a percentage outside its range, or an unknown reading.
    """

    renewal_percent: float = 0.0
    discount_rate_percent: float = 0.0
    most_loss_percent: float = 20.0
    least_history_days: int = 90
    shrink_percent: float = 20.0
    growth_percent: float | None = None
    rollover_reading: str = ""

    def __post_init__(self) -> None:
        for name, most in (
            ("renewal_percent", 100),
            ("discount_rate_percent", 100),
            ("most_loss_percent", 100),
            ("shrink_percent", 100),
            ("least_history_days", 3_660),
        ):
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise InputError(f"{name} = {value} is outside 0 to {most}.")
        if self.rollover_reading and self.rollover_reading not in READINGS:
            raise InputError(
                unknown_name("reading of the roll-over", self.rollover_reading, READINGS)
            )
        growth = self.growth_percent
        if growth is not None and not -100 <= growth <= 10_000:
            raise InputError(
                f"growth_percent = {growth} is outside -100 to 10,000: usage cannot fall by more "
                "than all of it."
            )

    def reading(self, rules: Rules) -> str:
        """The reading of the roll-over that counts."""
        return self.rollover_reading or rules.rollover_reading

    def worth(self, after_months: int) -> float:
        """What a dollar paid after so many months is worth at the start."""
        return float((1 + self.discount_rate_percent / 100) ** (-after_months / MONTHS))

    @property
    def month_ends(self) -> Floats:
        """The same at the end of each month of the year."""
        return np.array([self.worth(month + 1) for month in range(MONTHS)])


@dataclass(frozen=True)
class Paid:
    """One way to pay for every draw: ``cash`` in all, ``saving`` against the months (worth of the
    first day), ``unused`` credit at list value, ``overage`` at list value."""

    saving: Floats
    cash: Floats
    unused: Floats
    overage: Floats


def by_the_month(pay_as_you_go_usd: Floats) -> Paid:
    """No plan: nothing is saved and nothing can be lost."""
    nothing = np.zeros(len(pay_as_you_go_usd))
    return Paid(nothing, pay_as_you_go_usd.sum(axis=1), nothing, nothing)


def paid(
    rules: Rules,
    assumptions: Assumptions,
    pay_as_you_go_usd: Floats,
    drawn: DrawDown,
    price_usd: Floats | float,
    *,
    price_share: Floats | float,
    worth_of_price: Floats | float | None = None,
    rolls: bool = True,
    months: slice = slice(0, MONTHS),
) -> Paid:
    """``drawn`` at ``price_usd``, against pay-as-you-go of the same months.

    ``price_share``: paid per dollar of credit; what rolled-over credit saves a renewal.
    ``worth_of_price``: of the price on the first day, where it is not paid then. ``rolls``: whether
    the credit is an order form's, whose leftover a renewal may keep.
    """
    worth = assumptions.month_ends[months]
    overage = drawn.overage
    renews = assumptions.renewal_percent / 100 if rolls else 0.0
    billed_share: Floats | float = 1 - renews * _free_cover(rules, drawn) if renews else 1.0
    kept: Floats | float = 0.0
    if renews:
        rolled = rolled_over(
            drawn.left,
            drawn.applied.sum(axis=1),
            rules.rollover_percent,
            assumptions.reading(rules),
        )
        kept = renews * rolled * price_share * assumptions.worth(MONTHS)
    first_day = price_usd if worth_of_price is None else worth_of_price
    saving = pay_as_you_go_usd @ worth - first_day - (overage @ worth) * billed_share + kept
    beyond = overage.sum(axis=1)
    return Paid(saving, price_usd + beyond * billed_share, drawn.unused, beyond)


def _free_cover(rules: Rules, drawn: DrawDown) -> Floats:
    """1 where the credit runs out with less than the free months left, which a renewal of at least
    the same value, signed before, covers; else 0."""
    months = drawn.overage.shape[1]
    return (drawn.ran_out_in >= months - rules.free_cover_months).astype(np.float64)
