"""What a check reads is not there: it must say so, and neither accuse nor acquit."""

from typing import TYPE_CHECKING

from audit.checks import Check
from audit.checks.engine_facts import ENGINE_FACTS
from audit.facts.runner import files_of
from corpus.customer import Customer
from corpus.planting import Truth, planters

if TYPE_CHECKING:
    from corpus.runner import Case, Crowd

#: Facts that are computed from something else where their first source is missing.
REPLACED = frozenset({"bill_usd", "forecasted_bill_usd", "last_bill_usd"})


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
        names = subjects(check, truths[0])
        if not names:
            nothing = True
            return case_of("missing", planter.name, customer, ())
        subject = names[number % len(names)]
        customer.unread(subject)
        implied = tuple({c for t in truths for c in t.implied})
        unknown = [Truth(t.check, t.project, t.product, implied=implied) for t in truths]
        return case_of("missing", f"{planter.name}, without {subject}", customer, unknown)

    made = crowd.one(do, planter.name)
    return None if nothing else made
