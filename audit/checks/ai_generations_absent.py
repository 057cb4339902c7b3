"""Flag projects that send AI events and no generation among them.

What it finds: at least ``ai_events_count`` AI events in the window, and none of them is a
generation.

Why it costs: every AI event is billed; without generations there is no cost, no latency and no
quality to look at, only traces of calls.

What to do: find out which of the three it is: the wrapper of the model's library is missing, the
events are sent by hand without ``$ai_generation``, or nobody needs them and they can stop.

Trade-off: none.

Known limits: a product that only embeds text sends embeddings and no generation.

Source: PostHog handbook, cs-and-onboarding/cost-optimization-reviews (LLM analytics without a
generation).
"""

from audit.checks import Area, Count, Effort, Severity, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.LLM_OBSERVABILITY
RULES = ("A28",)
DOCS = "https://posthog.com/docs/llm-analytics"


def flag(ai_events, ai_generations, *, ai_events_count: Count = 1):
    return (ai_events >= ai_events_count) & (ai_generations == 0)


def message(fact):
    return f"{fact.project_name} sent {counted(fact.ai_events, 'AI event')} and not one generation."
