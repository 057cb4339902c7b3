"""Flag projects that pay for person profiles of people who were never identified.

What it finds: events with a person profile whose person was never identified, at or above
``never_identified_percent`` of the project's billed events, or worth ``at_stake_usd`` a
month.

Why it costs: an identified event is billed twice: as an event and as an identified event
on top; with group analytics a third time. Anonymous events cost the base price only.

What to do: set ``person_profiles: 'identified_only'`` on web, and send
``$process_person_profile: false`` with high-volume server events that need no person.

Trade-off: visitors who never log in have no person profile, so they cannot be put in
cohorts by person property or found by name.

Known limits: a visitor who will be identified later counts as never identified until then.

Source: PostHog handbook, cs-and-onboarding/cost-optimization (up to four times the cost); the
page gives no number, so 20 percent and 25 dollars are ours.
"""

from audit.checks import IDENTIFIED_METERS, Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A10",)
DOCS = "https://posthog.com/docs/data/anonymous-vs-identified-events"


def flag(
    never_identified_events,
    events,
    saving_alone_usd,
    *,
    never_identified_percent: Percent = 20,
    at_stake_usd: Usd = 25,
):
    share_is_high = 100 * never_identified_events >= never_identified_percent * events
    return (never_identified_events > 0) & (share_is_high | (saving_alone_usd >= at_stake_usd))


def cut(meter, identified, known_person):
    return meter.isin(IDENTIFIED_METERS) & identified & ~known_person


def message(fact):
    share = fact.never_identified_events / max(fact.events, 1)
    return (
        f"{share:.0%} of {fact.project_name}'s events carry a person profile of somebody who "
        "was never identified."
    )
