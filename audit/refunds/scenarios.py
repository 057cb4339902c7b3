"""The four scenarios, each with its own conditions.

Source: PostHog handbook, growth/sales/refunds.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from audit.checks import first_bill_refundable, tenfold_day, wrong_setup_refundable
from audit.refunds.case import Case, spiked
from audit.refunds.crm import no_revenue
from audit.refunds.eligibility import SPIKES, ceased, measures, sudden_jump
from audit.refunds.request import Scenario
from audit.refunds.thresholds import times
from audit.refunds.verdicts import Kind, Rule, Verdict, all_of, any_of, verdict_of

NONE_BEFORE, SOME_BEFORE = Decimal(0), Decimal("Infinity")


def scenarios(case: Case) -> Iterable[tuple[Scenario, Verdict, tuple[Rule, ...]]]:
    """The scenario that was named, or all four, with verdict and rules."""
    wanted = [case.request.scenario] if case.request.scenario else list(Scenario)
    for scenario in wanted:
        verdict, rules = _CONDITIONS[scenario](case)
        over = _over(case, scenario)
        yield scenario, all_of([verdict, *(rule.verdict for rule in over)]), (*rules, *over)


def _over(case: Case, scenario: Scenario) -> tuple[Rule, ...]:
    """Where usage spiked, it must have ceased, and measures must have been taken."""
    accident = scenario is Scenario.LEARNING_CURVE and spike(case, scenario).verdict != Verdict.NO
    if scenario not in SPIKES and not accident:
        return ()
    return tuple(_for(scenario, rule) for rule in (ceased(case), measures(case)))


def spike(case: Case, scenario: Scenario) -> Rule:
    """A month with the incident against a usual one, of the product that rose most."""
    percent = case.spike_percent
    top = case.highest
    value, claim = "no baseline is known, so no rise", None
    if top is not None and top.ratio is not None:
        value = f"{top.name} at {top.ratio:,.2f} times its usual month"
        claim = spiked(top, percent)
    return _rule(
        "usage_spiked",
        scenario,
        "Usage spiked by more than 200% over the mean of the three months before.",
        value,
        top.baseline.source if top else "usage_daily",
        f"more than 200% read as above {times(percent)} times the mean",
        claim,
    )


def first_bill(case: Case, scenario: Scenario) -> Rule:
    """No bill above the minimum was before this one, and this one is above it."""
    least, bill = case.thresholds.first_bill_usd, case.bills[0]
    before, source = _largest_earlier_bill(case)

    def is_first(earlier: Decimal) -> bool:
        flag = first_bill_refundable.flag
        return bool(flag(bill.total, earlier, first_bill_usd=float(least)))

    claim: bool | None
    if before is None:
        was, claim = "earlier bills are not known", None if is_first(NONE_BEFORE) else False
    else:
        was, claim = "an earlier bill" if before > least else "no earlier bill", is_first(before)
    return _rule(
        "first_bill",
        scenario,
        f"It is the first bill above {least} USD.",
        f"{was}; this bill {bill.total:.2f} USD ({bill.basis})",
        source,
        f"above {least} USD, and none before",
        claim,
    )


def _largest_earlier_bill(case: Case) -> tuple[Decimal | None, str]:
    """The largest bill before the incident's, without end where only its being is known."""
    least, bill = case.thresholds.first_bill_usd, case.bills[0]
    period = bill.segment.period
    before = [one.total for one in case.invoices.before(period)]
    largest = max((total for total in before if total is not None), default=NONE_BEFORE)
    if largest > least or (case.invoices.complete and None not in before):
        return largest, "invoices"
    if case.usage.born is not None and case.usage.born >= period.start:
        return NONE_BEFORE, "organizations.created_at: it did not exist before"
    paid = case.crm.number("paid_nonzero_bills")
    if paid is None:
        return None, "invoices were not read, and lifecycle.paid_nonzero_bills is not set"
    own = 1 if bill.invoice is not None and bill.invoice.status == "paid" else 0
    return SOME_BEFORE if paid > own else NONE_BEFORE, "lifecycle.paid_nonzero_bills"


