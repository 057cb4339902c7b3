"""The areas of an account: of each what the team gets from it, what it costs, and what is wrong.

Source: handbook, onboarding/onboarding-conversations-playbook (the sixteen areas of the account
audit prompt, each with a value read and a cost read). Which facts and products stand for an area
is ours.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

import pandas as pd

from audit.checks import Area, Severity, load_checks
from audit.findings.model import Audit, Finding

#: Areas of a customer's page, in the order of the audit prompt; the last is ours.
CUSTOMER_AREAS = (
    *(area for area in Area if area not in (Area.BILLING, Area.HEALTH, Area.LIFECYCLE)),
    Area.BILLING,
)


class State(StrEnum):
    """What can be said of an area in a word."""

    FINDINGS = "findings"
    SUPPRESSED = "suppressed"
    WORKS = "works"
    IN_PART = "in_part"
    NOT_USED = "not_used"
    NOT_EVALUATED = "not_evaluated"


@dataclass(frozen=True)
class Reading:
    """One area of one audit.

    ``value``: what is used, in numbers of the window; empty when nothing tells. ``cost``: the
    lines of the area's products on the bill, USD a billing month before discounts (estimate);
    None where the area has no meter of its own, and ``cost_note`` says how it is billed then.
    ``finding``: the main open one, or None. ``more``: how many other open ones there are.
    ``suppressed``: how many somebody decided to live with.
    """

    area: Area
    title: str
    value: tuple[str, ...]
    cost: Decimal | None
    cost_note: str
    state: State
    finding: Finding | None
    more: int
    suppressed: int
    not_evaluated: tuple[str, ...]

    @property
    def severity(self) -> Severity | None:
        return self.finding.severity if self.finding else None


@dataclass(frozen=True)
class _Area:
    """``value``: phrases with the facts they name, and ``[one|many]`` by the number before it; one
    whose facts are not known is left out.
    ``used_by``: facts of which any above 0 means that the area is in use."""

    title: str
    products: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    used_by: tuple[str, ...] = ()
    cost_note: str = ""


AREAS: Mapping[Area, _Area] = {
    Area.INSTRUMENTATION: _Area(
        "Instrumentation",
        value=(
            "{events} billed [event|events]",
            "{sessions} [session|sessions]",
            "{people} [person|people]",
        ),
        used_by=("events",),
        cost_note="In product analytics",
    ),
    Area.PRODUCT_ANALYTICS: _Area(
        "Product analytics",
        ("product_analytics", "enhanced_persons", "group_analytics"),
        (
            "{people_using_product_analytics} [member|members] looked at insights",
            "{insights} saved [insight|insights]",
            "{actions} [action|actions]",
        ),
        ("events",),
    ),
    Area.WEB_ANALYTICS: _Area(
        "Web analytics",
        value=(
            "{people_using_web_analytics} [member|members] looked at it",
            "{web_events} [event|events] from the web",
        ),
        used_by=("web_events",),
        cost_note="In product analytics",
    ),
    Area.SESSION_REPLAY: _Area(
        "Session replay",
        ("session_replay", "mobile_replay", "replay_vision"),
        (
            "{people_using_session_replay} [member|members] watched recordings",
            "{recordings} web [recording|recordings]",
            "{recordings_under_2_seconds} of them under two seconds",
        ),
        ("recordings",),
    ),
    Area.HEATMAPS: _Area(
        "Heatmaps",
        value=("on in {heatmap_projects} [project|projects]",),
        used_by=("heatmap_projects",),
        cost_note="Not billed",
    ),
    Area.FEATURE_FLAGS: _Area(
        "Feature flags",
        ("feature_flags",),
        ("{flags_in_use} [flag|flags] in use", "{flag_requests} [request|requests]"),
        ("flag_requests", "flags_in_use"),
    ),
    Area.EXPERIMENTS: _Area(
        "Experiments",
        value=("{active_experiments} running",),
        used_by=("active_experiments",),
        cost_note="In feature flags",
    ),
    Area.SURVEYS: _Area(
        "Surveys",
        ("surveys",),
        ("{active_surveys} running", "{people_using_surveys} [member|members] looked at results"),
        ("active_surveys",),
    ),
    Area.ERROR_TRACKING: _Area(
        "Error tracking",
        ("error_tracking",),
        ("{people_using_error_tracking} [member|members] looked at errors",),
        ("people_using_error_tracking",),
    ),
    Area.LLM_OBSERVABILITY: _Area(
        "LLM observability",
        ("llm_analytics",),
        (
            "{ai_generations} [generation|generations]",
            "{people_using_llm_analytics} [member|members] looked at traces",
        ),
        ("ai_events",),
    ),
    Area.DATA_WAREHOUSE: _Area(
        "Data warehouse",
        ("data_warehouse", "data_warehouse_historical"),
        (
            "{active_warehouse_schemas} synced [table|tables]",
            "{people_using_data_warehouse} [member|members] wrote queries",
        ),
        ("active_warehouse_schemas",),
    ),
    Area.CDP_AND_WORKFLOWS: _Area(
        "CDP and workflows",
        (
            "realtime_destinations",
            "batch_exports",
            "data_pipelines",
            "workflows_emails",
            "workflows_destinations",
        ),
        (
            "{active_destinations} active [destination|destinations]",
            "{active_batch_exports} batch [export|exports]",
        ),
        ("active_destinations", "active_batch_exports"),
    ),
    Area.PLATFORM: _Area(
        "Platform, queries and logs",
        (
            "boost",
            "scale",
            "enterprise",
            "teams",
            "logs",
            "logs_retention_30d",
            "posthog_ai",
            "posthog_code_usage",
            "inbox",
        ),
        (
            "{app_queries} [query|queries] in the app",
            "{api_queries} by the API",
            "{people_using_logs} [member|members] read logs",
        ),
        ("app_queries", "api_queries"),
    ),
    Area.REVENUE: _Area(
        "Revenue",
        value=("{revenue_events} [event|events] about money",),
        used_by=("revenue_events",),
        cost_note="In product analytics",
    ),
    Area.COHORTS: _Area(
        "Cohorts",
        value=("{active_cohorts} [cohort|cohorts]",),
        used_by=("active_cohorts",),
        cost_note="Not billed",
    ),
    Area.NOT_USED_YET: _Area("Not used yet", cost_note="Nothing yet"),
    Area.BILLING: _Area("Billing and limits", cost_note="The whole bill"),
}


#: The area that a product stands in.
AREA_OF: Mapping[str, Area] = {
    product: area for area, of in AREAS.items() for product in of.products
}

#: Facts that the readings name. ``product_users`` stands for ``people_using_PRODUCT``.
AREA_FACTS = frozenset(
    {
        part.partition("}")[0]
        for area in AREAS.values()
        for phrase in area.value
        for part in phrase.split("{")[1:]
    }
    | {fact for area in AREAS.values() for fact in area.used_by}
    | {"product_users"}
)


def readings(audit: Audit) -> tuple[Reading, ...]:
    """Every area of a customer's page, in the order of the audit prompt."""
    return tuple(_reading(audit, area) for area in CUSTOMER_AREAS)


