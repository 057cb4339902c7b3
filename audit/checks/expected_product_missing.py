"""Flag organizations that could use a product they have not tried.

What it finds: product analytics is in use (``events_count`` billed events in the window), and
one of session replay, feature flags and error tracking has no usage at all; or the company is
known to build with AI and no AI event came, or to sell to companies and no event carries a group.
Nothing is said while the fixes found save ``pause_percent`` of the bill or more.

Why it costs: nothing today. Each product answers what the others leave open: why people left,
which change helped, which error they met.

What to do: try the product on your own data, within its free allowance, after the savings and
never instead of them.

Trade-off: every product is billed by use beyond its free allowance.

Known limits: usage elsewhere (another organization, another tool) is not seen. What kind of
company it is, is known only where it was written down in words that are recognised.

Source: PostHog handbook, growth/sales/account-allocation (primary products),
cs-and-onboarding/cost-optimization-reviews (an AI product without LLM analytics) and
growth/sales/risk-mitigation-and-churn-prevention (no cross-selling while cost is cut). The
numbers are ours.
"""

from audit.checks import Area, Count, Effort, Percent, Severity

SEVERITY = Severity.OPPORTUNITY
EFFORT = Effort.CODE_CHANGE
AREA = Area.NOT_USED_YET
RULES = ("C16",)
DOCS = "https://posthog.com/products"

#: The fact that says so, and the product's name.
MISSING = {
    "replay_is_missing": "session replay",
    "flags_are_missing": "feature flags",
    "error_tracking_is_missing": "error tracking",
    "llm_analytics_is_missing": "LLM analytics",
    "groups_are_missing": "group analytics",
}


def flag(
    counted_events,
    replay_is_missing,
    flags_are_missing,
    error_tracking_is_missing,
    llm_analytics_is_missing,
    groups_are_missing,
    joint_saving_usd,
    bill_usd,
    *,
    events_count: Count = 10_000,
    pause_percent: Percent = 20,
):
    of_company = llm_analytics_is_missing | groups_are_missing
    missing = replay_is_missing | flags_are_missing | error_tracking_is_missing | of_company
    cutting = (joint_saving_usd > 0) & (100 * joint_saving_usd >= pause_percent * bill_usd)
    return (counted_events > 0) & (counted_events >= events_count) & missing & ~cutting


def message(fact):
    names = [name for claim, name in MISSING.items() if getattr(fact, claim)]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"{fact.organization_name} uses product analytics and does not use {listed}."
