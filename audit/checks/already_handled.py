"""Flag organizations that somebody already handles, or where onboarding has ended.

What it finds: a stage that is an end (onboarded, no engagement, with Sales, churned); an open
conversation; or a message of the team within the last ``live_thread_days`` days.

Why it costs: two people who write at once about the same thing cost trust.

What to do: hold any message and ask the teammate first.

Trade-off: an account whose stage was never corrected waits.

Known limits: the CRM does not say who sent the last message, so one's own counts as well. What
nobody recorded is not seen.

Source: PostHog/skills, team/onboarding/posthog-customer-deep-dive (terminal stage or a teammate's
live thread: flag first); stages from the handbook's onboarding pages. How long a thread is live is
ours.
"""

from audit.checks import Area, Audience, Days, Effort, Severity, counted

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C06",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/onboarding-pipeline"


def flag(
    stage_is_terminal,
    has_open_conversation,
    days_since_last_message,
    *,
    live_thread_days: Days = 14,
):
    live = (days_since_last_message >= 0) & (days_since_last_message <= live_thread_days)
    return stage_is_terminal | has_open_conversation | live


def message(fact):
    if fact.stage_is_terminal:
        return f"Onboarding of {fact.organization_name} has ended, as its stage says."
    if fact.has_open_conversation:
        return f"A conversation with {fact.organization_name} is open."
    return (
        f"The team wrote to {fact.organization_name} "
        f"{counted(fact.days_since_last_message, 'day')} ago."
    )
