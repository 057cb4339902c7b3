"""Who decides: a simple case is anyone's, everything else is for RevOps.

A "no" here refuses nothing; it says that RevOps decides.
Source: PostHog handbook, growth/sales/refunds (when to escalate to RevOps).
"""

from collections.abc import Iterable
from decimal import Decimal

from audit.checks import refund_needs_escalation
from audit.pricing import cents_of
from audit.refunds.case import Case
from audit.refunds.soundness import last_paid
from audit.refunds.verdicts import Kind, Rule, Verdict, verdict_of


def escalation(case: Case, fits: Verdict) -> Iterable[Rule]:
    """``fits``: whether any scenario does."""
    yield _size(case)
    earlier, source = case.earlier_refunds
    multiple = case.thresholds.multiple_count
    yield _rule(
        "no_multiple_refunds",
        "The customer has not asked for multiple refunds lately.",
        "not known" if earlier is None else f"{earlier} earlier refunds",
        source,
        f"fewer than {multiple}",
        None if earlier is None else not refund_needs_escalation.is_multiple(earlier, multiple),
    )
    bills = len(case.bills)
    simple = fits is not Verdict.NO and bills == 1
    yield _rule(
        "simple_case",
        "The case is one of the simple ones.",
        f"a scenario fits: {fits.value}; {bills} {'bill' if bills == 1 else 'bills'}",
        "this trace",
        "a scenario fits, on one bill (ours)",
        simple if fits is not Verdict.CONFIRM or not simple else None,
    )
    yield _invoices(case)


def monthly_usd(case: Case) -> tuple[Decimal, str]:
    """What the organization spends in a usual month, and whose number it is."""
    mrr = case.crm.number("mrr_usd")
    if mrr is not None:
        return cents_of(mrr), "actual, lifecycle.mrr_usd"
    paid = last_paid(case)
    if paid:
        mean = sum((one.total or Decimal(0) for one in paid), Decimal(0)) / len(paid)
        return cents_of(mean), f"actual, mean of the last {len(paid)} paid invoices before"
    return case.usual.total, "estimate, a month at the baseline"


def _size(case: Case) -> Rule:
    spend, source = monthly_usd(case)
    limit = case.thresholds.monthly_usd
    big = bool(refund_needs_escalation.is_big(spend, limit))
    known = source.startswith("actual") or all(b.units is not None for b in case.baselines.values())
    return _rule(
        "below_the_size_of_revops",
        "The customer is not a big one.",
        f"{spend:.2f} USD a month ({source})",
        source.partition(", ")[2],
        f"below {limit} USD a month",
        False if big else (True if known else None),
    )


def _invoices(case: Case) -> Rule:
    statuses = [bill.invoice.status if bill.invoice else "none yet" for bill in case.bills]
    claim: bool | None = True
    if any(status in ("open", "uncollectible") for status in statuses):
        claim = None
    if "void" in statuses:
        claim = False
    return _rule(
        "no_invoice_to_change",
        "No invoice must be created or modified.",
        f"invoices: {', '.join(statuses)}",
        "invoices.status",
        "not void; open and uncollectible ones only when sure",
        claim,
    )


def _rule(
    name: str, claim: str, value: str, source: str, threshold: str, holds: bool | None
) -> Rule:
    return Rule(name, Kind.ESCALATION, claim, value, source, threshold, verdict_of(holds))
