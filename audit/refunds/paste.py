"""The text a person pastes into Billing Admin and the private note: plain lines, no markup."""

from collections.abc import Iterable
from decimal import Decimal

from audit.refunds.decide import Decision, Part
from audit.refunds.settlement import HUNDRED, Instrument, Settlement
from audit.refunds.thresholds import times
from audit.refunds.verdicts import Kind, Verdict, any_of

LITERAL_PERCENT = 200
ANSWERS = {
    Verdict.YES: "eligible",
    Verdict.NO: "not eligible",
    Verdict.CONFIRM: "a person must confirm",
}


def paste_block(of: Decision) -> str:
    """Reasons, the allocation per product, the numbers behind it, and what is still open."""
    return "\n".join(_flat(line) for line in _lines(of)) + "\n"


def reading(of: Decision) -> str:
    """How "by more than 200 percent" was read."""
    percent = of.case.spike_percent
    word = "literally: " if percent == LITERAL_PERCENT else ""
    return f"'by more than 200%' read {word}above {times(percent)} times the three-month mean"


def _lines(of: Decision) -> Iterable[str]:
    case = of.case
    yield f"Refund request of {case.account.name} ({case.account.organization_id})"
    yield f"Incident {case.request.incident}, asked on {case.request_day}"
    yield f"Verdict: {ANSWERS[of.verdict]}"
    for name in open_rules(of):
        yield f"  to confirm: {name}"
    for name in _failed(of):
        yield f"  does not hold: {name}"
    yield f"Escalate to RevOps: {of.escalate.value}"
    for one in of.settlements:
        yield from _settlement(of, one)
    yield f"Total {_usd(of.most)} (estimate)"
    if case.request.explanation:
        yield f"The customer says: {case.request.explanation}"
    yield f"Baseline: {_months(of)}; {reading(of)}"
    yield f"Policy {case.thresholds.policy}"
    yield f"Prices: {of.price_list}, the account's own where it has some"
    for note in of.notes:
        yield f"Note: {note}"


def open_rules(of: Decision) -> tuple[str, ...]:
    """Rules that a person must still answer, each once."""
    return _named(of, Verdict.CONFIRM)


def _failed(of: Decision) -> tuple[str, ...]:
    return _named(of, Verdict.NO)


def _named(of: Decision, verdict: Verdict) -> tuple[str, ...]:
    """Rules that decide: those of eligibility and amount, and those of a scenario where no
    scenario does better."""
    fits = any_of(of.scenarios.values())
    stuck = {scenario.value for scenario, found in of.scenarios.items() if found is fits is verdict}
    found = [
        rule.name
        for rule in of.rules
        if rule.verdict is verdict
        and rule.kind is not Kind.ESCALATION
        and (not rule.scenarios or stuck & set(rule.scenarios))
    ]
    return tuple(dict.fromkeys(found))


def _settlement(of: Decision, one: Settlement) -> Iterable[str]:
    invoice = one.bill.invoice
    on = f" on invoice {invoice.id} ({invoice.status})" if invoice else ""
    yield f"Bill of {one.bill.segment.period}: {one.instrument.value}{on}; {one.because}"
    if one.instrument is Instrument.CREDIT:
        yield f"  Reason: {one.reason}"
    else:
        yield "  Stripe reason: choose one (required; the handbook names none)"
        yield f"  Internal reason: {one.reason}"
    if one.share_percent != HUNDRED:
        yield f"  At most {one.share_percent}% of it, while the cause is being fixed"
    for part in of.parts:
        if part.amount.segment == one.bill.segment:
            yield from _allocation(part)


def _allocation(part: Part) -> Iterable[str]:
    amount = part.amount
    yield f"  {amount.name}: {_usd(part.most)} (estimate)"
    if amount.unknown:
        yield f"    unknown: {amount.unknown}"
        return
    with_, without = amount.with_overage, amount.without
    if with_ is None or without is None:
        return
    units = amount.baseline.units or 0
    yield (
        f"    baseline {units:,} a month, used {amount.used.quantity:,} in "
        f"{amount.segment.days.days} days against {amount.usual:,}, overage {amount.overage:,}"
    )
    yield (
        f"    price({units + (amount.overage or 0):,}) {_usd(with_.total)} - "
        f"price({units:,}) {_usd(without.total)} = {_usd(amount.difference)}"
    )
    if part.refund != amount.difference:
        yield f"    held to {_usd(part.refund)}: no more than was charged, in the window"


def _months(of: Decision) -> str:
    days = of.case.calendar
    kind = "billing periods" if days.months_known else "months of 30 days"
    return f"mean of the {kind} from {days.months[0].start} to {days.months[-1].last}"


def _usd(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"{amount:,.2f} USD"


def _flat(line: str) -> str:
    """One line, whatever a name or an explanation holds; the indent stays."""
    indent = line[: len(line) - len(line.lstrip(" "))]
    return indent + " ".join(line.split())