def _reading(audit: Audit, area: Area) -> Reading:
    of = AREAS[area]
    found = [one for one in audit.for_customer if home(one) is area]
    suppressed = [one for one in audit.suppressed_for_customer if home(one) is area]
    lines = [line.amount for line in audit.bill.lines if line.product in of.products]
    known = load_checks()
    ran = [name for name in audit.checks_run if known[name].area is area]
    gaps = {gap.check for gap in audit.not_evaluated if gap.check in ran}
    open_checks = tuple(
        name for name in ran if name in gaps and name not in {f.check for f in audit.findings}
    )
    value = tuple(filter(None, (_phrase(audit, phrase) for phrase in of.value)))
    cost = sum(lines, Decimal(0)) if of.products and audit.usage_is_known else None
    return Reading(
        area=area,
        title=of.title,
        value=value,
        cost=cost,
        cost_note=of.cost_note or ("" if cost is not None else "No usage of these days is known"),
        state=State.SUPPRESSED
        if suppressed and not found
        else _state(audit, of, bool(found), _is_billed(audit, of), len(ran), len(open_checks)),
        finding=found[0] if found else None,
        more=max(0, len(found) - 1),
        suppressed=len(suppressed),
        not_evaluated=open_checks,
    )


def home(finding: Finding) -> Area:
    """Where a finding stands: one of the platform that speaks of a single product, with that
    product."""
    if finding.area is Area.PLATFORM and finding.product is not None:
        return AREA_OF.get(finding.product, finding.area)
    return finding.area


def _is_billed(audit: Audit, of: _Area) -> bool | None:
    """Whether any unit of the area's products was counted; None where that is not known, or the
    area has no product of its own."""
    if any(line.quantity for line in audit.bill.lines if line.product in of.products):
        return True
    covered = audit.account["coverage"]
    read = (covered["subject"] == "usage_daily") & covered["complete"]
    return False if of.products and audit.usage_is_known and bool(read.any()) else None


def _state(
    audit: Audit, of: _Area, has_findings: bool, is_billed: bool | None, ran: int, open_checks: int
) -> State:
    if has_findings:
        return State.FINDINGS
    known = [t for t in (total(audit.facts, fact) for fact in of.used_by) if t is not None]
    # Without a unit on the bill, what is not known of the rest is no sign of use.
    told = len(known) == len(of.used_by) or is_billed is False
    if of.used_by and told and not is_billed and not any(known):
        return State.NOT_USED
    if ran and open_checks == ran:
        return State.NOT_EVALUATED
    return State.IN_PART if open_checks else State.WORKS


def _phrase(audit: Audit, phrase: str) -> str:
    """A phrase with its numbers, or nothing when one of them is not known."""
    names = [part.partition("}")[0] for part in phrase.split("{")[1:]]
    values = {name: total(audit.facts, name) for name in names}
    if any(value is None for value in values.values()):
        return ""
    many = any(value != 1 for value in values.values())
    worded = re.sub(r"\[(.*?)\|(.*?)\]", lambda forms: forms[1 + many], phrase)
    return worded.format(**{name: f"{value:,.0f}" for name, value in values.items()})


def total(facts: Mapping[str, pd.DataFrame], name: str) -> float | None:
    """A fact over the whole organization: the sum over projects; None where one is missing.

    ``people_using_PRODUCT`` is the fact ``product_users`` of the product.
    """
    for frame in facts.values():
        if name in frame.columns:
            values = frame[name]
            return None if values.isna().any() or not len(values) else float(values.sum())
    if name.startswith("people_using_"):
        product = name.removeprefix("people_using_")
        frame = facts.get("product")
        if frame is not None and "product_users" in frame.columns:
            mine = frame.loc[frame["product"] == product, "product_users"]
            if len(mine):
                return None if mine.isna().any() else float(mine.iloc[0])
    return None
