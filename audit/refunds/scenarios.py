"""The four scenarios, each with its own conditions.

Source: PostHog handbook, growth/sales/refunds.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from audit.refunds.case import Case
from audit.refunds.crm import earlier_refunds, no_revenue
from audit.refunds.eligibility import SPIKES, ceased, measures, sudden_jump
from audit.refunds.request import Scenario
from audit.refunds.verdicts import Kind, Rule, Verdict, all_of, any_of, verdict_of


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
    ratio = case.request.spike_ratio or case.thresholds.spike_ratio
    top = case.highest
    value, claim = "no baseline is known, so no rise", None
    if top is not None and top.ratio is not None:
        value = f"{top.name} at {top.ratio:,.2f} times its usual month"
        claim = top.ratio > ratio
    reading = (
        "by more than 200% read literally: above 3 times"
        if ratio == 3
        else f"more than 200% read as above {ratio} times"
    )
    return _rule(
        "usage_spiked",
        scenario,
        "Usage spiked by more than 200% over the mean of the three months before.",
        value,
        top.baseline.source if top else "usage_daily",
        f"{reading} the mean",
        claim,
    )


def first_bill(case: Case, scenario: Scenario) -> Rule:
    """No bill above the minimum was before this one, and this one is above it."""
    least = case.thresholds.first_bill_usd
    bill = case.bills[0]
    before, source = _earlier_bill(case)
    first = None if before is None else not before
    claim = False if bill.total <= least else first
    was = {None: "earlier bills are not known", True: "an earlier bill", False: "no earlier bill"}
    return _rule(
        "first_bill",
        scenario,
        f"It is the first bill above {least} USD.",
        f"{was[before]}; this bill {bill.total:.2f} USD ({bill.basis})",
        source,
        f"above {least} USD, and none before",
        claim,
    )


def _earlier_bill(case: Case) -> tuple[bool | None, str]:
    """Whether a bill above the minimum came before the incident's."""
    least, bill = case.thresholds.first_bill_usd, case.bills[0]
    period = bill.segment.period
    if any((one.total or Decimal(0)) > least for one in case.invoices.before(period)):
        return True, "invoices"
    if case.usage.born is not None and case.usage.born >= period.start:
        return False, "organizations.created_at: it did not exist before"
    if case.invoices.complete and all(one.total is not None for one in case.invoices.all):
        return False, "invoices"
    paid = case.crm.number("paid_nonzero_bills")
    if paid is None:
        return None, "invoices were not read, and lifecycle.paid_nonzero_bills is not set"
    own = 1 if bill.invoice is not None and bill.invoice.status == "paid" else 0
    return paid > own, "lifecycle.paid_nonzero_bills"


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
    scenario, times = Scenario.UNDER_ATTACK, case.thresholds.sudden_ratio
    jump, day = sudden_jump(case)
    named = case.request.scenario is scenario
    value = "no baseline is known, so no jump"
    if jump is not None:
        value = f"the highest day is {jump:,.1f} times a usual one ({day})"
    # A jump is a sign of an attack, and its absence no proof of none: only a person knows.
    claim = True if named and jump is not None and jump >= times else None
    rule = _rule(
        "bot_or_abuse",
        scenario,
        "A bot or an abusive user drove the usage.",
        value,
        "usage_daily; typed: --scenario under_attack",
        f"a sudden {times} times, and a person who takes it for an attack",
        claim,
    )
    return rule.verdict, (rule,)


def _wrong_setup(case: Case) -> tuple[Verdict, tuple[Rule, ...]]:
    scenario = Scenario.WRONG_SETUP
    earlier, source = earlier_refunds(case.crm, case.request)
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
            None if earlier is None else earlier == 0,
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
