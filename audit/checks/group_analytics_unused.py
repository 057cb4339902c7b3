"""Flag organizations that subscribe to group analytics and send no groups.

What it finds: the group analytics add-on is subscribed, and no event of the window carries a
group.

Why it costs: once subscribed, every identified event is billed on the add-on, whether or not
it carries a group.

What to do: unsubscribe from group analytics on the billing page, or start sending groups if
you sell to companies. The code can stay as it is.

Trade-off: no group-level insights, funnels or retention until it is subscribed again.

Known limits: groups sent before the window do not count as use.

Source: PostHog handbook, cs-and-onboarding/health-checks (paying and no group data).
"""

from audit.checks import Area, Effort, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.BILLING_PAGE
AREA = Area.PRODUCT_ANALYTICS
RULES = ("A08",)
DOCS = "https://posthog.com/docs/product-analytics/group-analytics#billing"


def flag(group_analytics_is_subscribed, group_events):
    return group_analytics_is_subscribed & (group_events == 0)


def cut(meter):
    return meter == "group_analytics"


def message(fact):
    return f"{fact.organization_name} subscribes to group analytics and no event carries a group."
