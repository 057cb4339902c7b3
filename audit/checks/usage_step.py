"""Flag products whose usage moved to another level and stayed there.

What it finds: a level that jumped within the last month, at least a week ago, and has stayed since.
It is a launch, a deploy or another change, not a spike: a month at the new level differs from one
at the old by at least ``at_stake_usd``, and no more than ``chance_percent`` of audits of clean
accounts would show such a step in any product. A rise of ``attention_usd`` a month or more is
worth attention, anything else is information.

Why it costs: a new level is billed every month from now on.

What to do: ask what changed that day. If it was meant, plan with the new level: the forecast, the
billing limit and a prepaid plan need it. If it was not, the deploy of that day is where to look.

Trade-off: none; usage that was meant is what the product is for.

Known limits: a step of 1.3 times is seen only where days are calm (three of four at a daily
deviation of 5 percent), one of two times up to about 10 percent. Steady growth is no step, and a
return to a level of the eight weeks before is none either. Which change caused it, usage does not
tell.

Source: ours, measured by benchmarks/spikes.py.
"""

from audit.checks import Area, Effort, Percent, Severity, Usd, counted

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ()
DOCS = "https://posthog.com/docs/billing/spike-detection"


def flag(
    step_probability,
    step_cost_usd,
    *,
    chance_percent: Percent = 0.1,
    at_stake_usd: Usd = 25,
):
    return (100 * step_probability <= chance_percent) & (abs(step_cost_usd) >= at_stake_usd)


def severity(step_cost_usd, *, attention_usd: Usd = 100):
    large = step_cost_usd >= attention_usd
    return large.map({True: Severity.WORTH_ATTENTION, False: Severity.INFORMATION})


def message(fact):
    way = "more" if fact.step_cost_usd > 0 else "less"
    return (
        f"{fact.product_name} moved to {fact.step_ratio:.2g} times its level "
        f"{counted(fact.step_days_ago, 'day')} ago and stayed: a launch or a change, not a spike. "
        f"A month at the new level costs about {abs(fact.step_cost_usd):,.2f} USD {way} (estimate)."
    )
