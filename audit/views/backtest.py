"""How the forecast would have done on the account's own past, beside simple ones."""

import altair as alt

from audit.findings.model import Audit
from audit.findings.outlook.judged import Judged, judged
from audit.forecast.backtest import METHODS, OURS, Score, score
from audit.forecast.choice import LEAST_PERIODS, STANDARD_ERRORS, WORSE_PERCENT
from audit.views import charts, words
from audit.views.display import Column, Figure, Page, Table, figure, nothing, page

#: Methods as tables and charts name them.
TITLES = {
    OURS: "Forecast",
    "run_rate": "Run rate",
    "last_period": "Last period",
    "last_week": "Last week",
    "seasonal_naive": "Same weekday of last week",
}
UNKNOWN = "not known"
NO_USE = "No product was used in the past periods: there is nothing to judge."


def backtest(audit: Audit) -> Page:
    """What was off, pooled and by product, what the ranges held, and what replaces a forecast."""
    found = judged(audit.account, audit.as_of)
    if not found.shown:
        return nothing(found.found.reason or NO_USE)
    return page(
        _sentence(found),
        _by_product(found),
        _ranges(found),
        *(
            f"{charts.product_name(found.meters[place])}: {found.choices[place].words}"
            for place in found.replaced
        ),
        f"Another method replaces the forecast of a product only where the forecast was more than "
        f"{WORSE_PERCENT:g}% worse on {LEAST_PERIODS} past periods or more, and by "
        f"{STANDARD_ERRORS:g} times the standard error of the difference.",
    )


@charts.unchecked
def backtest_by_day(audit: Audit) -> Figure | Page:
    """One line a method: how far off a period's total it was on which day of the period."""
    found = judged(audit.account, audit.as_of)
    if not found.shown:
        return nothing(found.found.reason or NO_USE)
    values = [
        {
            "method": TITLES[method],
            "day": elapsed,
            "error": one.error_percent,
            "exact": _percent(one.error_percent),
            "periods": one.periods,
        }
        for elapsed in found.found.elapsed_days
        for method in METHODS
        if (one := score(found.found, method, elapsed_days=elapsed)).error_percent is not None
    ]
    titles = [TITLES[method] for method in METHODS]
    base = alt.Chart(charts.rows(values)).encode(
        x=alt.X(
            "day:Q",
            title=f"Days of the period that were over, of {found.found.period_days}",
            axis=alt.Axis(values=list(found.found.elapsed_days), format="d", grid=False),
            scale=alt.Scale(domain=[0, found.found.period_days]),
        ),
        y=alt.Y("error:Q", title="Mean error of the total, percent", axis=alt.Axis(tickCount=5)),
        color=alt.Color(
            "method:N",
            title=None,
            scale=charts.colours(titles),
            legend=charts.legend(titles),
        ),
        tooltip=[
            alt.Tooltip("method:N", title="Method"),
            alt.Tooltip("day:Q", title="Days over"),
            alt.Tooltip("exact:N", title="Mean error"),
        ],
    )
    ours = alt.datum.method == TITLES[OURS]
    lines = base.mark_line().encode(
        strokeWidth=alt.condition(ours, alt.value(3.5), alt.value(1.5)),
        detail=alt.Detail("method:N"),
    )
    points = base.mark_point(filled=True, size=50)
    return figure(
        charts.finished(alt.layer(lines, points), 220),
        "How far off the total of a past period would have been, by day and method",
        Table(
            (
                Column("Method"),
                *(Column(f"Day {days}", numeric=True) for days in found.found.elapsed_days),
            ),
            tuple(
                (
                    TITLES[method],
                    *(
                        _percent(score(found.found, method, elapsed_days=days).error_percent)
                        for days in found.found.elapsed_days
                    ),
                )
                for method in METHODS
            ),
        ),
    )


def _sentence(found: Judged) -> str:
    ours = score(found.found)
    others = {
        method: of.error_percent
        for method in METHODS
        if method != OURS and (of := score(found.found, method)).error_percent is not None
    }
    best = min(others, key=lambda method: others[method])
    return (
        f"{words.capital(words.count(found.periods, 'past period'))} of {found.found.period_days} "
        f"days, forecast on day {words.listed([str(d) for d in found.found.elapsed_days])} from "
        f"what was known then: off by {_percent(ours.error_percent)} of the total on average; the "
        f"best simple method, {TITLES[best].lower()}, by {_percent(others[best])}. The periods "
        f"overlap by about half."
    )


def _by_product(found: Judged) -> Table:
    rows = []
    for name, place in [
        *((charts.product_name(found.meters[place]), place) for place in found.shown),
        ("All", None),
    ]:
        scores = [score(found.found, method, series=place) for method in METHODS]
        rows.append(
            (
                name,
                str(scores[0].periods),
                *(_percent(one.error_percent) for one in scores),
                _signed(scores[0]),
                "" if place is None else TITLES[found.choices[place].method],
            )
        )
    return Table(
        (
            Column("Product"),
            Column("Periods", numeric=True),
            *(Column(TITLES[method], numeric=True) for method in METHODS),
            Column("Bias of the forecast", numeric=True),
            Column("Used"),
        ),
        tuple(rows[:-1]),
        "Mean absolute error of a period's total, over the product's mean total.",
        rows[-1],
    )


def _ranges(found: Judged) -> Table:
    moments = [
        *((f"Day {days}", days) for days in found.found.elapsed_days),
        ("All", None),
    ]
    scores = [score(found.found, elapsed_days=days) for _, days in moments]
    return Table(
        (Column("Range of the forecast"), *(Column(name, numeric=True) for name, _ in moments)),
        (
            ("80%: totals inside", *(_percent(one.covered_80_percent) for one in scores)),
            ("80%: width", *(_percent(one.width_80_percent) for one in scores)),
            ("95%: totals inside", *(_percent(one.covered_95_percent) for one in scores)),
            ("95%: width", *(_percent(one.width_95_percent) for one in scores)),
        ),
        "Share of the totals that lay inside, and the median width over the total; all products.",
    )


def _percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1f}%"


def _signed(of: Score) -> str:
    return UNKNOWN if of.bias_percent is None else f"{of.bias_percent:+.1f}%"
