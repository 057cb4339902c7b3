"""What the money buys and what fixing returns, as whoever pays the bill reads it.

Every figure is an estimate unless it is marked actual; each table says its formula.
"""

import html
from decimal import Decimal
from statistics import median

from audit.roi import Roi
from audit.roi.account import AccountValue
from audit.roi.finding import EFFORT, PAYBACK, SIMULATED, YEARLY, FindingReturn
from audit.roi.product import READ_COST, ProductValue
from audit.roi.reading import Kind
from audit.roi.wording import small
from audit.views import words
from audit.views.display import Column, Html, Page, Table, details, nothing, page, with_below
from audit.views.glance import anchor, place

UNKNOWN = "Not known"
#: Above this a payback is told in years, and beyond the second not at all.
LONGEST_IN_DAYS = 365
LONGEST_TOLD_DAYS = 3_650
MOST_RETURN = Decimal(10)


def roi(of: Roi) -> Page:
    """Before and after, product by product, finding by finding."""
    if not of.audit.usage_is_known:
        return nothing("No usage of these days is known, so nothing can be set against a cost.")
    return page(
        _cards(of),
        part("What each product costs, and how much of it is read"),
        _products(of),
        part("What each fix returns"),
        _findings(of),
    )


def captioned(table: Table) -> Page:
    """A table whose caption stands above it in plain text, too."""
    return Page(table.html(), f"{table.caption}\n{table.text()}")


def paid_back(days: Decimal | None) -> str:
    """When an effort is paid back, in words.

    >>> paid_back(Decimal(0)), paid_back(Decimal("1.7")), paid_back(Decimal(730)), paid_back(None)
    ('At once', '2 days', '2.0 years', 'Never')
    """
    if days is None:
        return "Never"
    if not days:
        return "At once"
    if days < 1:
        return "Within a day"
    if days <= LONGEST_IN_DAYS:
        return words.count(round(days), "day")
    return f"{days / 365:.1f} years" if days <= LONGEST_TOLD_DAYS else "Over 10 years"


def part(title: str) -> Page:
    return Page(f'<h3 class="aa-part">{html.escape(title)}</h3>', title)


def _cards(of: Roi) -> Page:
    account = of.account
    before, after = account.before, account.after
    total = of.together
    cards = [
        (
            "Bill of a month",
            _change(words.usd(before.total), words.usd(after.total), bool(of.findings)),
            "now and after all fixes (estimate)",
        ),
        ("Spend that is read", *_read_share(account)),
        (
            "Cost per tracked user",
            _change(small(before.cost_per_person), small(after.cost_per_person), bool(of.findings))
            if before.cost_per_person is not None
            else UNKNOWN,
            _people(account),
        ),
        (
            "Events per tracked user",
            UNKNOWN
            if before.events_per_person is None
            else _change(
                f"{before.events_per_person:,.0f}",
                f"{after.events_per_person or 0:,.0f}",
                bool(of.findings),
            ),
            _benchmarks(account),
        ),
        (
            "Cost per reader",
            UNKNOWN
            if before.cost_per_reader is None
            else _change(
                words.usd(before.cost_per_reader),
                words.usd(after.cost_per_reader),
                bool(of.findings),
            ),
            f"{words.count(account.readers.value, 'member')} of the product most members look at"
            if account.readers.value
            else _why(account.readers.why or "no member looked at any product"),
        ),
        (
            "All fixes together",
            f"{words.usd(total.yearly.mid)} a year" if of.findings else "None",
            f"saved for {words.usd(total.effort_usd)} of effort, {_back(total.payback_days)} "
            "(estimate)"
            if of.findings
            else "no open finding has a saving attached",
        ),
    ]
    markup = "".join(
        f'<div class="aa-card"><p class="aa-label">{html.escape(label)}</p>'
        f'<p class="aa-value">{html.escape(value)}</p>'
        f'<p class="aa-note">{html.escape(note)}</p></div>'
        for label, value, note in cards
    )
    text = "\n".join(f"{label}: {value} ({note})" for label, value, note in cards)
    return Page(f'<div class="aa-cards">{markup}</div>', text)


def _change(before: str, after: str, fixes: bool) -> str:
    return f"{before} \u2192 {after}" if fixes and before != after else before


def _back(days: Decimal | None) -> str:
    if days is None:
        return "never paid back"
    if not days:
        return "paid back at once"
    return f"paid back in {paid_back(days).lower()}" if days >= 1 else "paid back within a day"


def _read_share(of: AccountValue) -> tuple[str, str]:
    share = of.before.reading.read_share
    if share is None:
        return UNKNOWN, "of no product on the bill is it known"
    value = _percent(share)
    after = of.after.reading.read_share
    if of.after_is_read and after is not None:
        value = _change(value, _percent(after), fixes=True)
    known = _percent(of.before.reading.known_share or Decimal(0))
    fell = " Fixes also remove what counts as read." if after is not None and after < share else ""
    return value, f"of the {known} of the spend where it is known (estimate).{fell}"


def _percent(share: Decimal) -> str:
    return f"{100 * share:.0f}%"


def _people(of: AccountValue) -> str:
    if not of.people.value:
        return _why(of.people.why or "no person was seen in the window")
    return f"a month; {of.people.value:,} people, added up over the projects"


def _why(reason: str) -> str:
    return words.shown(reason, 160)


def _benchmarks(of: AccountValue) -> str:
    events = [one.events for one in of.benchmarks]
    if len(events) == 1:
        return f"a month; published for {of.benchmarks[0].title}: {events[0]}"
    return (
        f"a month; PostHog publishes {min(events)} to {max(events)}, half of them up to "
        f"{median(events):.0f}"
    )


