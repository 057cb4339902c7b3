"""Where the saving comes from: from the bill of now to the bill after all fixes."""

from decimal import Decimal
from typing import Any

import altair as alt

from audit.findings.model import Audit, Finding
from audit.views import charts, words
from audit.views.coverage import coverage, narrowed
from audit.views.display import Column, Figure, Page, Table, figure, nothing
from audit.views.glance import place
from audit.views.suppressed import plus_suppressed

MOST_BARS = 14
BEFORE = "Bill now"
AFTER = "After all fixes"
SMALLER = "All smaller findings"


@charts.unchecked
def savings(audit: Audit) -> Figure | Page:
    """Steps from the bill of now to the bill after all fixes, in the order of the ranking."""
    saving = [f for f in audit.open_findings if f.saving.on_top > 0]
    if not saving:
        return nothing(_no_saving(audit))
    values = _steps(audit, saving)
    # Where a step starts and ends is worked out by the chart from the numbers of the audit.
    chart = (
        alt.Chart(charts.rows(values))
        .transform_window(running="sum(change)", frame=[None, 0], sort=[alt.SortField("rank")])
        .transform_calculate(
            to="isValid(datum.ends) ? datum.ends : datum.running",
            start="datum.kind === 'bill' ? 0 : datum.running - datum.change",
        )
        .transform_calculate(
            start="isValid(datum.ends) && datum.kind === 'saving' ? datum.running : datum.start",
            edge="max(datum.start, datum.to)",
        )
    )
    encoded = chart.encode(
        y=alt.Y(
            "step:N",
            sort=[value["step"] for value in values],
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelPadding=8, labelLimit=360),
        ),
        tooltip=[
            alt.Tooltip("full:N", title="Finding"),
            alt.Tooltip("where:N", title="Where"),
            alt.Tooltip("dollars:N", title="USD per month (estimate)"),
            alt.Tooltip("alone:N", title="If only this is fixed"),
        ],
    )
    bars = encoded.mark_bar(cornerRadius=1).encode(
        x=alt.X(
            "start:Q",
            title="USD per month (estimate)",
            axis=alt.Axis(format="$,.0f", tickCount=6),
        ),
        x2=alt.X2("to:Q"),
        color=alt.Color(
            "kind:N",
            legend=None,
            scale=alt.Scale(domain=["bill", "saving"], range=[charts.BEFORE, charts.SAVED]),
        ),
    )
    labels = encoded.mark_text(align="left", dx=5, fontSize=11).encode(
        x=alt.X("edge:Q"), text=alt.Text("dollars:N")
    )
    height = max(80, len(values) * charts.ROW_HEIGHT)
    return figure(
        charts.finished(alt.layer(bars, labels), height, labelled=True),
        ". ".join(
            filter(
                None,
                [
                    words.joined(
                        [
                            "From the bill of now to the bill after all fixes (estimate)",
                            plus_suppressed(audit),
                        ]
                    ),
                    narrowed(audit),
                ],
            )
        ),
        _saving_numbers(audit, saving),
    )


def _no_saving(audit: Audit) -> str:
    if not audit.usage_is_known:
        return "No usage of these days is known, so no saving can be told."
    answers = coverage(audit)
    if not answers.evaluated:
        return f"{answers.in_words}, so no saving can be told."
    more = f", {plus_suppressed(audit)}" if audit.suppressed_for_customer else ""
    narrow = f" {narrowed(audit)}." if audit.project_id else ""
    return f"No open finding of this audit has a saving attached{more}.{narrow}"


def _steps(audit: Audit, saving: list[Finding]) -> list[dict[str, Any]]:
    values = [_total(BEFORE, 0, audit.bill.total)]
    shown = saving if len(saving) <= MOST_BARS else saving[: MOST_BARS - 1]
    for rank, finding in enumerate(shown, 1):
        values.append(
            {
                "step": f"{rank}. {_brief(finding)}",
                "full": words.unmarked(finding.title),
                "where": words.shown(place(finding)),
                "kind": "saving",
                "rank": rank,
                "change": -float(finding.saving.on_top),
                "dollars": f"saves {words.usd(finding.saving.on_top)}",
                "alone": words.usd(finding.saving.alone),
            }
        )
    end = float(audit.counterfactual_bill.total)
    if len(shown) < len(saving):
        rest = words.count(len(saving) - len(shown), "finding")
        values.append(
            {
                "step": f"{SMALLER} ({rest})",
                "full": SMALLER,
                "where": "In the table below",
                "kind": "saving",
                "rank": len(values),
                "change": 0.0,
                "ends": end,
                "dollars": "in the table below",
                "alone": "",
            }
        )
    return [*values, _total(AFTER, len(values), audit.counterfactual_bill.total, ends=end)]


def _brief(finding: Finding) -> str:
    where = f", {words.shown(place(finding), 20)}" if finding.project_id is not None else ""
    return words.phrase(finding.check) + where


def _total(step: str, rank: int, amount: Decimal, *, ends: float | None = None) -> dict[str, Any]:
    value = {
        "step": step,
        "full": step,
        "where": "Whole organization",
        "kind": "bill",
        "rank": rank,
        "change": float(amount) if ends is None else 0.0,
        "dollars": words.usd(amount),
        "alone": "",
    }
    return value if ends is None else {**value, "ends": ends}


def _saving_numbers(audit: Audit, saving: list[Finding]) -> Table:
    rows = [(BEFORE, "", words.usd(audit.bill.total), "")]
    rows += [
        (
            words.unmarked(f.title),
            place(f),
            words.usd(-f.saving.on_top),
            words.usd(f.saving.alone),
        )
        for f in saving
    ]
    rows.append((AFTER, "", words.usd(audit.counterfactual_bill.total), ""))
    return Table(
        (
            Column("Step"),
            Column("Where"),
            Column("USD a month", numeric=True),
            Column("Saves alone", numeric=True),
        ),
        tuple(rows),
    )
