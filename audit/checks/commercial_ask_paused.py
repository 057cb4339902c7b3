"""Flag organizations that should not be asked to buy anything now.

What it finds: any of these: an open conversation, a complaint of the price, a champion who left, a
look at alternatives, an urgent ticket.

Why it costs: an offer on top of an open problem reads as not listening.

What to do: solve that first; hold plans, credit and further products back.

Trade-off: a plan that would have helped comes later.

Known limits: what nobody recorded is not seen.

Source: PostHog/skills, team/customer-success/monthly-to-annual (a scan for open escalations,
pricing complaints and a lost champion precedes any ask).
"""

from audit.checks import Area, Audience, Effort, Severity

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C17",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/contract-rules"


def flag(
    has_open_conversation,
    complains_of_price,
    champion_has_left,
    evaluates_alternatives,
    noted_urgent_tickets,
):
    troubled = has_open_conversation | complains_of_price | (noted_urgent_tickets > 0)
    return troubled | champion_has_left | evaluates_alternatives


def message(fact):
    signs = [
        words
        for given, words in (
            (fact.has_open_conversation, "an open conversation"),
            (fact.complains_of_price, "a complaint of the price"),
            (fact.champion_has_left, "a champion who left"),
            (fact.evaluates_alternatives, "a look at alternatives"),
            (fact.noted_urgent_tickets, "an urgent ticket"),
        )
        if given
    ]
    return f"No offer to {fact.organization_name} now: {', '.join(signs)}."
