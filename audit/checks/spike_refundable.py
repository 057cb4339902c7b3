"""Flag products whose month is so far above the three before that a refund may be due.

What it finds: the units of the last 30 days lie more than ``spike_percent`` above the mean of the
three months before, and cost at least ``at_stake_usd`` more than that mean does. 200 is the
literal reading of the policy's "spiked by more than 200 percent": above three times the mean; 100
is the other one, above two times.

Why it costs: the customer pays for what was hardly meant, and a surprise on the bill is a reason
to leave.

What to do: run `audit refund` for the product. It decides the other conditions one by one: the
first bill or a company without revenue, the 30 days, that the spike is over and measures are
taken, earlier refunds. The amount is the price of the month less the price of the baseline.

Trade-off: a refund without a fix is asked for again; agree on the fix first.

Known limits: a launch that stays passes this test too, so that a person must look. A product
first used this month has no baseline. The months are of 30 days back from the audit, not the
billing periods.

Source: PostHog handbook, growth/sales/refunds ("more than 200%", average of the past three
months). The least amount is ours, after the policy's first bill of more than 1 dollar.
"""

from typing import Annotated

from audit.checks import Area, Audience, Effort, Severity, Usd
from audit.checks.contract import Bounds

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B01",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/refunds"

Increase = Annotated[float, Bounds(0, 10_000)]


def flag(
    period_quantity,
    baseline_quantity,
    period_over_baseline_usd,
    *,
    spike_percent: Increase = 200,
    at_stake_usd: Usd = 1,
):
    most = baseline_quantity * (1 + spike_percent / 100)
    above = (baseline_quantity > 0) & (period_quantity > most)
    return above & (period_over_baseline_usd >= at_stake_usd)


def message(fact):
    ratio = fact.period_quantity / fact.baseline_quantity
    reading = (
        "above three times, the literal reading of 200 percent"
        if ratio > 3
        else "above two times but not three, so under the wider reading of 200 percent only"
        if ratio > 2
        else "under the threshold set here only"
    )
    return (
        f"{fact.product_name} used {ratio:.1f} times the mean of the three months before "
        f"({reading}): {fact.period_over_baseline_usd:,.2f} USD above it (estimate)."
    )
