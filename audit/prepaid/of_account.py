"""The annual plan of an examined account: its coming periods after the fixes, its invoices, its
plan state."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from audit.account import Account
from audit.checks import load_checks
from audit.errors import InputError
from audit.findings.model import Audit
from audit.findings.outlook.model import Integers
from audit.policy import load_policy
from audit.prepaid.draw_down import Floats
from audit.prepaid.eligibility import FACTS, PlanState, eligibility, plan_state
from audit.prepaid.levers import ONE_YEAR, Terms
from audit.prepaid.money import Assumptions
from audit.prepaid.plan import Plan, plan
from audit.prepaid.rules import rules_of
from audit.prepaid.sales_table import Invoice

#: Draws of a plan: the chance of a loss is then known to half a percent.
DRAWS = 10_000

#: An invoice over more days is not of a month. Also in facts/organization_invoices.sql.
LONGEST_MONTH_DAYS = 62
#: One over as many is of a prepaid plan (ours: ten months).
PLAN_DAYS = 300
PROPOSED_MONTHS = 3
SENT = ("open", "paid", "uncollectible")


def plan_of(
    audit: Audit,
    *,
    rule_set: str = "",
    terms: Terms = ONE_YEAR,
    assumptions: Assumptions | None = None,
    commitment_usd: float | None = None,
) -> Plan:
    """The plan of one audited account, by the policy of the audit.

    Credit is drawn down by usage at list, held to the billing limits there are. Checks for the
    team must have run for the eligibility to be known.

    Raises: InputError where the coming periods cannot be told, saying why, and as
    :func:`audit.prepaid.plan.plan`.
    """
    ahead = audit.outlook
    if ahead is None or audit.terms is None:
        raise InputError(f"No annual plan: {audit.forecast.reason or 'no usage is known.'}")
    policy = load_policy(
        audit.arguments["policy"], load_checks(), audit.arguments.get("thresholds")
    )
    rules = rules_of(policy, rule_set)
    facts = facts_of(audit)
    invoices = invoices_of(audit.account, audit.as_of)
    simulated = ahead.simulated
    fixed, unfixed = _year(simulated.listed_fixed), _year(simulated.listed)
    # The last month with the fixes as the paths have them, which do not all come true whole.
    kept_share = float(fixed.sum() / unfixed.sum()) if unfixed.any() else 1.0
    return plan(
        fixed,
        _year(simulated.fixed),
        rules,
        terms=terms,
        assumptions=assumptions,
        unfixed_list_usd=unfixed,
        unfixed_pay_as_you_go_usd=_year(simulated.bill),
        commitment_usd=commitment_usd,
        proposed_usd=_proposed(invoices),
        eligibility=eligibility(rules, facts),
        state=state_of(audit, facts),
        history_days=ahead.history_days,
        recent_month_usd=kept_share * float(audit.bill.subtotal),
        invoices=invoices,
        current_month_usd=None if invoices else float(audit.bill.total),
    )


def _proposed(invoices: Sequence[Invoice]) -> float | None:
    """What the app proposes: twelve times the mean of the last three months.

    Source: PostHog handbook, growth/sales/contract-rules (suggested amount); before the fixes.
    """
    last = [one.usd for one in invoices[-PROPOSED_MONTHS:]]
    return 12 * sum(last) / PROPOSED_MONTHS if len(last) == PROPOSED_MONTHS else None


def _year(cents: Integers) -> Floats:
    """USD of the twelve periods after the running one."""
    return cents[:, 1:] / 100


def facts_of(audit: Audit) -> dict[str, Any]:
    """The facts that eligibility and plan state rest on; None where one is not known."""
    frame = audit.facts["organization"]
    row: Mapping[str, Any] = frame.iloc[0].to_dict() if len(frame) else {}
    found = {name: row.get(name) for name in FACTS}
    return {name: None if pd.isna(value) else value for name, value in found.items()}


def state_of(audit: Audit, facts: Mapping[str, Any]) -> PlanState:
    """What the account pays by. An invoice of about a year whose period has ended is an earlier
    plan."""
    sent = _sent(audit.account, audit.as_of)
    ended = bool((sent["days"] >= PLAN_DAYS).any())
    return plan_state(facts, had_plan=ended)


def invoices_of(account: Account, as_of: date) -> tuple[Invoice, ...]:
    """The bills of whole months, actual, before credit; of one month together, oldest first."""
    sent = _sent(account, as_of)
    monthly = sent[sent["days"].le(LONGEST_MONTH_DAYS) & sent["total_usd"].notna()]
    found: dict[tuple[int, int], Invoice] = {}
    for end, usd in zip(monthly["period_end"], monthly["total_usd"], strict=True):
        key = (end.year, end.month)
        before = found.get(key)
        found[key] = Invoice(end.date(), float(usd) + (before.usd if before else 0.0))
    return tuple(found[key] for key in sorted(found))


def _sent(account: Account, as_of: date) -> pd.DataFrame:
    """Invoices of periods that have ended, with their ``days``."""
    frame = account["invoices"]
    whole = frame["period_start"].notna() & frame["period_end"].notna()
    sent = frame[whole & frame["status"].isin(SENT)].copy()
    sent["days"] = (sent["period_end"] - sent["period_start"]).dt.days
    return sent[sent["period_end"] <= pd.Timestamp(as_of)].sort_values(["period_end", "invoice_id"])
