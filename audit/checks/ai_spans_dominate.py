"""Flag projects that pay for many more AI spans and traces than generations.

What it finds: more than ``spans_ratio`` spans and traces for each generation.

Why it costs: a span is billed like a generation. A deep chain that reports every step pays for
each of them.

What to do: sample traces, or send spans only for the steps somebody looks at.

Trade-off: a trace shows fewer steps.

Known limits: an agent with many tools has many spans by nature; the saving assumes that
``spans_ratio`` spans for each generation are enough.

Source: ours; the vendor's pages say only that every AI event is billed.
"""

from audit.checks import Area, Effort, Ratio, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.LLM_OBSERVABILITY
RULES = ()
DOCS = "https://posthog.com/docs/llm-analytics"


def flag(ai_spans, ai_generations, *, spans_ratio: Ratio = 10):
    return (ai_generations > 0) & (ai_spans > spans_ratio * ai_generations)


def cut(meter, ai_spans, ai_generations, ai_events, *, spans_ratio: Ratio = 10):
    excess = (ai_spans - spans_ratio * ai_generations) / ai_events.where(ai_events > 0, 1)
    return excess.clip(0, 1) * (meter == "llm_analytics")


def message(fact):
    return (
        f"{fact.project_name} sends {fact.ai_spans / fact.ai_generations:,.0f} AI spans and "
        "traces for each generation."
    )
