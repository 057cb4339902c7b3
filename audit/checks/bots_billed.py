"""Flag projects that are billed for the visits of bots.

What it finds: events whose user agent is a known bot's, at or above ``bot_percent`` of a
project's billed events, or worth ``at_stake_usd`` a month.

Why it costs: crawlers, monitors and previews run the web library like a browser, and their
events are billed like those of people.

What to do: add the bot filter under data pipelines > transformations, which drops such events
before they are billed, or list user agents in ``custom_blocked_useragents`` of the web library.

Trade-off: visits of bots can no longer be studied, such as those of AI assistants.

Known limits: a bot that calls itself a browser is not seen. Bots do not log in, so the saving
takes the same share off every kind of web event of people who were never identified, on every host
alike, and leaves what bots cost elsewhere (recordings, flag requests) out.

Source: PostHog docs, data/bot-filtering; no page gives a number, so 5 percent and 10 dollars are
ours.
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.WEB_ANALYTICS
RULES = ()
DOCS = "https://posthog.com/docs/data/bot-filtering"
REMEDY = "bots_out"

#: What the measure ``web_events`` counts.
WEB_LIBRARIES = ("web", "js")


def flag(bot_events, events, saving_alone_usd, *, bot_percent: Percent = 5, at_stake_usd: Usd = 10):
    share_is_high = 100 * bot_events >= bot_percent * events
    return (bot_events > 0) & (share_is_high | (saving_alone_usd >= at_stake_usd))


def cut(meter, library, known_person, bot_events, never_identified_web_events):
    strangers = never_identified_web_events.where(never_identified_web_events > 0, 1)
    share = (bot_events / strangers).clip(0, 1).where(never_identified_web_events > 0, 0)
    return share * (meter.isin(EVENT_METERS) & library.isin(WEB_LIBRARIES) & ~known_person)


def message(fact):
    share = fact.bot_events / max(fact.events, fact.bot_events)
    return f"{fact.bot_events:,} of {fact.project_name}'s events ({share:.1%}) come from bots."
