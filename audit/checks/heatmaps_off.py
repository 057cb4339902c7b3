"""Flag web projects without heatmaps, which cost nothing.

What it finds: heatmaps are off in a project of at least ``web_events_count`` web events a
billing month.

Why it costs: nothing; heatmaps are measured and not billed. Without them nobody sees where
people click, move and stop scrolling.

What to do: turn heatmaps on in the project's settings and open a page with the toolbar.

Trade-off: a little more data is sent from the browser; turning heatmaps off again saves nothing.

Known limits: heatmaps that the web library turns on in code are not seen here.

Source: PostHog docs, toolbar/heatmaps; that they are not billed from the vendor's usage reports
(heatmap events are counted apart). The volume is ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Severity

SEVERITY = Severity.OPPORTUNITY
EFFORT = Effort.SETTING
AREA = Area.HEATMAPS
RULES = ()
DOCS = "https://posthog.com/docs/toolbar/heatmaps"


def flag(heatmap_projects, web_events, web_days, *, web_events_count: Count = 10_000):
    many = web_events * BILLING_MONTH_DAYS >= web_events_count * web_days
    return (heatmap_projects == 0) & (web_events > 0) & many


def message(fact):
    return (
        f"Heatmaps are off in {fact.project_name}, which sent {fact.web_events:,} web events; they "
        "cost nothing."
    )
