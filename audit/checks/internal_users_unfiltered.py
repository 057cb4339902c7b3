"""Flag projects that cannot tell their own team from customers.

What it finds: no filter for internal and test users, in a project of at least ``events_count``
billed events a billing month.

Why it costs: the team's own clicks count as those of customers in every insight, funnel and
experiment; the smaller the product, the more they weigh.

What to do: name your company's email domain, test accounts and local hosts under "Filter out
internal and test users" in the project's settings, and turn the filter on by default.

Trade-off: none; insights can still be asked with the filter off.

Known limits: the filter changes what insights show and not what is billed: internal users are
billed either way. A filter that is set and matches nobody looks like one that works.

Source: PostHog docs, tutorials/filter-internal-users; the handbook names the setting without a
number, so the volume is ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.PRODUCT_ANALYTICS
RULES = ()
DOCS = "https://posthog.com/tutorials/filter-internal-users"


def flag(internal_users_are_filtered, events, event_days, *, events_count: Count = 10_000):
    many = events * BILLING_MONTH_DAYS >= events_count * event_days
    return ~internal_users_are_filtered & (events > 0) & many


def message(fact):
    return (
        f"{fact.project_name} sent {fact.events:,} events and has no filter for internal and test "
        "users."
    )
