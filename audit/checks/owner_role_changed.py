"""Flag organizations where the owner role changed hands.

What it finds: the owner role was taken from somebody, or a new owner joined after the first member
did, within the last ``changed_days``.

Why it costs: the person who chose the product may be gone; the new one decides anew.

What to do: find out who decides now. After a removal look for signs of leaving; after an addition
introduce yourself.

Trade-off: none; asking early is cheap.

Known limits: a member who was made owner later than on joining is not seen. The first person of a
new organization is no change. The CRM dates removals.

Source: PostHog handbook, cs-and-onboarding/health-tracking (owner role added or removed in the
last 14 days).
"""

from audit.checks import Area, Audience, Days, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.HEALTH
RULES = ("B13",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/cs-and-onboarding/health-tracking"


def flag(
    owner_was_removed,
    days_since_owner_removed,
    owner_was_added,
    days_since_owner_added,
    *,
    changed_days: Days = 14,
):
    removed = owner_was_removed & (days_since_owner_removed <= changed_days)
    return removed | (owner_was_added & (days_since_owner_added <= changed_days))


def severity(owner_was_removed, days_since_owner_removed, *, changed_days: Days = 14):
    removed = owner_was_removed & (days_since_owner_removed <= changed_days)
    return removed.map({True: Severity.WORTH_ATTENTION, False: Severity.OPPORTUNITY})


def ago(days):
    return {0: "today", 1: "yesterday"}.get(days, f"{days:,.0f} days ago")


def message(fact):
    told = []
    if fact.owner_was_removed:
        told.append(f"an owner was removed {ago(fact.days_since_owner_removed)}")
    if fact.owner_was_added:
        told.append(f"a new owner joined {ago(fact.days_since_owner_added)}")
    sentence = " and ".join(told)
    return f"{sentence[:1].upper()}{sentence[1:]}."
