"""Flag projects that identify people by ids that stand for nobody.

What it finds: at least ``warnings_count`` refused merges in the window because the id was one
like ``null``, ``undefined``, ``0`` or ``email``, which many people would share.

Why it costs: events sent under such an id all belong to one person, so people are counted too
low and the profile mixes strangers. The events are billed all the same.

What to do: find the call that passes an empty or default value, often identify before the user
has loaded, and call it only when there is an id.

Trade-off: none; what was mixed before cannot be taken apart.

Known limits: the vendor samples these warnings, so the number is a lower bound. Only calls of
identify and alias are refused; events sent under such an id are accepted in silence.

Source: PostHog docs, product-analytics/identify (ids that are refused) and
data/ingestion-warnings; that one warning is enough is ours.
"""

from audit.checks import Area, Count, Effort, Severity, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ()
DOCS = "https://posthog.com/docs/product-analytics/identify"


def flag(illegal_id_warnings, *, warnings_count: Count = 1):
    return (illegal_id_warnings > 0) & (illegal_id_warnings >= warnings_count)


def message(fact):
    return (
        f"{fact.project_name} identified people by an id that stands for nobody at least "
        f"{counted(fact.illegal_id_warnings, 'time')}."
    )
