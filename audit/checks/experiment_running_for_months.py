"""Flag projects with an experiment that has been running for months.

What it finds: a running experiment that started more than ``running_days`` ago.

Why it costs: an experiment is billed as flag requests, which go on for as long as it runs, and
half of the visitors keep seeing what may be the worse variant.

What to do: read the result and decide: ship the winner and end the experiment, or end it.

Trade-off: none, unless the sample is still too small to tell.

Known limits: a long experiment may be meant, such as a holdout. No saving is attached: the
requests go on while any flag of the project is on.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (running for months); 90
days is ours.
"""

from audit.checks import Area, Days, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.EXPERIMENTS
RULES = ("A20",)
DOCS = "https://posthog.com/docs/experiments"


def flag(oldest_experiment_days, *, running_days: Days = 90):
    return oldest_experiment_days > running_days


def message(fact):
    return (
        f"An experiment of {fact.project_name} has been running for "
        f"{fact.oldest_experiment_days:,.0f} days."
    )
