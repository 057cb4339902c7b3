"""The bill: by product now and after all fixes, line by line, and over the last periods."""

import html
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import altair as alt

from audit.findings.model import Audit
from audit.pricing import cents_of
from audit.pricing.bill import Line
from audit.pricing.tiers import plain
from audit.views import charts, words
from audit.views.coverage import quantities
from audit.views.display import Column, Figure, Html, Page, Table, details, figure, nothing, page

NOW = "Now"
FIXED = "After all fixes"
LAST_PERIODS = 6
OPACITY = {"actual": 1.0, "estimate": 0.8, "forecast": 0.55}
PRICES = {"own": "Own price", "public": "Public list"}
METERED = "metered usage times prices (estimate)"
OURS = "our forecast (estimate)"
MOST_PRODUCTS = len(charts.PALETTE)


@charts.unchecked
def bill_by_product(audit: Audit) -> Figure | Page:
    """Bars: what each product costs now, and with every finding fixed."""
    fixed = {line.product: line for line in audit.counterfactual_bill.lines}
    lines = sorted((line for line in audit.bill.lines if line.amount), key=_by_amount)
    if not lines and not audit.usage_is_known:
        return nothing("No usage of these days is known, so there is no bill to chart.")
    if not lines:
        return nothing("Nothing to chart: all usage of these days is free of charge.")
    values = []
    for line in lines:
        values.append(_bar(line, NOW, line))
        after = fixed.get(line.product)
        if audit.joint_saving:
            values.append(_bar(line, FIXED, after))
    base = alt.Chart(charts.rows(values)).encode(
        y=alt.Y(
            "product:N",
            sort=[words.shown(line.name) for line in lines],
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelPadding=8),
        ),
        yOffset=alt.YOffset("kind:N", sort=[NOW, FIXED]),
        x=alt.X(
            "amount:Q",
            title="USD per month (estimate)",
            axis=alt.Axis(format="$,.0f", tickCount=6),
        ),
        tooltip=[
            alt.Tooltip("product:N", title="Product"),
            alt.Tooltip("kind:N", title="Bill"),
            alt.Tooltip("dollars:N", title="USD per month (estimate)"),
            alt.Tooltip("quantity:N", title="Quantity"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=2).encode(
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=[NOW, FIXED], range=[charts.BEFORE, charts.AFTER]),
            legend=alt.Legend(orient="top") if audit.joint_saving else None,
        )
    )
    labels = base.mark_text(align="left", dx=5, fontSize=11).encode(text=alt.Text("dollars:N"))
    each = 2 if audit.joint_saving else 1
    height = max(60, len(lines) * charts.ROW_HEIGHT * each)
    return figure(
        charts.finished(alt.layer(bars, labels), height, labelled=True),
        f"Bill by product, {_priced(audit)} (estimate)",
        _bill_numbers(lines, fixed),
    )


def bill_lines(audit: Audit) -> Page:
    """The bill line by line, with the tiers behind every amount."""
    bill = audit.bill
    if not bill.lines:
        return nothing("No usage of these days is known, so there is no bill to show.")
    columns = (
        Column("Product"),
        Column("USD per month, estimate", numeric=True),
        Column("Quantity", numeric=True),
        Column("Public list, USD", numeric=True),
        Column("Price"),
    )
    rows = tuple(
        (
            line.name,
            words.usd(line.amount),
            f"{words.quantity(line.quantity)} {words.units(line.unit)}",
            words.usd(line.list_amount),
            PRICES[line.price] + (f"; {_held(audit, line)}" if line.limited else ""),
        )
        for line in sorted(bill.lines, key=_by_amount)
    )
    foot = tuple((name, words.usd(amount), "", "", "") for name, amount in _to_bill(audit))
    table = Table(
        columns,
        (*rows, *foot),
        f"{words.capital(_priced(audit))}, whole organization",
        ("Bill", words.usd(bill.total), "", "", ""),
    )
    folded = details("How each amount came about, tier by tier", _tiers(audit).html())
    return page(table, Page(folded, ""))


