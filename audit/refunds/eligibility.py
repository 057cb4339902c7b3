"""Who may get a refund at all: the window, the story, abuse, the spike being over, repeats.

Source: PostHog handbook, growth/sales/refunds (eligibility criteria, repeat incidents).
"""

from datetime import date
from decimal import Decimal

from audit.checks import refund_repeated, refund_window_open
from audit.refunds.case import Case, PeriodBill
from audit.refunds.request import Scenario
from audit.refunds.spans import Span
from audit.refunds.verdicts import Kind, Rule, Verdict, verdict_of

#: Scenarios in which usage rose and must have come down again.
SPIKES = (Scenario.UNEXPECTED_STARDOM, Scenario.UNDER_ATTACK)


def window(case: Case, bill: PeriodBill) -> Rule:
    """The request is made within so many days of the billing date of a bill of the incident."""
    billed, source = _billing_date(case, bill)
    most = case.thresholds.window_days
    if billed is None:
        value, claim = "the billing date is not known", None
    elif case.request_day < billed:
        value, claim = f"not billed yet on {case.request_day}, billed on {billed}", True
    else:
        days = (case.request_day - billed).days
        value = f"asked on {case.request_day}, {days} days after {billed}"
        claim = bool(refund_window_open.in_time(days, most))
    return Rule(
        name="request_window",
        kind=Kind.ELIGIBILITY,
        claim=f"The request is within the window of the bill of {bill.segment.period}.",
        value=value,
        source=source,
        threshold=f"at most {most} days after the billing date",
        verdict=verdict_of(claim),
    )


def _billing_date(case: Case, bill: PeriodBill) -> tuple[date | None, str]:
    """When a bill was made: its invoice's day, else the day after its billing period."""
    if bill.invoice is not None and bill.invoice.is_final and bill.invoice.issued is not None:
        return bill.invoice.issued, f"invoices.issued_at of {bill.invoice.id}"
    if case.calendar.periods_known:
        return bill.segment.period.end, "the end of the billing period; bills follow usage"
    return None, "neither an invoice nor a billing period of these days is known"


def common(case: Case) -> tuple[Rule, ...]:
    """Rules of every scenario, but the window, which each bill has of its own."""
    return (_explanation(case), _abuse(case), repeats(case))


def _explanation(case: Case) -> Rule:
    request = case.request
    told = " ".join(request.explanation.split())
    fits = request.scenario is not None
    return Rule(
        name="reasonable_explanation",
        kind=Kind.ELIGIBILITY,
        claim="The customer explains what happened, and it fits a scenario.",
        value=(f"told: {told}" if told else "no explanation is given")
        + (f"; for {request.scenario}" if request.scenario else "; for no scenario yet"),
        source="typed: --explanation and --scenario",
        threshold="an explanation, and the scenario a person takes it for",
        verdict=verdict_of(True if told and fits else None),
    )


def _abuse(case: Case) -> Rule:
    signs = case.request.signs_of_abuse
    jump, day = sudden_jump(case)
    shape = "" if jump is None else f"; the highest day is {jump:,.1f} times a usual one ({day})"
    known = {None: "nobody has looked", True: "there are signs", False: "no signs"}[signs]
    return Rule(
        name="no_signs_of_abuse",
        kind=Kind.ELIGIBILITY,
        claim="The account shows no signs of fraud or abuse.",
        value=known + shape,
        source="typed: --no-signs-of-abuse, after a look at connected accounts and Stripe",
        threshold=f"none; a sudden jump of {case.thresholds.sudden_ratio} times is suspicious",
        verdict=verdict_of(None if signs is None else not signs),
    )


def sudden_jump(case: Case) -> tuple[Decimal | None, date | None]:
    """The highest day of the incident over a usual day, of the product that jumped most."""
    best: tuple[Decimal, date] | None = None
    for amount in case.amounts:
        usual = amount.baseline.usual(1, amount.segment.period.days)
        if not usual:
            continue
        for day in amount.segment.days.each():
            counted = case.usage.counted(
                amount.product, Span(day, day.fromordinal(day.toordinal() + 1))
            )
            if counted.quantity is not None and counted.complete:
                times = Decimal(counted.quantity) / Decimal(usual)
                best = max(best, (times, day)) if best else (times, day)
    return best or (None, None)


