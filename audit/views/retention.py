"""Retention by cohort as charts: logos with their intervals against the target, and dollars."""

from typing import Any

import altair as alt

from audit.north_star import Cohort, NorthStar
from audit.views import charts, words
from audit.views.display import Column, Figure, Page, Table, figure, nothing
from audit.views.north_star import ALL, NO_COHORT, month_of, months_later, percent, threshold

HEIGHT = 280
NET, GROSS = "Net", "Gross"


@charts.unchecked
def retention(of: NorthStar) -> Figure | Page:
    """Points with intervals: logos retained by cohort, against the target."""
    values = [_retained(one) for one in (*of.cohorts, of.pooled) if one.percent is not None]
    if not values:
        return nothing(NO_COHORT)
    order = [value["cohort"] for value in values]
    base = alt.Chart(charts.rows(values)).encode(
        x=alt.X(
            "cohort:N", sort=order, title="Month of the first bill", axis=alt.Axis(labelAngle=0)
        ),
        color=alt.Color(
            "kind:N",
            legend=None,
            scale=alt.Scale(domain=["cohort", ALL], range=[charts.AFTER, charts.BEFORE]),
        ),
        tooltip=[
            alt.Tooltip("cohort:N", title="First bill in"),
            alt.Tooltip("logos:N", title="Logos"),
            alt.Tooltip("share:N", title="Retention"),
            alt.Tooltip("interval:N", title=f"{of.confidence_percent}% interval"),
        ],
    )
    scale = alt.Scale(domain=[0, 100])
    axis = alt.Axis(format=".0f", tickCount=6)
    spans = base.mark_rule(strokeWidth=2, opacity=0.6).encode(
        y=alt.Y("low:Q", title="Percent retained", scale=scale, axis=axis), y2=alt.Y2("high:Q")
    )
    points = base.mark_point(size=90, filled=True, opacity=1).encode(y=alt.Y("percent:Q"))
    labels = base.mark_text(align="left", dx=9, fontSize=11).encode(
        y=alt.Y("percent:Q"), text=alt.Text("logos:N")
    )
    goal = [{"target": of.target_percent, "label": f"Target {of.target_percent:g}%"}]
    line = (
        alt.Chart(charts.rows(goal))
        .mark_rule(strokeDash=[5, 4], color=charts.SAVED, strokeWidth=1.5)
        .encode(y=alt.Y("target:Q"), tooltip=alt.Tooltip("label:N", title="Target"))
    )
    return figure(
        charts.finished(alt.layer(spans, points, labels, line), HEIGHT),
        f"Logos retained {months_later(of)} after the first bill over {threshold(of)}, with "
        f"{of.confidence_percent}% intervals; the dashed line is the target of "
        f"{of.target_percent:g}%",
        _retention_numbers(of),
    )


@charts.unchecked
def dollar_retention(of: NorthStar) -> Figure | Page:
    """Lines: net and gross dollar retention by cohort."""
    values = [
        {
            "cohort": month_of(one.month),
            "kind": kind,
            "percent": round(value, 2),
            "share": percent(value),
            "base": words.usd(one.base_usd),
            "then": words.usd(one.current_usd),
        }
        for one in of.cohorts
        for kind, value in ((NET, one.net_percent), (GROSS, one.gross_percent))
        if value is not None
    ]
    if not values:
        return nothing("No cohort has revenue of a first month to compare with.")
    base = alt.Chart(charts.rows(values)).encode(
        x=alt.X(
            "cohort:N",
            sort=list(dict.fromkeys(value["cohort"] for value in values)),
            title="Month of the first bill",
            axis=alt.Axis(labelAngle=0),
        ),
        y=alt.Y(
            "percent:Q",
            title="Percent of dollars retained",
            scale=alt.Scale(zero=True),
            axis=alt.Axis(format=".0f", tickCount=6),
        ),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=charts.colours([NET, GROSS]),
            legend=charts.legend([NET, GROSS]),
        ),
        tooltip=[
            alt.Tooltip("cohort:N", title="First bill in"),
            alt.Tooltip("kind:N", title="Dollars"),
            alt.Tooltip("share:N", title="Retention"),
            alt.Tooltip("base:N", title="Revenue then (actual)"),
            alt.Tooltip("then:N", title=f"{months_later(of)} later (actual)"),
        ],
    )
    # The net line is dashed and lies on top, so that both show where they agree.
    gross = base.transform_filter(f"datum.kind === '{GROSS}'").mark_line(
        strokeWidth=2.5, point=alt.OverlayMarkDef(size=60)
    )
    net = base.transform_filter(f"datum.kind === '{NET}'").mark_line(
        strokeWidth=2.5, strokeDash=[6, 4], point=alt.OverlayMarkDef(size=60)
    )
    return figure(
        charts.finished(alt.layer(gross, net), HEIGHT),
        f"Dollars retained {months_later(of)} later, net and gross, by cohort (actual)",
        _dollar_numbers(of),
    )


def _retained(one: Cohort) -> dict[str, Any]:
    return {
        "cohort": month_of(one.month),
        "kind": "cohort" if one.month else ALL,
        "percent": round(one.percent or 0, 2),
        "low": round(one.low_percent or 0, 2),
        "high": round(one.high_percent or 0, 2),
        "share": percent(one.percent),
        "logos": f"{one.retained:,} of {one.retained + one.lost:,}",
        "interval": f"{percent(one.low_percent)} to {percent(one.high_percent)}",
    }


def _retention_numbers(of: NorthStar) -> Table:
    columns = (
        Column("First bill in"),
        Column("Retained", numeric=True),
        Column("Retention", numeric=True),
        Column(f"{of.confidence_percent}% interval", numeric=True),
    )
    values = [_retained(one) for one in (*of.cohorts, of.pooled) if one.percent is not None]
    return Table(
        columns,
        tuple((v["cohort"], v["logos"], v["share"], v["interval"]) for v in values),
    )


def _dollar_numbers(of: NorthStar) -> Table:
    columns = (
        Column("First bill in"),
        Column("Net", numeric=True),
        Column("Gross", numeric=True),
        Column("Organizations", numeric=True),
        Column("Revenue then, USD a month", numeric=True),
        Column(f"{months_later(of)} later", numeric=True),
        Column("Smaller of both", numeric=True),
    )
    return Table(
        columns,
        tuple(
            (
                month_of(one.month),
                percent(one.net_percent),
                percent(one.gross_percent),
                f"{one.dollar_organizations:,}",
                words.usd(one.base_usd),
                words.usd(one.current_usd),
                words.usd(one.kept_usd),
            )
            for one in (*of.cohorts, of.pooled)
        ),
    )
