"""Since the last report: what moved the bill, and what became of each finding."""

import html
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from audit.diff import Decomposition, Diff, Effect, Movement, Status, against
from audit.findings.model import Audit
from audit.views import charts, words
from audit.views.display import Column, Html, Page, Table, details, nothing, page
from audit.views.glance import anchor

NO_EARLIER = (
    "No earlier report of this account was given, so there is nothing to compare with. The next "
    "one will say what changed."
)

EFFECTS = {
    Effect.METHOD: "The toolkit: its checks and price lists",
    Effect.USAGE: "Usage and setup",
    Effect.PRICE: "Public prices",
    Effect.PLAN: "Plan, discounts and limits",
    Effect.THRESHOLD: "Thresholds of the checks",
    Effect.DECISION: "Suppressed findings",
}

#: Said even where they moved nothing; the others only where they did.
ALWAYS = (Effect.USAGE, Effect.PRICE, Effect.PLAN, Effect.THRESHOLD)

BECAME = {
    Status.NEW: "New",
    Status.WORSE: "Worse",
    Status.BETTER: "Better",
    Status.FIXED: "Fixed",
    Status.NOT_EVALUATED: "Not evaluated any more",
    Status.UNCHANGED: "Unchanged",
}

COUNTED = {
    Status.NEW: "new",
    Status.WORSE: "worse",
    Status.BETTER: "better",
    Status.FIXED: "fixed",
    Status.NOT_EVALUATED: "not evaluated any more",
    Status.UNCHANGED: "unchanged",
}

Amount = Callable[[Decomposition], Decimal]


def changes(audit: Audit, previous: str | Path = "") -> Page:
    """Against the account file of an earlier report; without one it says so.

    Raises: what :func:`audit.diff.against` raises.
    """
    if not previous:
        return nothing(NO_EARLIER)
    return changed(against(previous, audit.account, **audit.arguments), audit)


def changed(of: Diff, audit: Audit) -> Page:
    """A comparison: a sentence, what moved the bill, and the findings that are not as they were."""
    return page(_in_a_sentence(of), *_money(of), *_findings(of, audit), _notes(of))


def _in_a_sentence(of: Diff) -> str:
    since = f"Since {words.day(of.before.as_of)}"
    counts = [(status, len(of.of_status(status))) for status in Status]
    told = [f"{number:,} {COUNTED[status]}" for status, number in counts if number]
    findings = f"Findings: {words.listed(told)}." if told else "No findings then or now."
    if of.bill is None:
        return f"{since}: what moved the bill is not known, because {of.unknown}. {findings}"
    then, now, change = of.bill.before, of.bill.now, of.bill.change
    if not change:
        return f"{since} the bill stayed at {words.usd(now)} a month (estimate). {findings}"
    way = "rose" if change > 0 else "fell"
    return (
        f"{since} the bill {way} from {words.usd(then)} to {words.usd(now)} a month, "
        f"{signed(change)} (estimate). {findings}"
    )


def _money(of: Diff) -> list[Page | Table | str]:
    """From then to now in steps that add up, for the bill and for what could be saved."""
    if of.bill is None or of.joint_saving is None or of.bill_after_fixes is None:
        return []
    bill, saving, after = of.bill, of.joint_saving, of.bill_after_fixes
    scale = _Scale(bill)
    rows: list[tuple[str | Html, ...]] = [
        (f"On {words.day(of.before.as_of)}", *_amounts(of, lambda one: one.before), scale.then())
    ]
    for effect in Effect:
        moved = any(one.effects[effect] for one in (bill, saving, after))
        if effect in ALWAYS or moved:
            step = [signed(one.effects[effect]) for one in (bill, saving, after)]
            rows.append((EFFECTS[effect], *step, scale.step(bill.effects[effect])))
    end = f"On {words.day(of.now.as_of)}"
    total: tuple[str | Html, ...] = (end, *_amounts(of, lambda one: one.now), scale.now())
    table = Table(
        (
            Column("What moved it"),
            Column("Bill", numeric=True),
            Column("Could be saved", numeric=True),
            Column("Bill after all fixes", numeric=True),
            Column("The bill, step by step"),
        ),
        tuple(rows),
        "USD a month, estimates. Each step is on top of those above it, so they add up to the cent",
        total,
    )
    waterfall = Page(f'<div class="aa-waterfall">{table.html()}</div>', table.text())
    return [waterfall, *_lines(of)]


class _Scale:
    """Bars of the bill: where each step starts, on one scale. For the eye; the numbers stand
    beside them."""

    def __init__(self, bill: Decomposition) -> None:
        self.before, self.end = bill.before, bill.now
        self.at = bill.before
        levels = [bill.before]
        for effect in Effect:
            levels.append(levels[-1] + bill.effects[effect])
        # From 0, so that a bar is as long as its bill.
        self.most = max(*levels, Decimal("0.01"))

    def then(self) -> Html:
        return self._bar(Decimal(0), self.before, "")

    def now(self) -> Html:
        return self._bar(Decimal(0), self.end, "")

    def step(self, change: Decimal) -> Html:
        start, self.at = self.at, self.at + change
        return self._bar(min(start, self.at), max(start, self.at), _way(change))

    def _bar(self, low: Decimal, high: Decimal, kind: str) -> Html:
        left, width = (max(100 * part / self.most, Decimal(0)) for part in (low, high - low))
        return Html(
            f'<span class="aa-bar" aria-hidden="true"><span class="{kind}" '
            f'style="left:{left:.1f}%;width:{width:.1f}%"></span></span>',
            "",
        )


