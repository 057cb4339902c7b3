"""Flag projects whose servers check flags with a new id on every call.

What it finds: at least ``server_calls_count`` flag calls from server libraries a billing month,
with at least ``ids_percent`` different ids per hundred calls.

Why it costs: the calls themselves are not in the events bill. But a flag seen by a new person
on every request rolls out to nobody in particular, an experiment on it measures noise, and each
id may become a person profile that later events pay for.

What to do: pass a stable id, such as the user's or the organization's. Where no person stands
behind a call, turn the call events off (``send_feature_flag_events: false``).

Trade-off: none.

Known limits: a service that really serves every person once, such as a one-off mailing, looks
the same. No saving is attached, because ``$feature_flag_called`` is not billed as an event.

Source: PostHog handbook, cs-and-onboarding/cost-optimization (throwaway ids on server-side flag
checks); 10,000 calls and 90 percent are ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Percent, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.FEATURE_FLAGS
RULES = ("A16",)
DOCS = "https://posthog.com/docs/feature-flags/cutting-costs"


def flag(
    server_flag_calls,
    server_flag_people,
    server_flag_days,
    *,
    server_calls_count: Count = 10_000,
    ids_percent: Percent = 90,
):
    many = server_flag_calls * BILLING_MONTH_DAYS >= server_calls_count * server_flag_days
    return (
        (server_flag_calls > 0)
        & many
        & (100 * server_flag_people >= ids_percent * server_flag_calls)
    )


def message(fact):
    return (
        f"Servers of {fact.project_name} checked flags {fact.server_flag_calls:,.0f} times with "
        f"{fact.server_flag_people:,.0f} different ids: almost a new one every time."
    )
