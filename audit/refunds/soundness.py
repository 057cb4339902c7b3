"""Whether the amount can be trusted: baseline, days, invoices, and what was really billed.

Source: PostHog handbook, growth/sales/refunds (identify baseline usage).
"""

from collections.abc import Iterable
from decimal import Decimal

from audit.pricing import cents_of
from audit.refunds.amounts import period_units
from audit.refunds.case import Case
from audit.refunds.invoices import Invoice
from audit.refunds.spans import BASELINE_MONTHS
from audit.refunds.verdicts import Kind, Rule, verdict_of

#: The baseline is held against so many paid invoices before the incident.
PAID_INVOICES = 2


def soundness(case: Case, refund: Decimal | None) -> Iterable[Rule]:
    """Rules about the amount. ``refund``: what all parts come to; None where one is unknown."""
    yield _months(case)
    yield _days(case)
    yield _invoices(case)
    if any(amount.charged_basis == "actual" for amount in case.amounts):
        yield _billed(case)
    unknown = sorted({one.unknown for one in case.amounts if one.unknown})
    yield Rule(
        name="something_to_give_back",
        kind=Kind.AMOUNT,
        claim="The incident cost more than a usual month.",
        value=f"{refund:.2f} USD (estimate)" if refund is not None else "; ".join(unknown),
        source="price(baseline + overage) - price(baseline), each product",
        threshold="above 0.00 USD",
        verdict=verdict_of(None if refund is None else refund > 0),
    )


def _months(case: Case) -> Rule:
    short = []
    for product, one in case.baselines.items():
        if one.units is None or (one.months and len(one.known) < BASELINE_MONTHS):
            short.append(f"{product} {len(one.known)} of {BASELINE_MONTHS}")
    typed = sorted(product for product in case.baselines if product in case.request.baseline)
    kind = "billing periods" if case.calendar.months_known else "months of 30 days"
    months = case.calendar.months
    value = f"{kind}, {months[0].start} to {months[-1].last}"
    if short:
        value += f"; known only: {', '.join(short)}"
    if typed:
        value += f"; typed: {', '.join(typed)}"
    return Rule(
        name="baseline_of_three_months",
        kind=Kind.AMOUNT,
        claim="The baseline is the mean of the three months before the incident.",
        value=value,
        source="usage_daily, else bill_lines of complete periods",
        threshold=f"{BASELINE_MONTHS} complete months",
        verdict=verdict_of(None if short else True),
    )


def _days(case: Case) -> Rule:
    whole = case.request.incident.days
    known = 0
    for segment in case.calendar.segments:
        mine = [one.used.known_days for one in case.amounts if one.segment == segment]
        known += min(mine, default=0)
    return Rule(
        name="every_day_is_known",
        kind=Kind.AMOUNT,
        claim="Usage is known of every day of the incident.",
        value=f"{known} of {whole} days",
        source="usage_daily, the last report of a day, project and counter",
        threshold="all days",
        verdict=verdict_of(True if known == whole else None),
    )


def _invoices(case: Case) -> Rule:
    paid = last_paid(case)
    limit = case.thresholds.invoice_percent
    mean = sum((one.total or Decimal(0) for one in paid), Decimal(0)) / len(paid) if paid else None
    usual = case.usual.total
    value = f"a month at the baseline costs {usual:.2f} USD (estimate)"
    claim = None
    if mean is not None:
        value += f"; the last {len(paid)} paid invoices mean {cents_of(mean):.2f} USD (actual)"
        near = 100 * abs(usual - mean) <= limit * mean
        claim = True if near and len(paid) == PAID_INVOICES else None
    else:
        value += "; no paid invoice before the incident is known"
    return Rule(
        name="baseline_agrees_with_invoices",
        kind=Kind.AMOUNT,
        claim="The baseline agrees with the last two paid invoices.",
        value=value,
        source="invoices" if paid else "invoices: none",
        threshold=f"within {limit}% (ours), {PAID_INVOICES} invoices",
        verdict=verdict_of(claim),
    )


def last_paid(case: Case) -> tuple[Invoice, ...]:
    """The last paid invoices before the incident, oldest first, at most two."""
    before = case.invoices.before(case.calendar.segments[0].period)
    paid = [one for one in before if one.status == "paid" and (one.total or 0) > 0]
    return tuple(paid[-PAID_INVOICES:])


def _billed(case: Case) -> Rule:
    worst, words, claim = Decimal(-1), "", True
    limit = case.thresholds.invoice_percent
    for one in case.amounts:
        if one.charged is None or one.charged_basis != "actual":
            continue
        units = period_units(case.usage, one.segment.period, one.baseline)
        if units is None:
            continue
        priced = case.terms.line(one.product, units, one.segment.period.start).total
        off = abs(priced - one.charged)
        if off > worst:
            worst = off
            words = f"{one.product}: {priced:.2f} USD (estimate), {one.charged:.2f} USD (actual)"
        claim = claim and 100 * off <= limit * one.charged
    return Rule(
        name="our_price_agrees_with_the_bill",
        kind=Kind.AMOUNT,
        claim="Our price of the period agrees with what was billed.",
        value=words or "the units of the period are not known",
        source="bill_lines.amount_usd",
        threshold=f"within {limit}% (ours)",
        verdict=verdict_of(True if claim and words else None),
    )
