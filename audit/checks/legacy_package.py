"""Flag organizations on the legacy Teams package that do not use what it has over Boost.

What it finds: the Teams package is subscribed, and single sign-on with SAML is not in use.

Why it costs: Teams is 450 dollars a month, Boost is 250 and has the same limits and features
but for those named below.

What to do: change from Teams to Boost on the billing page.

Trade-off: priority support within 24 hours and two months of activity logs are in Teams and
not in Boost.

Known limits: whether SAML is in use is read from the organization's list of features; whether
anybody needs the faster support is a question to ask.

Source: PostHog handbook, cs-and-onboarding/health-checks (legacy Teams to Boost saves 200 dollars
a month unless SAML is needed); features from PostHog/posthog, the billing fixtures.
"""

from audit.checks import Area, Effort, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.BILLING_PAGE
AREA = Area.PLATFORM
RULES = ("A22",)
DOCS = "https://posthog.com/platform-packages"


def flag(teams_is_subscribed, saml_is_in_use):
    return teams_is_subscribed & ~saml_is_in_use


def cut(meter, event):
    # Boost, where it is offered and not paid yet, stands with a quantity of -1: what leaves Teams
    # arrives there.
    return (meter == "teams") | ((meter == "boost") & (event == "offered"))


def message(fact):
    return (
        f"{fact.organization_name} pays for the legacy Teams package and does not use single "
        "sign-on with SAML."
    )