def repeats(case: Case) -> Rule:
    """First, second and third incidents."""
    earlier, source = case.earlier_refunds
    fixed, limit = case.request.fixed_in_good_faith, case.thresholds
    partial = f"up to {limit.partial_refund_percent}%"
    if limit.partial_credit_percent != limit.partial_refund_percent:
        partial += f", or {limit.partial_credit_percent}% as a credit,"
    if earlier is None:
        value, verdict = "earlier refunds are not known", Verdict.CONFIRM
    elif not is_repeat(case):
        value, verdict = f"{earlier} earlier refunds: standard policy", Verdict.YES
    elif refund_repeated.is_declinable(earlier, limit.declined_count):
        value = f"{earlier} earlier refunds: this one may be declined, but for a vendor's bug"
        verdict = Verdict.CONFIRM
    elif fixed is None:
        value = "one earlier refund; whether its cause was fixed is not known"
        verdict = Verdict.CONFIRM
    elif fixed:
        value = "one earlier refund, since then fixed in good faith: full or partial"
        verdict = Verdict.YES
    else:
        value = f"one earlier refund, not fixed: {partial} while they fix it"
        verdict = Verdict.YES
    return Rule(
        name="repeat_incident",
        kind=Kind.ELIGIBILITY,
        claim="Earlier refunds leave room for this one.",
        value=value,
        source=f"{source}; typed: --fixed-in-good-faith" if is_repeat(case) else source,
        threshold=f"1st in full; 2nd {partial} unless fixed; "
        f"after {limit.declined_count} or more it may be declined",
        verdict=verdict,
    )


def is_repeat(case: Case) -> bool:
    """Whether it is known that something was refunded before."""
    earlier, _ = case.earlier_refunds
    limit = case.thresholds.repeat_count
    return earlier is not None and bool(refund_repeated.flag(earlier, repeat_count=float(limit)))


def ceased(case: Case) -> Rule:
    """The unusual usage is over: as the days after it say, or as a person does."""
    typed, limit = case.request.ceased, case.thresholds
    percent, days = _after(case)
    after = (
        "no usage after the incident is known"
        if percent is None
        else f"{days} days after it at {percent:,.0f}% of the baseline"
    )
    quiet = percent is not None and days >= limit.quiet_days and percent <= limit.quiet_percent
    loud = percent is not None and days >= limit.quiet_days and percent > limit.quiet_percent
    if typed is None:
        claim, source = (True if quiet else None), "usage_daily"
    elif typed and loud:
        claim, source = None, "typed: --ceased, and usage_daily says otherwise"
    else:
        claim, source = typed, "typed: --ceased or --not-ceased"
    return Rule(
        name="usage_has_ceased",
        kind=Kind.ELIGIBILITY,
        claim="The unusual usage has ceased.",
        value=after,
        source=source,
        threshold=f"{limit.quiet_days} days or more at {limit.quiet_percent}% of it or less (ours)",
        verdict=verdict_of(claim),
    )


def _after(case: Case) -> tuple[Decimal | None, int]:
    """Usage after the incident in percent of the baseline, of the loudest product, and days."""
    end = case.request.incident.end
    days = sorted(day for day in case.usage.known_days if day >= end)
    if not days:
        return None, 0
    loudest: Decimal | None = None
    for amount in case.amounts:
        usual = amount.baseline.usual(len(days), amount.segment.period.days)
        counted = case.usage.counted(amount.product, Span(end, case.usage.as_of))
        if not usual or counted.quantity is None:
            continue
        percent = 100 * Decimal(counted.quantity) / Decimal(usual)
        loudest = percent if loudest is None else max(loudest, percent)
    return loudest, len(days)


def measures(case: Case) -> Rule:
    """The customer did something about it. A limit that stands today may be older than that."""
    limits = [
        f"{p} {case.terms.limits[p]:.2f} USD" for p in case.baselines if p in case.terms.limits
    ]
    seen = f"limits today: {', '.join(limits)}" if limits else "no billing limit on these products"
    return Rule(
        name="measures_taken",
        kind=Kind.ELIGIBILITY,
        claim="The customer has taken measures: a billing limit, or less volume.",
        value=seen,
        source="limits; typed: --measures-taken or --no-measures-taken",
        threshold="evidence of a measure taken after the incident",
        verdict=verdict_of(case.request.measures_taken),
    )