@charts.unchecked
def periods(audit: Audit) -> Figure | Page:
    """Stacked bars: what was billed in the last periods, and where this one is heading."""
    values = list(_period_values(audit))
    if not values and audit.forecast.total is not None:
        return nothing(
            "Nothing to chart: no amount above $0.00 is known of the last periods, and none is "
            "forecast for this one."
        )
    if not values:
        return nothing(
            "No past bill is known, and no forecast: " + words.shown(audit.forecast.reason, 300)
        )
    rows = list(dict.fromkeys(value["row"] for value in values))
    base = alt.Chart(charts.rows(values)).encode(
        y=alt.Y(
            "row:N",
            sort=rows,
            title=None,
            axis=alt.Axis(
                labelExpr="split(datum.label, '|')", ticks=False, domain=False, labelPadding=8
            ),
        ),
    )
    bars = base.mark_bar().encode(
        x=alt.X(
            "amount:Q",
            title="USD per period, product lines before discounts",
            axis=alt.Axis(format="$,.0f", tickCount=6),
        ),
        color=alt.Color(
            "group:N",
            title=None,
            scale=charts.colours(_groups(values)),
            legend=charts.legend(_groups(values)),
        ),
        order=alt.Order("rank:Q"),
        opacity=alt.Opacity(
            "sure:O",
            scale=alt.Scale(type="ordinal", domain=list(OPACITY), range=list(OPACITY.values())),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("product:N", title="Product"),
            alt.Tooltip("period:N", title="Period"),
            alt.Tooltip("dollars:N", title="USD"),
            alt.Tooltip("basis:N", title="Marked"),
        ],
    )
    # The end of a stack is worked out by the chart from the lines it shows.
    labels = base.mark_text(align="left", dx=5, fontSize=11).encode(
        x=alt.X("sum(amount):Q"), text=alt.Text("sum(amount):Q", format="$,.2f")
    )
    numbers = Table(
        (Column("Period"), Column("Marked"), Column("Product"), Column("USD", numeric=True)),
        (
            *((v["period"], v["basis"], v["product"], v["dollars"]) for v in values),
            *_forecast_discount(audit),
        ),
    )
    chart = charts.finished(alt.layer(bars, labels), len(rows) * 44, labelled=True)
    return figure(chart, _periods_title(values), numbers)


def _bar(line: Line, kind: str, priced: Line | None) -> dict[str, Any]:
    return {
        "product": words.shown(line.name),
        "kind": kind,
        "amount": 0.0 if priced is None else float(priced.amount),
        "dollars": "$0.00" if priced is None else words.usd(priced.amount),
        "quantity": "none"
        if priced is None
        else f"{words.quantity(priced.quantity)} {words.units(line.unit)}",
    }


def _bill_numbers(lines: list[Line], fixed: dict[str, Line]) -> Table:
    return Table(
        (
            Column("Product"),
            Column(f"{NOW}, USD", numeric=True),
            Column(f"{FIXED}, USD", numeric=True),
        ),
        tuple(
            (
                line.name,
                words.usd(line.amount),
                words.usd(fixed[line.product].amount) if line.product in fixed else "$0.00",
            )
            for line in lines
        ),
    )


def _held(audit: Audit, line: Line) -> str:
    """What a limit did. It is met by what is paid, so a percentage off leaves room for more."""
    held = f"held to the billing limit of {words.dollars(line.limit_usd)}"
    if not audit.discount_percent:
        return held
    return f"{held}, which is met after {words.rate(audit.discount_percent)} off"


def _to_bill(audit: Audit) -> list[tuple[str, Decimal]]:
    """Steps from the lines to the bill; none where they are the bill."""
    bill = audit.bill
    steps = [("Lines together", bill.subtotal)] if bill.total != bill.subtotal else []
    # Rounded as the bill rounds it, so that the amount off is what the contract says.
    rebate = cents_of(bill.subtotal * audit.discount_percent / 100)
    if rebate:
        steps.append((f"Discount of {words.rate(audit.discount_percent)}", -rebate))
    if bill.discount != rebate:
        steps.append(("Discount, an amount", rebate - bill.discount))
    return steps + ([("Credit used", -bill.credit)] if bill.credit else [])


def _tiers(audit: Audit) -> Table:
    """Tiers of every line, and below them every step from the tiers to the bill."""
    rows: list[tuple[str | Html, ...]] = []
    for line in sorted(audit.bill.lines, key=_by_amount):
        for tier in line.tiers:
            up_to = "and above" if tier.up_to is None else f"up to {words.quantity(tier.up_to)}"
            exact = plain(tier.amount)
            rows.append(
                (
                    line.name,
                    up_to,
                    words.quantity(tier.quantity),
                    f"${plain(tier.unit_amount_usd)}",
                    Html(f"${html.escape(exact)}", f"${exact}"),
                )
            )
        if line.limited:
            over = words.usd(line.amount - line.amount_before_limit)
            rows.append((line.name, words.capital(_held(audit, line)), "", "", over))
            rows.append((line.name, "Line on the bill", "", "", words.usd(line.amount)))
    rows += [(name, "", "", "", words.usd(amount)) for name, amount in _to_bill(audit)]
    return Table(
        (
            Column("Product"),
            Column("Tier"),
            Column("Quantity in it", numeric=True),
            Column("Price per unit", numeric=True),
            Column("USD, unrounded", numeric=True),
        ),
        tuple(rows),
        "Each line is rounded half up to cents, once, before limits and discounts. An estimate",
        ("Bill", "", "", "", words.usd(audit.bill.total)),
    )


