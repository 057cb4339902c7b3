"""Flag organizations whose usage dropped without an explanation.

What it finds: billed events of the last 30 days are ``drop_percent`` or more below the 30 days
before, in which at least ``events_count`` came. The drop is measured against the lower of the two
months before, and less what the same weeks of last year fell, where those days are known.

Why it costs: usage falls before a customer leaves; by the time it says so it is late.

What to do: find out first what happened, before any offer. It is a reason for the churn-risk tag,
not for the one of cutting cost.

Trade-off: none; looking costs little.

Known limits: the bill counts bots and internal users, so that their end looks like a drop. Where a
billing limit dropped data or our advice was followed, the finding stays and is only information.

Source: PostHog handbook, growth/sales/risk-mitigation-and-churn-prevention (30 percent or more
with no seasonal explanation). The floor on events is ours.
"""

from audit.checks import Area, Audience, Count, Effort, Percent, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CONVERSATION
AREA = Area.HEALTH
RULES = ("B18",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/risk-mitigation-and-churn-prevention"


def flag(
    unexplained_decrease_percent,
    events_before,
    *,
    drop_percent: Percent = 30,
    events_count: Count = 10_000,
):
    return (unexplained_decrease_percent >= drop_percent) & (events_before >= events_count)


def severity(limits_that_cut, followed_advice):
    explained = (limits_that_cut > 0) | (followed_advice > 0)
    return explained.map({True: Severity.INFORMATION, False: Severity.NEEDS_ACTION})


def message(fact):
    why = ""
    if fact.limits_that_cut:
        why = " A billing limit dropped data this period."
    elif fact.followed_advice:
        why = " Our advice was followed, which may be why."
    dropped, unexplained = fact.event_decrease_percent, fact.unexplained_decrease_percent
    if dropped - unexplained >= 1:
        why = f" The season and the month before that leave {unexplained:.0f}%.{why}"
    return (
        f"Billed events of the last 30 days dropped by {dropped:.0f}%, from "
        f"{fact.events_before:,.0f} in the 30 days before.{why}"
    )