def _way(change: Decimal) -> str:
    if not change:
        return ""
    return "aa-more" if change > 0 else "aa-less"


def _amounts(of: Diff, amount: Amount) -> list[str]:
    """Bill, joint saving and bill after all fixes."""
    known = (of.bill, of.joint_saving, of.bill_after_fixes)
    return ["unknown" if one is None else words.usd(amount(one)) for one in known]


def _lines(of: Diff) -> list[Page]:
    """The lines of the bill that are another amount than then."""
    moved = [one for one in of.lines if one.amount.change or any(one.amount.effects.values())]
    if not moved:
        return []
    shown = [e for e in Effect if any(one.amount.effects[e] for one in moved)]
    columns = (
        Column("Line of the bill"),
        Column("Then", numeric=True),
        *(Column(EFFECTS[effect].partition(":")[0], numeric=True) for effect in shown),
        Column("Now", numeric=True),
    )
    rows = tuple(
        (
            "Discounts" if one.product == "discounts" else charts.product_name(one.product),
            words.usd(one.amount.before),
            *(signed(one.amount.effects[effect]) for effect in shown),
            words.usd(one.amount.now),
        )
        for one in moved
    )
    table = Table(columns, rows, "USD a month, estimate")
    return [Page(details("Line by line", table.html()), table.text())]


def _findings(of: Diff, audit: Audit) -> list[Table | str]:
    moved = [one for one in of.findings if one.status is not Status.UNCHANGED or one.moved_by]
    if not moved:
        return ["Every finding is as it was."] if of.findings else []
    # Those of the team are on no anchor of the customer's part of the page.
    here = {f.id: f for f in (*audit.for_customer, *audit.suppressed_for_customer)}
    rows = tuple(
        (
            _became(one),
            _what(one, anchor(here[one.id]) if one.id in here else ""),
            _saved(one.saving_before, one.severity_before is not None),
            _saved(one.saving_now, one.severity_now is not None),
            _why(one),
        )
        for one in moved
    )
    return [
        Table(
            (
                Column("It is"),
                Column("Finding", wide=True),
                Column("Then", numeric=True),
                Column("Now", numeric=True),
                Column("Because of", wide=True),
            ),
            rows,
            "Then and now: what fixing only this would save, USD a month, estimates",
            stacked=True,
        )
    ]


def _became(one: Movement) -> str:
    if one.status is Status.UNCHANGED and one.suppressed_before is not one.suppressed_now:
        return "Suppressed" if one.suppressed_now else "Open again"
    return BECAME[one.status]


def _what(one: Movement, at: str) -> Html:
    """The sentence of now, or of then where it is gone."""
    where = one.project_name or one.project_id or ""
    if one.product:
        where = charts.product_name(one.product)
    message = words.sentence(one.message)
    if at:
        message = f'<a href="#{at}">{message}</a>'
    place = f" ({words.escaped(where)})" if where else ""
    in_words = f" ({words.shown(where)})" if where else ""
    return Html(f"{message}{place}", f"{words.plain_sentence(one.message)}{in_words}")


def _saved(amount: Decimal | None, was_there: bool) -> str:
    if not was_there:
        return ""
    if amount is None:
        return "not priced"
    return words.usd(amount) if amount else "none attached"


def _why(one: Movement) -> Html:
    """What moved it, then what else there is to say, our own words but for the reason."""
    decided = one.suppressed_before is not one.suppressed_now
    moved_by = [e for e in one.moved_by if not (decided and e is Effect.DECISION)]
    steps = [_step(one, effect) for effect in moved_by]
    parts = [words.capital(words.joined(steps))] if steps else []
    if one.severity_before and one.severity_now and one.severity_before is not one.severity_now:
        before, now = words.SEVERITIES[one.severity_before], words.SEVERITIES[one.severity_now]
        parts.append(f"{before} then, {now.lower()} now")
    if decided and one.status is not Status.UNCHANGED:
        parts.append("Suppressed since" if one.suppressed_now else "No longer suppressed")
    if one.reason:
        parts.append(words.capital(one.reason).rstrip("."))
    text = ". ".join(parts)
    return Html(words.sentence(text), words.plain_sentence(text))


def _step(one: Movement, effect: Effect) -> str:
    name = EFFECTS[effect].partition(":")[0].lower()
    amount = one.effects.get(effect)
    return name if not amount else f"{name} {signed(amount)}"


def _notes(of: Diff) -> Page | str:
    sides = (
        f"Compared: {words.day(of.before.as_of)}, policy {words.shown(of.before.policy)}, "
        f"{words.shown(of.before.price_list)}; and {words.day(of.now.as_of)}, policy "
        f"{words.shown(of.now.policy)}, {words.shown(of.now.price_list)}."
    )
    text = words.spaced(sides, *map(words.plain_sentence, of.notes))
    return Page(f'<p class="aa-note">{html.escape(text)}</p>', text)


def signed(amount: Decimal) -> str:
    """A change with its sign; "none" where there is none.

    >>> signed(Decimal("1.5")), signed(Decimal("-1.5")), signed(Decimal(0))
    ('+$1.50', '-$1.50', 'none')
    """
    if not amount:
        return "none"
    return f"+{words.usd(amount)}" if amount > 0 else words.usd(amount)