def _period_values(audit: Audit) -> Iterable[dict[str, Any]]:
    """One value per bar segment. ``row`` carries the two lines of its label around a bar.

    A bar is all actual or all estimate: a period with any billed amount shows those only.
    """
    leading = _leading_products(audit)
    starts = sorted({line.period_start for line in audit.vendor_lines})[-LAST_PERIODS:]
    for start in starts:
        lines = [line for line in audit.vendor_lines if line.period_start == start]
        over = all(line.is_complete for line in lines)
        billed = any(line.amount is not None for line in lines)
        for line in lines:
            span = (line.period_start, line.period_end)
            if billed and line.amount:
                basis = "actual" if over else "actual, so far"
                yield _segment(span, line.product, line.amount, basis, "actual", leading)
            elif not billed and line.estimate:
                basis = METERED
                yield _segment(span, line.product, line.estimate, basis, "estimate", leading)
        for line in lines:
            if not over and line.projected:
                span, basis = (line.period_start, line.period_end), "PostHog's forecast"
                yield _segment(span, line.product, line.projected, basis, "forecast", leading)
    forecast = audit.forecast
    if forecast.start is not None and forecast.end is not None:
        span, basis = (forecast.start, forecast.end), OURS
        for ours in forecast.lines:
            if ours.amount.mean:
                yield _segment(span, ours.product, ours.amount.mean, basis, "forecast", leading)


def _forecast_discount(audit: Audit) -> list[tuple[str, str, str, str]]:
    """From the lines of our forecast to its total, which stands on the card."""
    forecast = audit.forecast
    if not forecast.discount or forecast.start is None or forecast.end is None:
        return []
    period = words.span(forecast.start, forecast.end)
    return [
        (period, OURS, "Discount", words.usd(-forecast.discount)),
        (
            period,
            OURS,
            "After discounts",
            words.usd(forecast.total.mean if forecast.total else None),
        ),
    ]


def _periods_title(values: list[dict[str, Any]]) -> str:
    """Which bars may be compared with which: they do not all hold the same."""
    shown = {value["basis"] for value in values}
    notes = {
        METERED: "metered estimates before packages, limits and discounts",
        OURS: "our forecast with packages and limits, before discounts",
    }
    said = [note for basis, note in notes.items() if basis in shown]
    title = "The last billing periods and the forecast for this one"
    return f"{title}: {'; '.join(said)}" if said else title


def _segment(
    span: tuple[date, date],
    product: str,
    amount: Decimal,
    basis: str,
    sure: str,
    leading: list[str],
) -> dict[str, Any]:
    period = words.span(*span)
    name = charts.product_name(product)
    known = product in leading
    return {
        "row": f"{period}|{basis}",
        "period": period,
        "basis": basis,
        "sure": sure,
        "product": name,
        "group": name if known else charts.REST,
        "rank": leading.index(product) if known else len(leading),
        "amount": float(amount),
        "dollars": words.usd(amount),
    }


def _groups(values: list[dict[str, Any]]) -> list[str]:
    return list({v["rank"]: v["group"] for v in sorted(values, key=lambda v: v["rank"])}.values())


def _leading_products(audit: Audit) -> list[str]:
    """The products with colours of their own: the costliest on any bill or forecast."""
    highest: dict[str, Decimal] = {}
    amounts = [
        (line.product, line.amount or line.projected or line.estimate)
        for line in audit.vendor_lines
    ]
    amounts += [(line.product, line.amount.mean) for line in audit.forecast.lines]
    for product, amount in amounts:
        if amount:
            highest[product] = max(amount, highest.get(product, amount))
    return sorted(highest, key=lambda p: (-highest[p], p))[:MOST_PRODUCTS]


def _by_amount(line: Line) -> tuple[Decimal, str]:
    return (-line.amount, line.name)


def _priced(audit: Audit) -> str:
    known = quantities(audit)
    return known if audit.usage_is_known else f"packages alone; {known}"
