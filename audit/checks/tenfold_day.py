"""Flag products with a day of ten times the usual, which looks like bots or an attack.

What it finds: the highest of the last 30 days is at least ``sudden_ratio`` times the median of
the 28 days before it, and costs at least ``at_stake_usd`` more than a median day would.

Why it costs: many similar events at once are billed like any others.

What to do: hold commercial mails, and look at that day by library, host and country. Once it has
stopped and measures are taken, what lies above the mean of the three months before can be
refunded: run `audit refund` for the product.

Trade-off: a campaign or an import looks the same, and is no attack; ask before you block.

Known limits: only the size is judged, not how similar the events are, nor whether it has stopped.
Where half of the days are zero, one unit counts as the usual day. A monthly job of this size is
flagged every month; usage_spike leaves it out.

Source: PostHog handbook, growth/sales/refunds (many similar events, a sudden increase of ten
times). The comparison with 28 days and the least amount are ours.
"""

from audit.checks import Area, Audience, Effort, Ratio, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B04",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/refunds"


def flag(peak_day_ratio, peak_day_cost_usd, *, sudden_ratio: Ratio = 10, at_stake_usd: Usd = 5):
    return (peak_day_ratio >= sudden_ratio) & (peak_day_cost_usd >= at_stake_usd)


def message(fact):
    ago = "yesterday" if fact.peak_day_days_ago == 1 else f"{fact.peak_day_days_ago:.0f} days ago"
    return (
        f"{fact.product_name} had {fact.peak_day_ratio:,.0f} times its usual day {ago}: "
        f"{fact.peak_day_cost_usd:,.2f} USD of the last 30 days (estimate)."
    )
