"""The coming billing periods: the bill with and without the fixes, and what each fix saves."""

import html
from typing import Any

import altair as alt

from audit.findings.model import Audit, Finding
from audit.findings.outlook.model import LineOutlook, Outlook
from audit.forecast.backtest import OURS
from audit.forecast.choice import BY_NAME
from audit.views import charts, words
from audit.views.display import (
    Cell,
    Column,
    Figure,
    Page,
    Table,
    details,
    figure,
    nothing,
    page,
    with_below,
)
from audit.views.glance import place

AS_IT_IS = "As it is"
FIXED = "With all open findings fixed"
CASES = "8 of 10 cases"


@charts.unchecked
def ahead(audit: Audit) -> Figure | Page:
    """The running period and the twelve after it, each with the range that holds 80% of cases."""
    outlook = audit.outlook
    if outlook is None:
        return nothing(f"The coming periods are not known: {words.shown(_reason(audit), 300)}")
    kinds = [AS_IT_IS, *([FIXED] if outlook.findings else [])]
    values = [value for kind in kinds for value in _by_period(outlook, kind)]
    base = alt.Chart(charts.rows(values)).encode(
        x=alt.X(
            "start:T",
            title="Billing period from",
            axis=alt.Axis(format="%b %Y", labelOverlap=True, grid=False),
        ),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=[AS_IT_IS, FIXED], range=[charts.BEFORE, charts.AFTER]),
            legend=alt.Legend(orient="top") if len(kinds) > 1 else None,
        ),
        tooltip=[
            alt.Tooltip("period:N", title="Period"),
            alt.Tooltip("kind:N", title="Bill"),
            alt.Tooltip("dollars:N", title="Expected (estimate)"),
            alt.Tooltip("range:N", title=CASES),
            alt.Tooltip("wide:N", title="19 of 20 cases"),
        ],
    )
    money = alt.Axis(format="$,.0f", tickCount=6)
    band = base.mark_area(opacity=0.18).encode(
        y=alt.Y("low:Q", title="USD a period (estimate)", axis=money), y2=alt.Y2("high:Q")
    )
    line = base.mark_line(point=True).encode(y=alt.Y("mean:Q"))
    return figure(
        charts.finished(alt.layer(band, line), 300),
        f"The bill of the running period and the twelve after it, before credit (estimate); the "
        f"shade holds {CASES}",
        _numbers(outlook, kinds),
    )


def running(audit: Audit) -> Page:
    """What the running period will have used and cost by its end, product by product."""
    forecast = audit.forecast
    if forecast.total is None or forecast.start is None or forecast.end is None:
        return nothing(f"No forecast of this period: {words.shown(forecast.reason, 300)}")
    columns = (
        Column("Product"),
        Column("So far", numeric=True),
        Column(f"At the end, and {CASES}", numeric=True),
        Column(f"USD (estimate), and {CASES}", numeric=True),
    )
    rows = tuple(_line(line) for line in forecast.lines)
    foot: tuple[tuple[str, ...], ...] = ()
    if forecast.discount:
        foot = (("Discount", "", "", words.usd(-forecast.discount)),)
    table = Table(
        columns,
        (*rows, *foot),
        f"The running period, {words.span(forecast.start, forecast.end)}, in metered units and USD",
        ("Bill", "", "", with_below(words.usd(forecast.total.mean), words.between(forecast.total))),
    )
    said = _said(audit, forecast.lines)
    listed = "".join(f"<li>{html.escape(one)}</li>" for one in said)
    return page(table, Page(f"<ul>{listed}</ul>" if said else "", "\n".join(said)))


def _said(audit: Audit, lines: tuple[LineOutlook, ...]) -> list[str]:
    """What to know of the forecast: doubts first, then what stands in for it, then the rest."""
    doubts = [_two_totals(line) for line in lines if line.if_it_stays is not None]
    instead: dict[str, list[str]] = {}
    notes = []
    for line in lines:
        name = charts.product_name(line.product)
        if line.method in BY_NAME and line.method != OURS:
            instead.setdefault(line.method, []).append(name)
        elif line.note:
            notes.append(f"{name}: {words.shown(line.note, 300)}")
    replaced = [
        f"{words.listed(names)}: by {BY_NAME[method]}, which was clearly better on this account's "
        "past than the forecast (see below)."
        for method, names in instead.items()
    ]
    assumed = [words.shown(one, 300) for one in (audit.outlook.notes if audit.outlook else ())]
    return list(dict.fromkeys([*doubts, *replaced, *notes, *assumed]))


