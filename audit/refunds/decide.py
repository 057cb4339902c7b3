"""A refund request decided rule by rule, with the amount each product and bill comes to.

Nothing is written anywhere: a person pastes the answer into Billing Admin.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from audit.account import Account
from audit.checks import load_checks
from audit.policy import DEFAULT_POLICY, Policy, load_policy
from audit.pricing import Catalogue
from audit.refunds.amounts import Amount, allocated
from audit.refunds.case import Case, case_of
from audit.refunds.eligibility import common, window
from audit.refunds.escalation import escalation
from audit.refunds.request import Request, Scenario
from audit.refunds.scenarios import scenarios
from audit.refunds.settlement import HUNDRED, Settlement, notes, settlement, tax_percent
from audit.refunds.soundness import soundness
from audit.refunds.terms import fixed_fees
from audit.refunds.thresholds import Thresholds
from audit.refunds.verdicts import Rule, Verdict, all_of, any_of, joined

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Part:
    """What one product gets back of one bill, USD in cents.

    ``refund`` is the amount's, after the whole bill's own cap; 0.00 where the bill's window is
    over. ``most`` is what a repeated incident leaves of it. None: unknown.
    """

    amount: Amount
    refund: Decimal | None
    most: Decimal | None


@dataclass(frozen=True)
class Decision:
    """The answer. ``verdict`` is over all rules but those of escalation."""

    case: Case
    verdict: Verdict
    rules: tuple[Rule, ...]
    scenarios: Mapping[Scenario, Verdict]
    parts: tuple[Part, ...]
    refund: Decimal | None
    most: Decimal | None
    settlements: tuple[Settlement, ...]
    escalate: Verdict
    notes: tuple[str, ...]
    price_list: str


def decide(account: Account, request: Request, policy: Policy | None = None) -> Decision:
    """Decide a request by a policy, or the default one.

    Raises: InputError for days or products that make no request, PriceError for a discount
    that cannot be applied.
    """
    if request.tax_percent:
        tax_percent(request.tax_percent)
    pack = policy or load_policy(DEFAULT_POLICY, load_checks())
    case = case_of(account, request, Thresholds.of(pack))
    windows = {bill.segment: window(case, bill) for bill in case.bills}
    judged = list(scenarios(case))
    told = [scenario for scenario, found, _ in judged if found is not Verdict.NO]
    settlements = tuple(
        settlement(case, bill, told[0] if len(told) == 1 else None) for bill in case.bills
    )
    parts = tuple(
        part
        for one in settlements
        for part in _parts(case, one, is_open=windows[one.bill.segment].verdict != Verdict.NO)
    )
    refund = _sum(part.refund for part in parts)
    most = _sum(part.most for part in parts)
    fits = any_of(verdict for _, verdict, _ in judged)
    in_time = any_of(rule.verdict for rule in windows.values())
    if Verdict.CONFIRM in {rule.verdict for rule in windows.values()}:
        in_time = Verdict.CONFIRM
    asked = _sum(one.refund for one in case.amounts)
    gates, sound = common(case), tuple(soundness(case, asked))
    verdict = all_of([in_time, fits, *(rule.verdict for rule in (*gates, *sound))])
    who = tuple(escalation(case, fits))
    fees = fixed_fees(account) & set(case.baselines)
    return Decision(
        case=case,
        verdict=verdict,
        rules=(
            *windows.values(),
            *gates,
            *joined(rule for _, _, rules in judged for rule in rules),
            *sound,
            *who,
        ),
        scenarios={scenario: found for scenario, found, _ in judged},
        parts=parts,
        refund=refund,
        most=most,
        settlements=settlements,
        escalate=_escalate(who),
        notes=notes(case, settlements, fees, most),
        price_list=Catalogue.load().price_list(case.bills[0].segment.period.start).name,
    )


def _escalate(rules: tuple[Rule, ...]) -> Verdict:
    """Yes where a rule of escalation does not hold."""
    holds = all_of(rule.verdict for rule in rules)
    return {Verdict.NO: Verdict.YES, Verdict.YES: Verdict.NO}.get(holds, Verdict.CONFIRM)


def _parts(case: Case, how: Settlement, *, is_open: bool) -> list[Part]:
    """The products of one bill. Together they get no more than the bill was, or what earlier
    credit notes left of it; where it lacks one of them, each is held to its own charge only."""
    bill = how.bill
    mine = [one for one in case.amounts if one.segment == bill.segment]
    known = [one for one in mine if one.refund is not None]
    wanted = [one.refund if is_open and one.refund else Decimal("0.00") for one in known]
    whole = bill.basis == "actual" or not {one.product for one in known} & set(bill.without_price)
    given = dict(
        zip(
            [id(one) for one in known],
            allocated(wanted, bill.left if whole else sum(wanted, Decimal(0))),
            strict=True,
        )
    )
    parts = []
    for one in mine:
        refund = given.get(id(one))
        most = None
        if refund is not None:
            most = (refund * how.share_percent / HUNDRED).quantize(CENT, rounding=ROUND_FLOOR)
        parts.append(Part(one, refund, most))
    return parts


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    found = list(amounts)
    known = [one for one in found if one is not None]
    return sum(known, Decimal("0.00")) if len(known) == len(found) else None
