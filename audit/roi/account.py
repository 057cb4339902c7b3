"""The account before and after all open fixes: what is spent, read, and paid per unit.

Totals are USD a billing month after discounts, before credit, estimates; what a product costs is
before discounts.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import numpy.typing as npt

from audit.findings.model import Audit
from audit.meters import BILLING_MONTH_DAYS
from audit.pricing import Bill, cents_of
from audit.roi.assumptions import Assumptions, Benchmark, benchmarks
from audit.roi.known import Known, measure
from audit.roi.product import Reading, products, reading

Floats = npt.NDArray[np.float64]

EVENTS = "product_analytics"

#: People counted over a window this much shorter or longer than a month are no month's people.
DAYS_OFF = 3

READ_SHARE = (
    "spend that is read = sum of read costs / sum of costs, of products where that is known"
)
PER_PERSON = "cost per tracked user = bill / people your product saw in the window"
PER_MEMBER = (
    "cost per reader of the account = bill / members of the product that most members looked at"
)
EVENTS_PER_PERSON = "events per tracked user = billed events of a month / people of the window"


@dataclass(frozen=True)
class Side:
    """One of the two bills. Figures are None where they are not known."""

    total: Decimal
    reading: Reading
    cost_per_person: Decimal | None
    cost_per_reader: Decimal | None
    events_per_person: Decimal | None


@dataclass(frozen=True)
class AccountValue:
    """Before and after. ``people``: tracked users of the window, the sum over the projects;
    ``readers``: members of the product that most looked at. ``after_is_read``: whether what is
    read after the fixes is known."""

    before: Side
    after: Side
    after_is_read: bool
    people: Known
    readers: Known
    benchmarks: tuple[Benchmark, ...]
    benchmark_source: str


def account_value(audit: Audit, own: Assumptions, kept: Floats | None) -> AccountValue:
    """``kept``: the share of every usage row that all open fixes leave; None is not known."""
    people = tracked_users(audit)
    readers = most_readers(audit)
    known, source = benchmarks()
    chosen = own.word("benchmark")
    return AccountValue(
        before=_side(audit, audit.bill, own, None, people, readers),
        after=_side(audit, audit.counterfactual_bill, own, kept, people, readers),
        after_is_read=kept is not None,
        people=people,
        readers=readers,
        benchmarks=tuple(one for one in known if chosen in ("", one.name)),
        benchmark_source=source,
    )


def tracked_users(audit: Audit) -> Known:
    """People of a month: distinct in each project, added up over the projects."""
    told = measure(audit.account, "people")
    if told.value and told.days and abs(told.days - BILLING_MONTH_DAYS) > DAYS_OFF:
        return Known(
            None,
            f"people were counted over {told.days} days, which is no billing month: audit with "
            "--lookback-days 30",
        )
    return told


def most_readers(audit: Audit) -> Known:
    """Members who looked at the product that most of them looked at: at least so many read."""
    names = sorted(
        {
            name
            for name in audit.account["activity"]["measure"]
            if str(name).startswith("people_using_")
        }
    )
    told = [measure(audit.account, name) for name in names]
    values = [one.value for one in told if one.value is not None]
    if values:
        return Known(max(values))
    return told[0] if told else Known(None, "not read: the pull brought no activity")


def _side(
    audit: Audit,
    bill: Bill,
    own: Assumptions,
    kept: Floats | None,
    people: Known,
    readers: Known,
) -> Side:
    events = next((line.quantity for line in bill.lines if line.product == EVENTS), None)
    return Side(
        total=bill.total,
        reading=reading(products(audit, bill, own, kept)),
        cost_per_person=_per(bill.total, people),
        cost_per_reader=_per(bill.total, readers),
        events_per_person=(events / people.value).quantize(Decimal("0.1"), ROUND_HALF_UP)
        if events is not None and people.value
        else None,
    )


def _per(total: Decimal, of: Known) -> Decimal | None:
    if not of.value:
        return None
    # Under a dollar a cent is too coarse.
    exact = total / of.value
    return cents_of(exact) if exact >= 1 else exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)
