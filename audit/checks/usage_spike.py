"""Flag products whose usage spiked for a few days.

What it finds: one to seven days far above what the level and the weekday predict, that cost at
least ``at_stake_usd`` this month, and that in a clean account no more than ``chance_percent`` of
all audits would show in any product. A job that ran a month before as well is left out.

Why it costs: a loop, a bot or a test can use up in a day what a product uses in a month, and the
next one may come.

What to do: look what sent the usage on those days, and fix it. A billing limit bounds the next
one. If it was an accident, say so soon: refunds are asked for within 30 days.

Trade-off: none in looking. A billing limit drops data when it is reached.

Known limits: a new level of the last three days looks like a spike that is not over, and the
message says so. A product that is noisy from day to day hides spikes: at a daily deviation of 20
percent, one of ten times is found in about half of the cases, one of five times rarely. With
less than twelve weeks of history a larger one is asked for, with less than four weeks before the
audited month nothing is said. The dollars are of the last 30 days and no monthly saving.

Source: ours, measured by benchmarks/spikes.py. The vendor's own alert compares with four weeks
and fires on one clean day in seven.
"""

from audit.checks import Area, Effort, Percent, Severity, Usd, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ()
DOCS = "https://posthog.com/docs/billing/spike-detection"


def flag(
    spike_probability,
    spike_cost_usd,
    *,
    chance_percent: Percent = 0.1,
    at_stake_usd: Usd = 25,
):
    return (100 * spike_probability <= chance_percent) & (spike_cost_usd >= at_stake_usd)


def message(fact):
    length = "one day" if fact.spike_days == 1 else f"{fact.spike_days:.0f} days"
    end = (
        f"it ended {counted(fact.spike_days_ago, 'day')} ago"
        if fact.spike_is_over
        else "it reaches to the last known day and may be the start of a new level"
    )
    return (
        f"{fact.product_name} spiked for {length}, up to {fact.spike_ratio:,.1f} times the usual "
        f"day: {fact.spike_units:,.0f} units more than expected, {fact.spike_cost_usd:,.2f} USD of "
        f"the last 30 days (estimate); {end}."
    )
