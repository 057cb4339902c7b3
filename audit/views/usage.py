"""Usage by day and by project, as the daily reports count it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import altair as alt
import pandas as pd

from audit.findings.model import Audit
from audit.pricing.catalogue import Catalogue
from audit.views import charts, words
from audit.views.display import Column, Figure, Page, Table, figure, nothing

MOST_PROJECTS = len(charts.PALETTE)
# Beyond this a bar a day is too thin to read and the chart too large to forward.
MOST_DAYS = 120


#: What stands above a day of which a finding speaks, and the check that finds it.
SPIKE, STEP = "▼ spike", "◆ new level"
MARKED = {"usage_spike": SPIKE, "usage_step": STEP}


@dataclass(frozen=True)
class _Usage:
    """Columns: product, unit, day, project_id, label, quantity. Leading projects by share."""

    frame: pd.DataFrame
    products: list[str]
    labels: list[str]


@charts.unchecked
def usage_by_day(audit: Audit) -> Figure | Page:
    """Bars by day and project for the product chosen; drag below to zoom into days. The days that
    findings call a spike, or the first of a new level, are marked."""
    usage = _usage(audit)
    if usage is None:
        return nothing("No daily usage is known for these days.")
    frame, weekly = usage.frame, False
    marks = _marks(audit)
    if frame["day"].nunique() > MOST_DAYS:
        frame = frame.assign(day=frame["day"].dt.to_period("W").dt.start_time)
        marks = {(p, d - timedelta(days=d.weekday())): what for (p, d), what in marks.items()}
        weekly = True
    keys = ["product", "key", "unit", "day", "label"]
    daily = frame.groupby(keys, sort=False, as_index=False)["quantity"].sum()
    values = [
        {
            "product": row.product,
            "day": f"{row.day:%Y-%m-%d}T00:00:00",  # without a zone: midnight where it is read
            "project": row.label,
            "quantity": row.quantity,
            "exact": f"{words.quantity(row.quantity)} {row.unit}",
            "rank": usage.labels.index(row.label),
            **({"mark": mark} if (mark := marks.get((row.key, row.day.date()))) else {}),
        }
        for row in daily.itertuples()
    ]
    chosen = alt.param(
        name="chosen_product",
        value=usage.products[0],
        bind=alt.binding_select(options=usage.products, name="Product "),
    )
    brush = alt.selection_interval(name="days", encodings=["x"])
    highlight = alt.selection_point(name="project_chosen", fields=["project"], bind="legend")
    unit = "yearweek" if weekly else "yearmonthdate"
    stacked = (
        alt.Chart()
        .mark_bar(clip=True)
        .encode(
            y=alt.Y("quantity:Q", title="Units", axis=alt.Axis(format="~s", tickCount=5)),
            color=alt.Color(
                "project:N",
                title="Project",
                scale=charts.colours(usage.labels),
                legend=charts.legend(usage.labels),
            ),
            order=alt.Order("rank:Q"),
        )
    )
    above = stacked.encode(
        x=alt.X(
            f"{unit}(day):T",
            title=None,
            scale=alt.Scale(domain={"param": "days"}),
            axis=_day_axis(values),
        ),
        opacity=alt.condition(highlight, alt.value(1), alt.value(0.2)),
        tooltip=[
            alt.Tooltip("day:T", title="Week of" if weekly else "Day", format="%a %-d %b %Y"),
            alt.Tooltip("project:N", title="Project"),
            alt.Tooltip("exact:N", title="Quantity"),
        ],
    ).add_params(highlight)
    if any("mark" in value for value in values):
        above = _marked(above, unit, weekly=weekly)
    above = above.properties(width=charts.PLOT_WIDTH, height=230)
    below = (
        alt.Chart()
        .mark_bar(color=charts.REST_COLOUR)
        .encode(
            x=alt.X(
                f"{unit}(day):T",
                title="Drag here to look at fewer days",
                axis=_day_axis(values),
            ),
            y=alt.Y("sum(quantity):Q", title=None, axis=None),
        )
        .add_params(brush)
        .properties(width=charts.PLOT_WIDTH, height=44)
    )
    chart = (
        alt.vconcat(above, below, data=charts.rows(values))
        .add_params(chosen)
        .transform_filter("datum.product === chosen_product")
    )
    return figure(
        charts.finished(chart),
        f"Usage by {'week' if weekly else 'day'}, project and product",
        _day_numbers(frame, marks),
    )


def _marks(audit: Audit) -> Mapping[tuple[str, date], str]:
    """By product and day, what the open and the suppressed findings say of it."""
    facts = audit.facts.get("product")
    if facts is None:
        return {}
    known = facts.set_index("product")
    marks: dict[tuple[str, date], str] = {}
    for finding in audit.findings:
        what = MARKED.get(finding.check)
        if what is None or finding.product is None or finding.product not in known.index:
            continue
        of = known.loc[finding.product]
        kind, lasted = ("spike", int(of["spike_days"])) if what == SPIKE else ("step", 1)
        last = audit.period.end - timedelta(days=int(of[f"{kind}_days_ago"]))
        for before in range(lasted):
            marks[finding.product, last - timedelta(days=before)] = what
    return marks


def _marked(bars: Any, unit: str, *, weekly: bool) -> Any:
    """The bars with a sign above those that a finding speaks of, and what it stands for."""
    marked = (
        alt.Chart()
        .transform_filter("isValid(datum.mark)")
        .transform_calculate(sign="substring(datum.mark, 0, 1)")
        .mark_text(dy=-8, color=charts.MARK, fontSize=12)
        .encode(
            x=alt.X(f"{unit}(day):T", bandPosition=0.5),
            y=alt.Y("sum(quantity):Q"),
            text=alt.Text("sign:N"),
            tooltip=[
                alt.Tooltip("day:T", title="Week of" if weekly else "Day", format="%a %-d %b %Y"),
                alt.Tooltip("mark:N", title="See the findings"),
            ],
        )
    )
    return alt.layer(bars, marked).properties(
        title=alt.Title(
            f"{SPIKE}, {STEP}: see the findings",
            anchor="start",
            fontSize=12,
            fontWeight="normal",
            color=charts.MARK,
        )
    )


@charts.unchecked
def usage_by_project(audit: Audit) -> Figure | Page:
    """One bar a product: which project its usage comes from."""
    usage, observed = _by_project(audit)
    if usage is None:
        return nothing("No usage by project is known for these days.")
    keys = ["product", "unit", "label"]
    totals = usage.frame.groupby(keys, sort=False, as_index=False)["quantity"].sum()
    totals = totals[totals["quantity"] > 0]
    if totals.empty:
        return nothing("The projects recorded no usage in these days.")
    whole = totals.groupby("product")["quantity"].transform("sum")
    shares = [
        words.percent(int(part), int(all_of_it))
        for part, all_of_it in zip(totals["quantity"], whole, strict=True)
    ]
    values = [
        {
            "product": row.product,
            "project": row.label,
            "quantity": row.quantity,
            "exact": f"{words.quantity(row.quantity)} {row.unit}",
            "share": share,
            "rank": usage.labels.index(row.label),
        }
        for row, share in zip(totals.itertuples(), shares, strict=True)
    ]
    products = [p for p in usage.products if p in set(totals["product"])]
    values.sort(key=lambda v: (products.index(v["product"]), v["rank"]))
    highlight = alt.selection_point(name="project_shown", fields=["project"], bind="legend")
    chart = (
        alt.Chart(charts.rows(values))
        .mark_bar()
        .encode(
            y=alt.Y(
                "product:N",
                sort=products,
                title=None,
                axis=alt.Axis(ticks=False, domain=False, labelPadding=8),
            ),
            x=alt.X(
                "quantity:Q",
                stack="normalize",
                title="Share of the product's usage",
                axis=alt.Axis(format="%", tickCount=5),
            ),
            color=alt.Color(
                "project:N",
                scale=charts.colours(usage.labels),
                legend=charts.legend(usage.labels),
            ),
            order=alt.Order("rank:Q"),
            opacity=alt.condition(highlight, alt.value(1), alt.value(0.2)),
            tooltip=[
                alt.Tooltip("product:N", title="Product"),
                alt.Tooltip("project:N", title="Project"),
                alt.Tooltip("exact:N", title="Quantity"),
                alt.Tooltip("share:N", title="Share"),
            ],
        )
        .add_params(highlight)
    )
    height = max(60, len(products) * charts.ROW_HEIGHT)
    numbers = Table(
        (
            Column("Product"),
            Column("Project"),
            Column("Quantity", numeric=True),
            Column("Share", numeric=True),
        ),
        tuple((v["product"], v["project"], v["exact"], v["share"]) for v in values),
    )
    span = words.span(audit.period.start, audit.period.end)
    what = f"{span}, as queries observed it, scaled to the bill" if observed else span
    return figure(charts.finished(chart, height), f"Usage by project, {what}", numbers)


def _day_axis(values: list[dict[str, Any]]) -> alt.Axis:
    """A label for days that are there, and for none behind the last."""
    return alt.Axis(
        format="%-d %b",
        labelOverlap=True,
        grid=False,
        values=[
            {"year": int(d[:4]), "month": int(d[5:7]), "date": int(d[8:10])}
            for d in sorted({value["day"] for value in values})
        ],
    )


def _usage(audit: Audit) -> _Usage | None:
    daily = audit.account["usage_daily"]
    start, end = pd.Timestamp(audit.period.start), pd.Timestamp(audit.period.end)
    return _billed(audit, daily[(daily["day"] >= start) & (daily["day"] < end)])


def _by_project(audit: Audit) -> tuple[_Usage | None, bool]:
    """Daily usage where it names projects, else the rows that queries observed, and which."""
    daily = _usage(audit)
    if daily is not None and daily.frame["project_id"].ne("").any():
        return daily, False
    rows = audit.usage_rows
    rows = rows[rows["project_id"].astype("str") != ""]
    if rows.empty:
        return None, False
    products = Catalogue.load().products
    meters = rows["meter"].astype("str")
    kinds = meters.map({name: p.usage_type for name, p in products.items() if p.usage_type})
    rows = rows.assign(
        usage_type=kinds,
        project_id=rows["project_id"].astype("str"),
        quantity=rows["quantity"].round().astype("int64"),
    )
    return _billed(audit, rows.dropna(subset=["usage_type"])), True


def _billed(audit: Audit, frame: pd.DataFrame) -> _Usage | None:
    """The billed part of rows of usage_type, project_id and quantity."""
    billed = {
        kind: product
        for kind in frame["usage_type"].unique()
        if (product := charts.metered_product(kind)) is not None
    }
    frame = frame[frame["usage_type"].isin(billed)]
    if frame.empty or not frame["quantity"].sum():
        return None
    frame = frame.assign(
        product=frame["usage_type"].map({k: p.name for k, p in billed.items()}),
        key=frame["usage_type"].map({k: p.product for k, p in billed.items()}),
        unit=frame["usage_type"].map({k: charts.metered_unit(p) for k, p in billed.items()}),
    )
    used = frame.groupby("product")["quantity"].sum()
    frame = frame[frame["product"].isin(used[used > 0].index)]
    leading = _leading_projects(frame)
    labels = charts.project_labels(audit)
    frame = frame.assign(
        label=[labels[p] if p in leading else charts.REST for p in frame["project_id"]]
    )
    shown = [labels[p] for p in leading]
    if (frame["label"] == charts.REST).any():
        shown.append(charts.REST)
    return _Usage(frame, _costliest_first(audit, frame), shown)


def _leading_projects(frame: pd.DataFrame) -> list[str]:
    """The projects with the largest share of any product."""
    totals = frame.groupby(["product", "project_id"])["quantity"].sum()
    shares = totals / totals.groupby(level="product").transform("sum")
    highest = dict(shares.groupby(level="project_id").max())
    return sorted(highest, key=lambda project: (-highest[project], project))[:MOST_PROJECTS]


def _costliest_first(audit: Audit, frame: pd.DataFrame) -> list[str]:
    cost = {line.product: line.amount for line in audit.bill.lines}
    named = dict(zip(frame["product"], frame["key"], strict=True))
    return sorted(named, key=lambda name: (-cost.get(named[name], 0), name))


def _day_numbers(frame: pd.DataFrame, marks: Mapping[tuple[str, date], str]) -> Table:
    """By product and day, without the projects: what fits on a page."""
    totals = frame.groupby(["product", "key", "unit", "day"])["quantity"].sum().reset_index()
    columns = [Column("Product"), Column("Day"), Column("Quantity", numeric=True), Column("Unit")]
    rows: list[tuple[str, ...]] = []
    for row in totals.sort_values(by=["product", "day"]).itertuples():
        day = row.day.date()
        told = (row.product, words.day(day), words.quantity(row.quantity), row.unit)
        rows.append((*told, marks.get((row.key, day), "")) if marks else told)
    if marks:
        columns.append(Column("Marked"))
    return Table(tuple(columns), tuple(rows))