def _products(of: Roi) -> Page:
    found = of.products
    if not found:
        return nothing("Nothing was used in these days, so there is nothing to read.")
    discount = ", before discounts" if of.audit.bill.discount else ""
    reading = of.account.before.reading
    table = Table(
        (
            Column("Product"),
            Column("Cost", numeric=True),
            Column("Used by"),
            Column("Read"),
            Column("Read cost", numeric=True),
            Column("Cost per reader", numeric=True),
            Column("Unit cost"),
        ),
        tuple(_product(one) for one in found),
        f"USD a billing month (estimate{discount}). {words.capital(READ_COST)}. It says what the "
        "money buys; what a fix saves is priced tier by tier, below.",
        (
            "Together",
            words.usd(reading.cost),
            "",
            UNKNOWN if reading.read_share is None else f"{_percent(reading.read_share)} of known",
            words.usd(reading.read_cost),
            "",
            "",
        ),
        stacked=True,
    )
    how = Table(
        (
            Column("Product"),
            Column("How its share was found", wide=True),
            Column("What would tell it", wide=True),
        ),
        tuple((one.name, _sentence(one.read.words), _sentence(one.read.tells)) for one in found),
        stacked=True,
    )
    unknown = [one for one in found if one.read.kind is Kind.UNKNOWN]
    summary = "How each share was found" + (
        f", and what would tell it for {words.count(len(unknown), 'product')}" if unknown else ""
    )
    return page(captioned(table), Page(details(summary, how.html()), f"{summary}\n{how.text()}"))


def _product(of: ProductValue) -> tuple[str | Html, ...]:
    units = [f"{small(unit.usd)} per {unit.unit}" for unit in of.unit_costs]
    return (
        of.name,
        words.usd(of.cost),
        words.capital(of.users.in_words),
        _read(of),
        "" if of.read_cost is None else words.usd(of.read_cost),
        "" if of.cost_per_reader is None else words.usd(of.cost_per_reader),
        Html("<br>".join(map(html.escape, units)), "; ".join(units)),
    )


def _sentence(text: str) -> Html:
    """A reason in full; it may quote the source of the data."""
    text = words.capital(text)
    return Html(words.sentence(text) if text else "", words.plain_sentence(text))


def _read(of: ProductValue) -> str:
    read = of.read
    if read.kind is Kind.FEE:
        return "Fixed fee"
    if read.share is None:
        return UNKNOWN if read.at_most is None else f"At most {_percent(read.at_most)}"
    marks = {Kind.ASSUMED: ", assumed", Kind.BY_DEFINITION: ", by definition"}
    return _percent(read.share) + marks.get(read.kind, "")


def _findings(of: Roi) -> Page:
    if not of.findings:
        return nothing("No open finding has a saving attached, so there is nothing to pay back.")
    rest = len(of.audit.for_customer) - sum(
        one.finding in of.audit.for_customer for one in of.findings
    )
    total = of.together
    yearly = SIMULATED if of.yearly_is_simulated else YEARLY
    within = ", with the range that holds 80% of outcomes" if of.yearly_is_simulated else ""
    slow = [one for one in of.findings if not _within_a_year(one)]
    table = Table(
        (
            Column("Finding", wide=True),
            Column("Where"),
            Column("Effort", numeric=True),
            Column("Saves a year", numeric=True),
            Column("Paid back in"),
            Column("First year, net", numeric=True),
        ),
        tuple(_finding(one) for one in of.findings),
        f"USD (estimate). {words.capital(yearly)}{within}. {words.capital(EFFORT)}. "
        f"{words.capital(PAYBACK)}.",
        (
            "Together",
            "",
            _effort(total.hours, total.effort_usd),
            _range(total.yearly.mid, total.yearly.low, total.yearly.high),
            paid_back(total.payback_days),
            words.usd(total.yearly.mid - total.effort_usd),
        ),
        stacked=True,
    )
    late = (
        f"{words.count(len(slow), 'finding does', 'findings do')} not pay back within a year: for "
        "the money alone not worth the effort."
    )
    more = f"{words.count(rest, 'finding')} without a saving attached: see Findings."
    return page(captioned(table), words.spaced(late if slow else "", more if rest else ""))


def _within_a_year(of: FindingReturn) -> bool:
    return of.payback_days is not None and of.payback_days <= LONGEST_IN_DAYS


def _finding(of: FindingReturn) -> tuple[str | Html, ...]:
    title = words.unmarked(of.finding.title)
    return (
        Html(f'<a href="#{anchor(of.finding)}">{html.escape(title)}</a>', title),
        place(of.finding),
        _effort(of.hours, of.effort_usd),
        _range(of.yearly.mid, of.yearly.low, of.yearly.high),
        paid_back(of.payback_days),
        with_below(words.usd(of.first_year_net), _return(of.first_year_return)),
    )


def _effort(hours: Decimal, cost: Decimal) -> Html:
    told = f"{words.quantity(hours)} {'hour' if hours == 1 else 'hours'}"
    return with_below(words.usd(cost), told)


def _range(mid: Decimal, low: Decimal | None, high: Decimal | None) -> Html:
    if low is None or high is None:
        return Html(html.escape(words.usd(mid)), words.usd(mid))
    return with_below(
        words.usd(mid), f"{words.dollars(_whole(low))} to {words.dollars(_whole(high))}"
    )


def _whole(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal(1)) if abs(amount) >= 100 else amount


def _return(share: Decimal | None) -> str:
    if share is None:
        return ""
    return "over +1,000%" if share > MOST_RETURN else f"{100 * share:+,.0f}%"
