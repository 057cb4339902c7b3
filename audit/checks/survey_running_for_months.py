"""Flag projects with a survey that has been running for months without a limit.

What it finds: a running survey that started more than ``running_days`` ago and has no limit on
its responses.

Why it costs: each response is billed, for as long as the survey runs.

What to do: end the survey, or give it a limit of responses. A setting of the survey.

Trade-off: no more answers to that question.

Known limits: a survey may be meant to run always, such as a rating after support. The saving is
priced only where every running survey of the project is that old and none ended in the window,
since responses are not counted by survey here.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (always-on surveys accrue
billable responses); 90 days is ours.
"""

from audit.checks import Area, Days, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.SURVEYS
RULES = ("A20",)
DOCS = "https://posthog.com/docs/surveys"


def flag(oldest_survey_days, *, running_days: Days = 90):
    return oldest_survey_days > running_days


def cut(meter, newest_survey_days, *, running_days: Days = 90):
    return (meter == "surveys") & (newest_survey_days > running_days)


def message(fact):
    return (
        f"A survey of {fact.project_name} has been running for "
        f"{fact.oldest_survey_days:,.0f} days without a limit on responses."
    )
