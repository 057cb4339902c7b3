"""The annual plan: the recommendation, every way to pay, the table of Sales, and its chart.

Every amount is an estimate over twelve months, on usage after the fixes.
"""

import html
from collections.abc import Sequence

import altair as alt

from audit.prepaid import Plan, Row
from audit.prepaid.curve import Point
from audit.prepaid.orders import Kind
from audit.views import charts, words
from audit.views.display import Column, Figure, Page, Table, figure, nothing, page
from audit.views.roi import captioned

#: A way to pay that loses in more of the years says nothing; the JSON document has it.
HOPELESS_PERCENT = 99.95

SAVING = "Expected saving"
LOSS = "Chance of a loss"
KINDS = {Kind.SELF_SERVE: "Self-serve credit", Kind.CONTRACT: "Annual plan"}


def plan_at_a_glance(of: Plan) -> Page:
    """The recommendation, its saving and risk, and what it is priced by."""
    best = of.recommended
    usage = of.usage
    cards = [
        ("Recommended", words.unmarked(best.choice.title), of.levers),
        (
            "Expected saving",
            f"{words.usd(best.saving)} a year",
            f"{_percent(best.saving_percent) or 'none'} of what the months would cost (estimate)",
        ),
        (
            "Chance of a loss",
            f"{best.loss_percent:.1f}%",
            f"at most {of.assumptions.most_loss_percent:g}% is recommended; the worst twentieth of "
            f"years saves {words.usd(best.worst_saving)} (estimate)",
        ),
        (
            "Usage of the coming year",
            words.usd(usage.mean),
            f"at list, after the fixes; {words.usd(usage.p10)} to {words.usd(usage.p90)} in 80% of "
            f"{of.draws:,} simulated years (estimate)",
        ),
        (
            "Credit that nobody uses",
            words.usd(best.unused),
            "expected, and lost at the end of the term (estimate)",
        ),
    ]
    if of.before_fixing is not None:
        cards.append(
            (
                "Committing before the fixes",
                f"costs {words.usd(of.before_fixing.cost)}",
                of.before_fixing.in_words,
            )
        )
    markup = "".join(
        f'<div class="aa-card"><p class="aa-label">{html.escape(label)}</p>'
        f'<p class="aa-value">{html.escape(value)}</p>'
        f'<p class="aa-note">{html.escape(note)}</p></div>'
        for label, value, note in cards
    )
    said = [of.decision.reason, of.state.in_words, of.eligibility.in_words]
    if of.stale is not None:
        said.append(of.stale.in_words)
    said.append(f"Priced by {of.rules.in_words}.")
    return page(
        Page(
            f'<div class="aa-cards">{markup}</div>',
            "\n".join(f"{label}: {value} ({note})" for label, value, note in cards),
        ),
        *said,
    )


def plan_decision(of: Plan) -> Page:
    """Every way to pay with what it saves and what may go wrong; the recommended one is marked."""
    rows = _worth_showing(of)
    table = Table(
        (
            Column("Way to pay", wide=True),
            Column("Saves", numeric=True),
            Column("Of the months", numeric=True),
            Column("Chance of loss", numeric=True),
            Column("Worst 5%", numeric=True),
            Column("Break-even usage", numeric=True),
            Column("Unused credit", numeric=True),
        ),
        tuple(
            (
                _title(of, row),
                words.usd(row.saving),
                _percent(row.saving_percent),
                f"{row.loss_percent:.1f}%",
                words.usd(row.worst_saving),
                ""
                if row.break_even_usage is None
                else f"{words.usd(row.break_even_usage)} ({_percent(row.break_even_percent)})",
                words.usd(row.unused),
            )
            for row in rows
        ),
        "USD of twelve months (estimate). Worst 5%: mean saving of the worst twentieth of years. "
        "Break-even: usage at list of a level year from which it saves, and in percent of the "
        f"credit.{_left_out(of, rows)}",
        stacked=True,
    )
    return captioned(table)


def plan_regret(of: Plan) -> Page:
    """How far each way to pay is from the best one of each simulated year."""
    rows = sorted(_worth_showing(of), key=lambda row: row.regret)
    table = Table(
        (
            Column("Way to pay", wide=True),
            Column("Expected regret", numeric=True),
            Column("Largest regret", numeric=True),
        ),
        tuple((_title(of, row), words.usd(row.regret), words.usd(row.most_regret)) for row in rows),
        "USD of twelve months (estimate): what the best way to pay of a year would have saved more "
        "than this one, on average and in the worst of the years.",
    )
    return captioned(table)


