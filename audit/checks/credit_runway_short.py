"""Flag organizations whose credit ends before it should.

What it finds: at today's use the credit is used up before it expires, or it ends within
``urgent_days``, used up or expired.

Why it costs: after the last credit everything is billed at list price, on the card, without
warning. Credit that expires is lost.

What to do: agree on what comes next while there is time: a larger plan, less usage, or paying as
used.

Trade-off: a larger plan binds money; what is not used in the term is mostly lost.

Known limits: the runway is the CRM's, else the credit left at the vendor's forecast; both take
today's use for the rest of the term. Credit without a known end is only judged by when it is used
up.

Source: PostHog handbook, growth/sales/contract-rules and PostHog/skills, transition-leads (run out
before the end; urgent under 14 days).
"""

from audit.checks import Area, Audience, Days, Effort, Severity, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B15",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/contract-rules"

#: Days to the end of credit whose end is not known, in the facts.
NO_END_DAYS = 3_660


def flag(has_credit, credit_runway_days, credit_expires_days, *, urgent_days: Days = 14):
    has_end = credit_expires_days < NO_END_DAYS
    early = has_end & (credit_runway_days < credit_expires_days)
    soon = (credit_runway_days < urgent_days) | (credit_expires_days < urgent_days)
    return has_credit & (early | soon)


def severity(credit_runway_days, credit_expires_days, *, urgent_days: Days = 14):
    soon = (credit_runway_days < urgent_days) | (credit_expires_days < urgent_days)
    return soon.map({True: Severity.NEEDS_ACTION, False: Severity.WORTH_ATTENTION})


def message(fact):
    used_up = f"The credit is used up in {counted(fact.credit_runway_days, 'day')} at today's use"
    if fact.credit_expires_days >= NO_END_DAYS:
        return f"{used_up}."
    return f"{used_up} and expires in {counted(fact.credit_expires_days, 'day')}."