def savings_ahead(audit: Audit) -> Page:
    """What fixing saves over the next billing period and over twelve, as ranges."""
    outlook = audit.outlook
    if outlook is None:
        return nothing(f"The coming periods are not known: {words.shown(_reason(audit), 300)}")
    known = [f for f in audit.open_findings if f.id in outlook.findings]
    if not known:
        return nothing("No open finding has a saving attached.")
    columns = (
        Column("Finding"),
        Column("Where"),
        Column("Next period, USD", numeric=True),
        Column("Twelve periods, USD", numeric=True),
        Column(f"{words.capital(CASES)}, twelve periods", numeric=True),
        Column("Comes true", numeric=True),
    )
    table = Table(
        columns,
        tuple(_saved(outlook, finding) for finding in known),
        "What each saves on top of those above it, once done (estimate). Ranges hold the doubt "
        "about usage and about how much of a fix comes true; they do not add up, the sums do",
        (
            "All together",
            "",
            words.usd(outlook.next_saving.mean),
            words.usd(outlook.year_saving.mean),
            words.between(outlook.year_saving),
            "",
        ),
    )
    return page(table, Page(details("What comes true of a fix", _priors()), ""))


def _reason(audit: Audit) -> str:
    return audit.forecast.reason or "no daily usage is known."


def _by_period(outlook: Outlook, kind: str) -> list[dict[str, Any]]:
    chosen = outlook.bills if kind == AS_IT_IS else outlook.fixed_bills
    return [
        {
            "kind": kind,
            "start": period.start.isoformat(),
            "period": words.span(period.start, period.end),
            "mean": float(bill.mean),
            "low": float(bill.p10),
            "high": float(bill.p90),
            "dollars": words.usd(bill.mean),
            "range": words.between(bill),
            "wide": f"{words.usd(bill.p025)} to {words.usd(bill.p975)}",
        }
        for period, bill in zip(outlook.periods, chosen, strict=True)
    ]


def _numbers(outlook: Outlook, kinds: list[str]) -> Table:
    both = len(kinds) > 1
    columns = [Column("Period"), Column("USD", numeric=True), Column(CASES, numeric=True)]
    if both:
        columns += [Column("All fixed, USD", numeric=True), Column(CASES, numeric=True)]
    rows = []
    for place_, period in enumerate(outlook.periods):
        bill, fixed = outlook.bills[place_], outlook.fixed_bills[place_]
        row = [words.span(period.start, period.end), words.usd(bill.mean), words.between(bill)]
        rows.append(tuple(row + ([words.usd(fixed.mean), words.between(fixed)] if both else [])))
    total = ["The twelve", words.usd(outlook.year.mean), words.between(outlook.year)]
    if both:
        total += [words.usd(outlook.year_fixed.mean), words.between(outlook.year_fixed)]
    return Table(tuple(columns), tuple(rows), "", tuple(total))


def _line(line: LineOutlook) -> tuple[Cell, ...]:
    units = line.units
    spread = f"{words.quantity(units.p10)} to {words.quantity(units.p90)}"
    sure = units.p025 == units.p975
    return (
        charts.product_name(line.product),
        words.quantity(line.counted),
        with_below(words.quantity(units.mean), "" if sure else spread),
        with_below(
            words.usd(line.amount.mean),
            "" if line.amount.p025 == line.amount.p975 else words.between(line.amount),
        ),
    )


def _two_totals(line: LineOutlook) -> str:
    passes, stays = (words.quantity(u or 0) for u in (line.if_it_passes, line.if_it_stays))
    return (
        f"{charts.product_name(line.product)}: the last days are far from what was usual, and "
        f"nobody can tell yet whether that lasts. If it passes, {passes} units by the end of the "
        f"period; if it stays, {stays}. The range does not hold until that is known."
    )


def _saved(outlook: Outlook, finding: Finding) -> tuple[str, ...]:
    found = outlook.findings[finding.id]
    return (
        words.unmarked(finding.title),
        words.shown(place(finding)),
        words.usd(found.next_on_top.mean),
        words.usd(found.year_on_top.mean),
        words.between(found.year_on_top),
        f"{found.came_true:.0%}",
    )


def _priors() -> str:
    from audit.findings.outlook.effectiveness import priors

    rows = tuple(
        (words.EFFORTS[effort], f"{one.mean:.0%}", one.meaning, one.source)
        for effort, one in priors().items()
    )
    columns = (
        Column("What it takes"),
        Column("Expected to come true", numeric=True),
        Column("Why not all"),
        Column("Source"),
    )
    return Table(columns, rows, "Assumed until outcomes are verified").html()
