"""Flag projects that send more events per person than any published benchmark.

What it finds: more than ``events_per_person_count`` billed events per person and billing month,
bots and the project's own internal users left out.

Why it costs: the bill grows with events, not with people. Far more per person than others need
often means that something is sent in a loop, on a timer, or for every item of a list.

What to do: look at the largest events by name and ask of each what it is read for; send one
event for a batch instead of one for each item.

Trade-off: less detail about what happened inside one visit.

Known limits: some products are like that: the benchmark that is highest is an API that answers
machines. A project without filters for internal users counts them as people.

Source: PostHog docs, billing/estimating-usage-costs (events per monthly user of ten businesses,
8 to 583); that the highest of them is the limit is ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Severity

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A32",)
DOCS = "https://posthog.com/docs/billing/estimating-usage-costs"


def flag(
    behaviour_events,
    behaviour_people,
    behaviour_days,
    *,
    events_per_person_count: Count = 583,
):
    # A window shorter than a month is not stretched: who came once did not come again.
    months = (behaviour_days / BILLING_MONTH_DAYS).clip(lower=1)
    most = events_per_person_count * behaviour_people * months
    return (behaviour_people > 0) & (behaviour_events > most)


def message(fact):
    months = max(fact.behaviour_days / BILLING_MONTH_DAYS, 1)
    ratio = fact.behaviour_events / fact.behaviour_people / months
    return (
        f"{fact.project_name} sends {ratio:,.0f} events per person and month; published "
        "benchmarks are 8 to 583."
    )
