"""Flag products whose cost per unit rises from period to period.

What it finds: over three billing periods the billed amount per unit rose by more than
``rise_percent``, which makes at least ``rise_usd`` a month at the last period's usage.

Why it costs: prices fall with volume, so a unit that gets dearer means that the usage that is
free or cheap went away, an add-on came on, or a discount ended.

What to do: find what changed between the two periods: plan, add-ons, discount, or usage that
fell back into dearer tiers.

Trade-off: none.

Known limits: needs the amounts of four complete periods.

Source: PostHog handbook, cs-and-onboarding/cost-optimization-reviews (unit terms over three to
six months); 15 percent and 50 dollars are ours.
"""

from audit.checks import Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("A33",)
DOCS = "https://posthog.com/docs/billing/common-questions"


def flag(
    unit_cost_rise_percent, unit_cost_rise_usd, *, rise_percent: Percent = 15, rise_usd: Usd = 50
):
    return (unit_cost_rise_percent > rise_percent) & (unit_cost_rise_usd >= rise_usd)


def message(fact):
    return (
        f"A unit of {fact.product_name} costs {fact.unit_cost_rise_percent:.0f}% more than three "
        f"periods ago: ${fact.unit_cost_rise_usd:,.2f} a month (actual, before discounts)."
    )