def plan_sales(of: Plan) -> Page:
    """Floor, base and bull in one table, and the same after the fixes; usage taken as certain."""
    table = Table(
        (
            Column("Scenario"),
            Column("Usage", wide=True),
            Column("By the month", numeric=True),
            Column("Credit", numeric=True),
            Column("Cash", numeric=True),
            Column("Saves", numeric=True),
            Column("Levers", wide=True),
        ),
        tuple(
            (
                row.title,
                words.capital(row.basis),
                "" if row.pay_as_you_go is None else words.usd(row.pay_as_you_go),
                "" if not row.credit else words.usd(row.credit),
                "" if row.cash is None else words.usd(row.cash),
                "" if row.saving is None else words.usd(row.saving),
                row.levers,
            )
            for row in of.sales_table
        ),
        "USD of twelve months (estimate). Each row takes its usage as certain and buys what costs "
        "least; a row without an amount says what is missing.",
        stacked=True,
    )
    return page(captioned(table), _buy_up(of))


def plan_rules(of: Plan) -> Page:
    """What a person must confirm, who may buy self-serve credit, and how to read the figures."""
    trace = Table(
        (Column("Self-serve credit asks for", wide=True), Column("Read"), Column("Holds")),
        tuple(
            (one.claim, one.value, {True: "Yes", False: "No", None: "Not known"}[one.holds])
            for one in of.eligibility.claims
        ),
        of.eligibility.in_words,
    )
    parts = (trace,) if of.eligibility.claims else ()
    return page(*of.confirm, *parts, *of.notes)


@charts.unchecked
def plan_curve(of: Plan) -> Figure | Page:
    """Expected saving and chance of a loss against the commitment."""
    if not of.curve or not of.usage.mean:
        return nothing("No usage is expected, so there is no commitment to chart.")
    values = [
        {
            "commitment": point.commitment_usd,
            "saving": round(point.saving_usd, 2),
            "loss": round(point.loss_percent, 2),
            "how": _how(point),
        }
        for point in of.curve
    ]
    kinds = list(dict.fromkeys(_how(point) for point in of.curve))
    base = alt.Chart(charts.rows(values)).encode(
        x=alt.X(
            "commitment:Q",
            title="Credit bought, USD at list value",
            axis=alt.Axis(format="$,.0f", tickCount=6),
        ),
        tooltip=[
            alt.Tooltip("commitment:Q", title="Credit", format="$,.0f"),
            alt.Tooltip("how:N", title="How"),
            alt.Tooltip("saving:Q", title=f"{SAVING} (estimate)", format="$,.0f"),
            alt.Tooltip("loss:Q", title=f"{LOSS}, %", format=".1f"),
        ],
    )
    saving = base.mark_line(strokeWidth=2.5, point=True).encode(
        y=alt.Y(
            "saving:Q",
            title=f"{SAVING}, USD a year (estimate)",
            axis=alt.Axis(format="$,.0f", tickCount=6),
        ),
        color=alt.Color(
            "how:N", title=None, scale=charts.colours(kinds), legend=charts.legend(kinds)
        ),
    )
    # Lines of one discount are not joined to the next: between them lies a jump.
    loss = base.mark_line(strokeDash=[4, 3], color=charts.BEFORE).encode(
        y=alt.Y("loss:Q", title=f"{LOSS}, % (dashed)", scale=alt.Scale(domain=[0, 100])),
        detail=alt.Detail("how:N"),
    )
    chart = alt.layer(saving, loss).resolve_scale(y="independent")
    return figure(
        charts.finished(chart, 300),
        f"{SAVING} and chance of a loss by the credit bought, without a top-up (estimate)",
        Table(
            (
                Column("Credit", numeric=True),
                Column("How"),
                Column(SAVING, numeric=True),
                Column(LOSS, numeric=True),
            ),
            tuple(
                (
                    f"${point.commitment_usd:,.0f}",
                    _how(point),
                    _whole(point.saving_usd),
                    f"{point.loss_percent:.1f}%",
                )
                for point in of.curve
            ),
            "USD of twelve months (estimate)",
        ),
    )


def _how(point: Point) -> str:
    return f"{KINDS[point.kind]} at {point.percent:g}%"


def _whole(amount: float) -> str:
    return f"{'-' if round(amount) < 0 else ''}${abs(round(amount)):,}"


def _percent(of: float | None) -> str:
    return "" if of is None else f"{of:.1f}%"


def _worth_showing(of: Plan) -> list[Row]:
    return [row for row in of.decision.rows if row.loss_percent < HOPELESS_PERCENT]


def _left_out(of: Plan, shown: Sequence[Row]) -> str:
    left = len(of.decision.rows) - len(shown)
    if not left:
        return ""
    return f" Not shown: {words.count(left, 'way', 'ways')} to pay that lose in every year."


def _title(of: Plan, row: Row) -> str:
    note = f" ({row.choice.why_not.rstrip('.').lower()})" if row.choice.why_not else ""
    mark = "Recommended: " if row is of.recommended else ""
    return f"{mark}{row.choice.title}{note}"


def _buy_up(of: Plan) -> str:
    steps = [
        f"${one.credit_usd:,.0f} at {one.to_percent:g}% from ${one.usage_usd:,.0f} of usage"
        for one in of.break_evens
    ]
    return f"Buying up costs no more: {words.listed(steps)}." if steps else ""
