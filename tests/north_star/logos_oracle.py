"""The measure again, slowly and in another way: one organization after the other, in fractions."""

from datetime import date, timedelta
from fractions import Fraction
from math import floor

from logos import later

BILLS = ("paid", "open", "uncollectible")


def month_of(day):
    return 12 * day.year + day.month - 1


def cents(amount):
    return floor(100 * amount + Fraction(1, 2))


def parts(invoice):
    """(last day after, share) of each month of an invoice."""
    start = date.fromisoformat(invoice["period_start"])
    end = date.fromisoformat(invoice["period_end"])
    found, place = [], 0
    while (begins := date.fromordinal(later(start, place))) < end:
        ends = date.fromordinal(later(start, place + 1))
        whole = ends <= end
        weight = Fraction(1) if whole else (end - begins).days / (Fraction(1461, 48))
        found.append((ends if whole else end, weight))
        place += 1
    total = sum(weight for _, weight in found)
    return [(until, weight / total) for until, weight in found]


def months(logo, until, given):
    """Month to [billed, collected, reduction, by startup credit], in cents; and drafts."""
    startup = bool(logo.organization.get("startup_program"))
    prepaid = bool(logo.organization.get("is_annual_plan_customer"))
    rows = []
    for invoice in logo.invoices:
        start, end = (date.fromisoformat(invoice[n]) for n in ("period_start", "period_end"))
        for ended, share in parts(invoice):
            if ended <= until:
                rows.append(
                    (month_of(ended - timedelta(days=1)), invoice, share, (end - start).days > 62)
                )
    out, unsent = {}, {}
    for month in {row[0] for row in rows}:
        mine = [row for row in rows if row[0] == month]
        sent = [row for row in mine if row[1]["status"] in BILLS]
        unsent_here = [row for row in mine if row[1]["status"] not in BILLS]
        if unsent_here:
            proposed = 0 if sent else sum(Fraction(r[1]["total_usd"]) * r[2] for r in unsent_here)
            draft = any(r[1]["status"] == "draft" and r[1]["total_usd"] > 0 for r in unsent_here)
            unsent[month] = (cents(proposed), draft)
        if not sent:
            continue
        in_term = any(row[3] for row in sent)
        billed = collected = balance = credited = Fraction(0)
        for _, invoice, share, is_term in sent:
            total = Fraction(invoice["total_usd"]) * share
            due = Fraction(invoice["amount_due_usd"]) * share
            drawn = in_term and not is_term
            amount = min(due, total) if drawn else total
            billed += amount
            if invoice["status"] == "uncollectible" and given.uncollectible == "no_revenue":
                continue
            collected += amount
            balance += 0 if drawn else max(total - due, 0)
            credited += Fraction(invoice["credited_usd"]) * share
        by_credit = startup and billed > 0 and 2 * balance >= billed
        reduction = credited if given.refunds == "subtract" else Fraction(0)
        if not (by_credit or prepaid or given.credits == "ignore"):
            reduction += balance
        out[month] = (cents(billed), cents(collected), cents(reduction), by_credit)
    return out, unsent


def revenue(bills, month, until, given):
    """Revenue of a month in cents, and whether only the month after can tell it."""

    def net(of):
        _, collected, reduction, _ = bills.get(of, (0, 0, 0, False))
        return max(collected - reduction, 0)

    if month not in bills:
        return 0, False
    _, collected, reduction, _ = bills[month]
    large = given.credits == "override" and reduction > 0 and net(month - 1) > 0
    large = large and 2 * reduction >= net(month - 1)
    over = month + 1 < month_of(until)
    if large and over and 2 * net(month + 1) >= net(month - 1) + net(month - 2):
        return collected, False
    return net(month), large and not over


def standing(logo, as_of, given, threshold):
    """(status, cohort month, base, current) of one organization."""
    until = min(date.fromisoformat(logo.organization["as_of"]), as_of)
    if "invoices" in logo.missing:
        return "not_evaluated", None, None, None
    bills, unsent = months(logo, until, given)
    over = [m for m in sorted(bills) if bills[m][0] > 100 * threshold]
    own = [m for m in over if given.startup_credit == "count" or not bills[m][3]]
    proposals = [
        m for m in sorted(unsent) if unsent[m][0] > 100 * threshold and m + 1 < month_of(until)
    ]
    first, kind = (own[0], "bill") if own else (None, None)
    if given.never_billed == "count" and proposals and (first is None or proposals[0] < first):
        first, kind = proposals[0], "counted proposal"
    if first is None and over:
        first, kind = over[0], "credit"
    if first is None and proposals:
        first, kind = proposals[0], "proposal"
    if first is None:
        return "never_crossed", None, None, None
    then = first + given.months
    young = then >= month_of(as_of)
    if kind == "credit" or (
        kind == "bill"
        and given.startup_credit != "count"
        and not young
        and then in bills
        and bills[then][3]
    ):
        return (
            ("dropped" if given.startup_credit == "drop" else "startup_credit"),
            first,
            None,
            None,
        )
    if kind == "proposal":
        return ("dropped" if given.never_billed == "drop" else "never_billed"), first, None, None
    handed = logo.crm_fields.get("onboarding_pipeline") == "6c. Sales Handoff"
    if handed and given.handovers in ("apart", "drop"):
        return ("dropped" if given.handovers == "drop" else "handed_over"), first, None, None
    if young:
        return "too_young", first, None, None
    if then >= month_of(until):
        return "unknown", first, None, None
    base, _ = revenue(bills, first, until, given)
    current, may_change = revenue(bills, then, until, given)
    if current > 0:
        return "retained", first, base, current
    if handed and given.handovers == "retained":
        return "retained_by_handover", first, base, 0
    if may_change or (then in unsent and unsent[then][1]):
        return "unknown", first, None, None
    return "lost", first, base, 0
