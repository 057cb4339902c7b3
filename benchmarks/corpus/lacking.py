"""What a check reads is not there: it must say so, and neither accuse nor acquit."""

from typing import TYPE_CHECKING

from audit.checks import Check
from audit.checks.engine_facts import ENGINE_FACTS
from audit.facts.runner import files_of
from corpus.customer import Customer
from corpus.gaps import unread
from corpus.planting import Truth, planters

if TYPE_CHECKING:
    from corpus.runner import Case, Crowd

#: What must be taken away together, where one source stands in for another.
TOGETHER: dict[str, tuple[tuple[str, ...], ...]] = {
    "usage_spike": (("usage_daily",),),
    "usage_step": (("usage_daily",),),
    "tenfold_day": (("usage_daily",),),
    "spike_refundable": (("usage_daily",),),
    "forecast_changed": (("invoices", "bill_lines"),),
    "queries_failing": (("activity.app_queries", "lifecycle"),),
    "insights_not_viewed": (("resources.insight", "lifecycle"),),
    "few_active_people": (("activity.people_using_product_analytics", "lifecycle"),),
    "health_poor": (("lifecycle", "members", "usage_daily"),),
    "payment_failed": (("invoices", "lifecycle"),),
    "annual_tier_eligible": (("lifecycle",),),
    "first_payment_large": (("invoices", "lifecycle"),),
    "refund_repeated": (("invoices", "lifecycle"),),
    "paid_bills_reached": (("invoices", "lifecycle"),),
}


def subjects(check: Check, truth: Truth) -> list[str]:
    """What must be read for the check to be answered at a place."""
    out: set[str] = set()
    for fact in check.facts:
        if fact in ENGINE_FACTS:
            continue
        for file in files_of(fact):
            speaks = not file.products or truth.product in file.products
            if speaks:
                out.update(
                    s.replace("<product>", truth.product or "") for s in file.fact(fact).subjects
                )
    return sorted(out)


def case(check: Check, number: int, crowd: "Crowd") -> "Case | None":
    """A planted fault whose evidence was not read; None where nothing can be taken away."""
    from corpus.runner import case_of

    faults = planters(check.name, "fault")
    if not faults:
        return None
    planter = faults[number % len(faults)]
    nothing = False

    def do(customer: Customer) -> "Case":
        nonlocal nothing
        truths = [t for t in planter(customer) if t.check == check.name]
        choices = TOGETHER.get(check.name) or tuple((s,) for s in subjects(check, truths[0]))
        if not choices:
            nothing = True
            return case_of("missing", planter.name, customer, ())
        gone = choices[number % len(choices)]
        for subject in gone:
            unread(customer, subject)
        names = " and ".join(gone)
        implied = tuple({c for t in truths for c in t.implied})
        if {"lifecycle", "usage_daily"} & set(gone):
            # Without them, something else stands in for the forecast.
            implied = (*implied, "forecast_changed", "upcoming_invoice_large")
        unknown = [Truth(t.check, t.project, t.product, implied=implied) for t in truths]
        return case_of("missing", f"{planter.name}, without {names}", customer, unknown)

    made = crowd.one(do, planter.name)
    return None if nothing else made