def _learning_curve(case: Case) -> tuple[Verdict, tuple[Rule, ...]]:
    scenario = Scenario.LEARNING_CURVE
    ended = case.crm.day("startup_plan_end_at")
    days = case.thresholds.startup_days
    start = case.request.first_day
    just = None if ended is None else ended <= start <= ended + timedelta(days)
    rules = (
        first_bill(case, scenario),
        _rule(
            "just_off_startup_plan",
            scenario,
            "The organization has just left the startup plan.",
            "no end of a startup plan is known" if ended is None else f"it ended on {ended}",
            "lifecycle.startup_plan_end_at",
            f"at most {days} days before the incident (ours)",
            just,
        ),
    )
    return any_of(rule.verdict for rule in rules), rules


def _unexpected_stardom(case: Case) -> tuple[Verdict, tuple[Rule, ...]]:
    scenario = Scenario.UNEXPECTED_STARDOM
    claim, source = no_revenue(case.crm, case.request)
    words = {None: "not known", True: "no revenue, or a hobby project", False: "it has revenue"}
    hobby = _rule(
        "no_revenue_or_hobby",
        scenario,
        "The company has no revenue, or it is a hobby project.",
        words[claim],
        source,
        "no revenue",
        claim,
    )
    either = (first_bill(case, scenario), spike(case, scenario))
    verdict = all_of([any_of(rule.verdict for rule in either), hobby.verdict])
    return verdict, (*either, hobby)


def _under_attack(case: Case) -> tuple[Verdict, tuple[Rule, ...]]:
    scenario, least = Scenario.UNDER_ATTACK, case.thresholds.sudden_ratio
    jump, day = sudden_jump(case)
    named = case.request.scenario is scenario
    value = "no baseline is known, so no jump"
    if jump is not None:
        value = f"the highest day is {jump:,.1f} times a usual one ({day})"
    # A jump is a sign of an attack, and its absence no proof of none: only a person knows.
    sudden = jump is not None and bool(
        tenfold_day.flag(jump, 0, sudden_ratio=float(least), at_stake_usd=0)
    )
    claim = True if named and sudden else None
    rule = _rule(
        "bot_or_abuse",
        scenario,
        "A bot or an abusive user drove the usage.",
        value,
        "usage_daily; typed: --scenario under_attack",
        f"a sudden {least} times, and a person who takes it for an attack",
        claim,
    )
    return rule.verdict, (rule,)


def _wrong_setup(case: Case) -> tuple[Verdict, tuple[Rule, ...]]:
    scenario = Scenario.WRONG_SETUP
    earlier, source = case.earlier_refunds
    unused = sorted(set(case.baselines) & case.unintended)
    named = case.request.scenario is scenario
    rules = (
        _rule(
            "charged_for_what_was_not_meant",
            scenario,
            "Defaults or a wrong configuration charged for what was not meant to be used.",
            f"paid and not used: {', '.join(unused)}" if unused else "no unused add-on among these",
            "facts of group_analytics_unused and data_pipelines_unused",
            "an add-on that is paid and not used, else a person who knows the cause",
            True if named and unused and len(unused) == len(case.baselines) else None,
        ),
        _rule(
            "first_occurrence",
            scenario,
            "It is the first time that unintended usage was charged.",
            "not known" if earlier is None else f"{earlier} earlier refunds",
            source,
            "no earlier refund",
            None if earlier is None else bool(wrong_setup_refundable.is_first(earlier)),
        ),
    )
    return all_of(rule.verdict for rule in rules), rules


def _rule(
    name: str,
    scenario: Scenario,
    claim: str,
    value: str,
    source: str,
    threshold: str,
    holds: bool | None,
) -> Rule:
    verdict = verdict_of(holds)
    return Rule(name, Kind.SCENARIO, claim, value, source, threshold, verdict, (scenario.value,))


def _for(scenario: Scenario, rule: Rule) -> Rule:
    return replace(rule, scenarios=(scenario.value,))


_CONDITIONS = {
    Scenario.LEARNING_CURVE: _learning_curve,
    Scenario.UNEXPECTED_STARDOM: _unexpected_stardom,
    Scenario.UNDER_ATTACK: _under_attack,
    Scenario.WRONG_SETUP: _wrong_setup,
}
