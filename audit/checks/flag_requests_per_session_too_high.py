"""Flag projects whose clients ask for flags many times in a session.

What it finds: more than ``requests_per_session`` flag requests for each session, with at least
``requests_count`` requests a billing month.

Why it costs: flags bill per request, whatever the number of flags; each page load, identify
and property update may send one.

What to do: bootstrap flags, turn off the request on first load, keep the flag cache, and
avoid reloading flags on every identify.

Trade-off: a changed flag reaches a visitor on the next load rather than at once.

Known limits: backends that evaluate flags remotely send requests without a session and
raise the ratio; the saving brings requests down to the fine range, not to one.

Source: PostHog handbook, onboarding/metabase-account-analysis (1 to 3 per session are fine,
more than 4 suspicious); docs, feature-flags/cutting-costs. The volume is ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, PerSession, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.FEATURE_FLAGS
RULES = ("A15",)
DOCS = "https://posthog.com/docs/feature-flags/cutting-costs"
# An extension that keeps its id asks once a session: the same requests leave.
REMEDY = "call_once_per_session"


def flag(
    flag_client_requests,
    sessions,
    flag_days,
    *,
    requests_per_session: PerSession = 4,
    requests_count: Count = 100_000,
):
    many = flag_client_requests > requests_per_session * sessions
    monthly = flag_client_requests * BILLING_MONTH_DAYS >= requests_count * flag_days
    return many & (sessions > 0) & monthly


def cut(meter, event, flag_client_requests, sessions, *, fine_requests_per_session: PerSession = 3):
    asked = flag_client_requests.where(flag_client_requests > 0, 1)
    excess = (1 - fine_requests_per_session * sessions / asked).clip(0, 1)
    return excess * ((meter == "feature_flags") & (event == "flags"))


def message(fact):
    ratio = fact.flag_client_requests / fact.sessions
    return f"{fact.project_name} makes {ratio:.1f} flag requests per session."
