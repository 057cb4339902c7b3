"""Flag projects whose web events go straight to the vendor's hosts.

What it finds: at least ``web_events_count`` web events a billing month, and at most
``proxied_percent`` of them came through a domain of the customer's own (a reverse proxy).

Why it costs: ad blockers stop calls to hosts they know, so a share of real visitors is missing
from every number. The bill does not change by itself: what is not sent is not billed either.

What to do: put a reverse proxy on a subdomain of yours (the managed one, or your own) and set
``api_host`` to it.

Trade-off: more events arrive, so the events bill can grow with the visitors that were missing;
a proxy of your own has to be run.

Known limits: a proxy is known by the host the web library was given; one that the library does
not know of looks like none. How many visitors block is not known.

Source: PostHog handbook, cs-and-onboarding/health-checks (reverse proxy); the 1,000 events and
the 1 percent are ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Percent, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A25",)
DOCS = "https://posthog.com/docs/advanced/proxy"


def flag(
    web_events,
    web_days,
    proxied_web_events,
    *,
    web_events_count: Count = 1_000,
    proxied_percent: Percent = 1,
):
    many = web_events * BILLING_MONTH_DAYS >= web_events_count * web_days
    none = 100 * proxied_web_events <= proxied_percent * web_events
    return (web_events > 0) & many & none


def message(fact):
    if not fact.proxied_web_events:
        return f"None of {fact.project_name}'s {fact.web_events:,} web events came through a proxy."
    return (
        f"Only {fact.proxied_web_events:,} of {fact.project_name}'s {fact.web_events:,} web events "
        "came through a proxy."
    )
