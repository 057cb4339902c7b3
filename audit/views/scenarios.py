"""What if: scenarios side by side."""

import html

import altair as alt

from audit.scenarios import Comparison, Outcome
from audit.views import charts, words
from audit.views.display import Column, Figure, Page, Table, figure

CASES = "8 of 10 cases"


@charts.unchecked
def scenarios(of: Comparison) -> Figure:
    """What is to pay in twelve billing periods, a bar a scenario, with the range that holds 80% of
    the cases; the numbers, and what stands behind each."""
    values = [
        {
            "scenario": words.shown(one.scenario.name, 60),
            "mean": float(one.year_to_pay.mean),
            "low": float(one.year_to_pay.p10),
            "high": float(one.year_to_pay.p90),
            "dollars": words.usd(one.year_to_pay.mean),
            "range": words.between(one.year_to_pay),
            "saves": words.usd(one.year_saving.mean),
        }
        for one in of.outcomes
    ]
    base = alt.Chart(charts.rows(values)).encode(
        y=alt.Y(
            "scenario:N",
            sort=[value["scenario"] for value in values],
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelPadding=8),
        ),
        tooltip=[
            alt.Tooltip("scenario:N", title="Scenario"),
            alt.Tooltip("dollars:N", title="To pay (estimate)"),
            alt.Tooltip("range:N", title=CASES),
            alt.Tooltip("saves:N", title="Saves"),
        ],
    )
    money = alt.Axis(format="$,.0f", tickCount=6)
    bars = base.mark_bar(cornerRadiusEnd=2, color=charts.AFTER).encode(
        x=alt.X("mean:Q", title="USD to pay in twelve billing periods (estimate)", axis=money)
    )
    spread = base.mark_rule(color="#1F2328", strokeWidth=2).encode(
        x=alt.X("low:Q"), x2=alt.X2("high:Q")
    )
    labels = base.mark_text(align="left", dx=5, fontSize=11).encode(
        x=alt.X("high:Q"), text=alt.Text("dollars:N")
    )
    height = max(80, len(values) * charts.ROW_HEIGHT * 1.4)
    drawn = charts.finished(alt.layer(bars, spread, labels), int(height), labelled=True)
    start, end = of.periods[0].start, of.periods[-1].end
    title = (
        f"{words.span(start, end)}, to pay before credit (estimate); the dark line holds {CASES}. "
        f"Policy {words.shown(of.policy)}"
    )
    return figure(drawn, title, _numbers(of))


def scenario_notes(of: Comparison) -> Page:
    """What was assumed for each scenario, and what a person must confirm."""
    said = [
        f"{words.shown(one.scenario.name, 60)}: {words.shown(line, 400)}"
        for one in of.outcomes
        for line in (*one.notes, *one.confirm)
    ]
    first = words.shown(of.outcomes[0].scenario.name, 60)
    said.append(
        f"All scenarios share the same {of.draws:,} simulated years, so that a difference to "
        f"“{first}” is the scenario's own. Findings that are fixed come true in part, as above."
    )
    items = "".join(f"<li>{html.escape(line)}</li>" for line in said)
    return Page(f'<ul class="aa-note">{items}</ul>', "\n".join(said))


def _numbers(of: Comparison) -> Table:
    columns = (
        Column("Scenario"),
        Column("Next bill, USD", numeric=True),
        Column("To pay in a year, USD", numeric=True),
        Column(CASES, numeric=True),
        Column("Saves, USD", numeric=True),
        Column(f"Saves in {CASES}", numeric=True),
        Column("Costs more in", numeric=True),
    )
    return Table(columns, tuple(_row(one) for one in of.outcomes))


def _row(one: Outcome) -> tuple[str, ...]:
    return (
        one.scenario.name,
        words.usd(one.next_bill.mean),
        words.usd(one.year_to_pay.mean),
        words.between(one.year_to_pay),
        words.usd(one.year_saving.mean),
        words.between(one.year_saving),
        f"{one.chance_of_more_percent:.0f}% of cases",
    )
