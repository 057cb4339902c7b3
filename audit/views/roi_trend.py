"""What the account cost over the last months, and how much of the change is growth."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import altair as alt

from audit.roi import Roi
from audit.roi.decomposition import Parts
from audit.roi.trend import SUM, Trend, TrendLine
from audit.roi.wording import small
from audit.views import charts, words
from audit.views.changes import signed
from audit.views.display import Column, Figure, Page, Table, figure, nothing, page
from audit.views.roi import captioned

BILLED = "What it cost"
UNTOLD = "not known"

#: Columns of the parts of a change.
PARTS = {
    "growth": "Growth",
    "intensity": "Units per person",
    "units": "Units",
    "switched": "Started or stopped",
    "price": "Price and terms",
}
GROWTH_ONLY = "If nothing but the number of people had changed"


@charts.unchecked
def roi_trend(of: Roi) -> Figure | Page:
    """Bars: the cost of each month; the line: what growth alone would have made of the first."""
    trend = of.trend
    if not trend.months:
        return nothing(words.shown(trend.reason, 400))
    if not any(month.cost for month in trend.months):
        return nothing("Nothing to chart: all usage of these months was free of charge.")
    values = [value for number in range(len(trend.months)) for value in _values(trend, number)]
    kinds = list(dict.fromkeys(value["kind"] for value in values))
    base = alt.Chart(charts.rows(values)).encode(
        x=alt.X("month:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, ticks=False)),
        y=alt.Y(
            "amount:Q",
            title=f"USD a month ({trend.basis})",
            axis=alt.Axis(format="$,.0f", tickCount=5),
        ),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=kinds, range=[charts.BEFORE, charts.AFTER][: len(kinds)]),
            legend=charts.legend(kinds) if len(kinds) > 1 else None,
        ),
        tooltip=[
            alt.Tooltip("month:N", title="Month"),
            alt.Tooltip("kind:N", title="What"),
            alt.Tooltip("dollars:N", title="USD"),
        ],
    )
    cost = base.transform_filter(f"datum.kind === '{BILLED}'")
    bars = cost.mark_bar(cornerRadiusEnd=2, size=54)
    # At the foot of the bars, where the line does not cross them.
    labels = cost.mark_text(baseline="bottom", dy=-6, fontSize=11).encode(
        y=alt.YDatum(0), text=alt.Text("dollars:N"), color=alt.ColorValue("white")
    )
    layers = [bars, labels]
    if len(kinds) > 1:
        alone = base.transform_filter(f"datum.kind === '{GROWTH_ONLY}'")
        layers += [alone.mark_line(strokeWidth=2.5), alone.mark_point(filled=True, size=60)]
    alone = ", and what growth alone would have made of the first" if len(kinds) > 1 else ""
    return figure(
        charts.finished(alt.layer(*layers), 240),
        f"Cost by month{alone}: {trend.quantities_of} ({trend.basis}), {_before(trend)}",
        _numbers(trend),
    )


def roi_split(of: Roi) -> Page:
    """Why the bill changed, product by product, and the cost of a unit then and now."""
    trend = of.trend
    if trend.parts is None or not trend.months:
        return Page("", "")
    first, last = trend.months[0], trend.months[-1]
    shown = _shown(trend.parts, trend.lines)
    table = Table(
        (
            Column("Product"),
            Column("First month", numeric=True),
            *(Column(PARTS[name], numeric=True) for name in shown),
            Column("Last month", numeric=True),
            Column("Unit cost, and its change"),
        ),
        tuple(
            (
                line.name,
                words.usd(line.costs[0]),
                *_parts(line.parts, shown),
                words.usd(line.costs[-1]),
                _unit(line),
            )
            for line in trend.lines
            if any(line.costs)
        ),
        f"USD from {words.span(first.start, first.end)} to {words.span(last.start, last.end)} "
        f"({trend.basis}, {_before(trend)}). {words.capital(SUM)}.",
        (
            "Together",
            words.usd(first.cost),
            *_parts(trend.parts, shown),
            words.usd(last.cost),
            "",
        ),
        stacked=True,
    )
    return page(_sentence(trend), captioned(table), *_notes(trend))


def _shown(whole: Parts, lines: Sequence[TrendLine]) -> list[str]:
    """Parts that some product has; the units of all where growth is not known."""
    every = [whole, *(line.parts for line in lines)]
    units = ("growth", "intensity") if whole.growth is not None else ("units",)
    rest = [name for name in ("switched", "price") if any(getattr(one, name) for one in every)]
    return [*units, *rest]


def _before(trend: Trend) -> str:
    """What the vendor billed is held to limits; an estimate of units is not."""
    return "before discounts" if trend.basis == "actual" else "before discounts and limits"


def _values(trend: Trend, number: int) -> list[dict[str, Any]]:
    month = trend.months[number]
    label = words.span(month.start, month.end)
    found = [_value(label, BILLED, month.cost)]
    if trend.growth_from and month.growth_only is not None:
        found.append(_value(label, GROWTH_ONLY, month.growth_only))
    return found


def _value(month: str, kind: str, amount: Decimal) -> dict[str, Any]:
    return {"month": month, "kind": kind, "amount": float(amount), "dollars": words.usd(amount)}


def _sentence(trend: Trend) -> str:
    """The answer in one sentence, before the table."""
    change, parts = trend.change, trend.parts
    if change is None or parts is None:
        return ""
    if not change:
        return "The cost of a month is what it was."
    way = "more" if change > 0 else "less"
    before = words.count(len(trend.months) - 1, "month")
    told = [
        (parts.growth, "more people", "fewer people"),
        (parts.intensity, "more units per person", "fewer units per person"),
        (None if parts.growth is not None else parts.units, "more units", "fewer units"),
        (parts.switched, "what was started", "what was stopped"),
        (parts.price, "prices and terms", "prices and terms"),
    ]
    said = [
        f"{signed(amount)} by {up if amount > 0 else down}" for amount, up, down in told if amount
    ]
    return (
        f"A month costs {words.usd(abs(change))} {way} than {before} before: {words.listed(said)}."
    )


def _notes(trend: Trend) -> list[str]:
    left = words.listed([charts.product_name(product) for product in trend.left_out])
    return [
        trend.growth_words,
        "Units per person that rise are worth a look; they are not waste by themselves. A unit "
        "cost is the average of all units, free ones too: it rises as usage leaves the free "
        "allowance.",
        f"Left out, because no price of these months is known: {left}." if left else "",
    ]


def _unit(line: TrendLine) -> str:
    if line.unit_costs[-1] is None:
        return ""
    change = line.unit_cost_change_percent
    moved = f", {change:+.1f}%" if change else ""
    return f"{small(line.unit_costs[-1])} per {line.unit}{moved}"


def _parts(of: Parts, shown: Sequence[str]) -> tuple[str, ...]:
    amounts = [getattr(of, name) for name in shown]
    return tuple(signed(amount) if amount else "" for amount in amounts)


def _numbers(trend: Trend) -> Table:
    return Table(
        (
            Column("Month"),
            Column("Cost, USD", numeric=True),
            Column("People over the first month", numeric=True),
            Column("With growth alone, USD", numeric=True),
        ),
        tuple(
            (
                words.span(month.start, month.end),
                words.usd(month.cost),
                UNTOLD if month.growth is None else f"{100 * month.growth:.1f}%",
                UNTOLD if month.growth_only is None else words.usd(month.growth_only),
            )
            for month in trend.months
        ),
    )
