"""Flag projects that capture exceptions and have not seen one.

What it finds: exceptions are captured automatically, the project sent at least
``web_events_count`` events from the web a billing month, and the organization has no exception
in the window.

Why it costs: nothing on the bill. It costs the errors nobody sees: software without a single
exception in a month is rare, a capture that does not work is not.

What to do: throw a test exception and look for it. Check the library's version, and that
nothing in ``before_send`` drops exceptions.

Trade-off: none.

Known limits: a site with little code of its own may really have none.

Source: PostHog handbook, cs-and-onboarding/cost-optimization-reviews (a product enabled with no
successful use: cancel, adopt, or broken); 10,000 events is ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.ERROR_TRACKING
RULES = ("A28",)
DOCS = "https://posthog.com/docs/error-tracking"


def flag(
    exceptions_are_captured,
    web_events,
    web_days,
    organization_exceptions,
    *,
    web_events_count: Count = 10_000,
):
    silent = exceptions_are_captured & (organization_exceptions == 0)
    many = web_events * BILLING_MONTH_DAYS >= web_events_count * web_days
    return silent & (web_events > 0) & many


def message(fact):
    return (
        f"{fact.project_name} captures exceptions, yet there was none in {fact.web_events:,.0f} "
        "web events."
    )
