"""A whole store: who can save most, how savings are spread, who is due, and what is missing."""

from decimal import Decimal
from typing import Any

import altair as alt
import pandas as pd

from audit.accounts import Portfolio
from audit.queue.rows import Row
from audit.views import charts, words
from audit.views.display import Column, Figure, Html, Page, Table, figure, nothing, page

#: Accounts shown in the table, and bars of the chart; the rest is added up.
MOST_ACCOUNTS = 25
MOST_BARS = 20
MOST_GAPS = 40
REST = "All others"


def portfolio(of: Portfolio) -> Page:
    """The title: how many accounts, what they pay and could save together, and whose rules."""
    frame = of.scan.organizations
    known = frame[frame["usage_is_known"]]
    where = "the sample portfolio" if of.is_sample else "all accounts of the store"
    days = frame["as_of"]
    when = words.day(days.max().date()) if len(days) else ""
    if len(days) and days.min() != days.max():
        when = f"{words.day(days.min().date())} to {when}"
    facts = [
        words.count(len(frame), "organization"),
        f"as of {when}",
        f"{words.count(of.lookback_days, 'day')} of usage priced as one billing month",
        f"policy {words.shown(of.policy)}",
    ]
    items = "".join(f"<li>{words.escaped(fact, 200)}</li>" for fact in facts)
    head = Page(
        f'<div class="aa-title"><p class="aa-name">{words.capital(where)}</p>'
        f'<ul class="aa-facts">{items}</ul></div>',
        f"{words.capital(where)}\n{'; '.join(facts)}",
    )
    rows = [
        ("Bills together, USD a month (estimate)", _sum(known["bill_usd"])),
        ("Joint savings together, USD a month (estimate)", _sum(known["joint_saving_usd"])),
        ("Suppressed savings beyond that (estimate)", _sum(known["suppressed_saving_usd"])),
        ("With an open finding that needs action", f"{int((frame['needs_action'] > 0).sum()):,}"),
        ("Usage not known", f"{len(frame) - len(known):,}"),
        ("Due now", f"{of.queue.counts.get('due', 0):,}"),
    ]
    return page(head, Table((Column("All together"), Column("Value", numeric=True)), tuple(rows)))


def accounts(of: Portfolio) -> Page:
    """Who can save most, with findings and gaps; an unknown bill is no bill of 0."""
    frame = of.scan.organizations
    if frame.empty:
        return nothing("The store holds no organization.")
    columns = (
        Column("Rank", numeric=True),
        Column("Organization"),
        Column("Bill, USD a month", numeric=True),
        Column("Joint saving, USD a month", numeric=True),
        Column("Of the bill", numeric=True),
        Column("Findings", numeric=True),
        Column("Need action", numeric=True),
        Column("Not evaluated", numeric=True),
    )
    shown = frame.head(MOST_ACCOUNTS)
    rows = tuple(_account(rank, row) for rank, row in enumerate(shown.itertuples(index=False), 1))
    known = frame[frame["usage_is_known"]]
    total = (
        "",
        "All",
        _sum(known["bill_usd"]),
        _sum(known["joint_saving_usd"]),
        words.percent(_exact(known["joint_saving_usd"]), _exact(known["bill_usd"])),
        *(f"{int(frame[name].sum()):,}" for name in ("findings", "needs_action", "not_evaluated")),
    )
    more = len(frame) - len(shown)
    said = f"{words.count(more, 'organization')} more, with smaller savings." if more else ""
    return page(Table(columns, rows, "Estimates, highest joint saving first", total), said)


def savings_spread(of: Portfolio) -> Figure | Page:
    """Bars: the joint saving of each account, largest first, the small ones added up."""
    return spread(of.scan.organizations)


@charts.unchecked
def spread(frame: pd.DataFrame) -> Figure | Page:
    """The same of some accounts: organization_id, name and joint_saving_usd, largest first."""
    saving = frame[frame["joint_saving_usd"] > 0]
    if saving.empty:
        return nothing("No account has a saving to chart.")
    labels = _labels(saving)
    shown = saving.head(MOST_BARS)
    values: list[dict[str, Any]] = [
        {"name": labels[row.organization_id], "saving": row.joint_saving_usd}
        for row in shown.itertuples(index=False)
    ]
    rest = saving.iloc[len(shown) :]
    if len(rest):
        values.append(
            {"name": f"{REST} ({len(rest):,})", "saving": float(_exact(rest["joint_saving_usd"]))}
        )
    whole = _exact(saving["joint_saving_usd"])
    running = Decimal(0)
    for value in values:
        amount = _cents(value["saving"])
        running += amount
        value |= {
            "dollars": words.usd(amount),
            "so_far": words.percent(running, whole),
        }
    base = alt.Chart(charts.rows(values)).encode(
        y=alt.Y(
            "name:N",
            sort=[value["name"] for value in values],
            title=None,
            axis=alt.Axis(ticks=False, domain=False, labelPadding=8),
        ),
        x=alt.X(
            "saving:Q",
            title="Joint saving, USD a month (estimate)",
            axis=alt.Axis(format="$,.0f", tickCount=6),
        ),
        tooltip=[
            alt.Tooltip("name:N", title="Organization"),
            alt.Tooltip("dollars:N", title="USD a month (estimate)"),
            alt.Tooltip("so_far:N", title="With all above it"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=2, color=charts.SAVED)
    texts = base.mark_text(align="left", dx=5, fontSize=11).encode(text=alt.Text("dollars:N"))
    height = max(60, len(values) * charts.ROW_HEIGHT)
    columns = (
        Column("Organization"),
        Column("Joint saving", numeric=True),
        Column("With all above it", numeric=True),
    )
    numbers = Table(columns, tuple((v["name"], v["dollars"], v["so_far"]) for v in values))
    return figure(
        charts.finished(alt.layer(bars, texts), height, labelled=True),
        f"Joint savings by account, {words.usd(whole)} a month together (estimate)",
        numbers,
    )


def due(of: Portfolio) -> Page:
    """Whom to write to next: what is due, the most worthwhile hour first."""
    rows, counts = of.queue.rows, of.queue.counts
    said = words.joined(
        [f"{counts.get(state, 0):,} {state}" for state in ("due", "waiting", "held")]
        + [f"{counts.get('late', 0):,} late"]
    )
    if not rows:
        return nothing(f"Nothing is due: {said}.")
    columns = (
        Column("Rank", numeric=True),
        Column("Organization"),
        Column("To do"),
        Column("Renews"),
        Column("Owner"),
        Column("Forecast, USD", numeric=True),
        Column("Joint saving, USD a month", numeric=True),
        Column("Worth an hour, USD", numeric=True),
    )
    assumed = any(row.renewal_is_assumed for row in rows)
    note = "* The end of the billing period: the CRM names no renewal to come." if assumed else ""
    table = Table(columns, tuple(_due(row) for row in rows), "Estimates, best first", stacked=True)
    return page(f"{len(rows):,} of {of.queue.chosen:,} shown; {said}.", table, note)


def data_gaps(of: Portfolio) -> Page:
    """What the pulls could not read, of how many organizations and why; unknown is never 0."""
    frame = of.unread
    if frame.empty:
        return nothing("Everything the audit asks for was read, of every organization.")
    shown = frame.head(MOST_GAPS)
    table = Table(
        (Column("What"), Column("Organizations", numeric=True), Column("Why", wide=True)),
        tuple(
            (
                ": ".join(words.phrase(part) for part in row.subject.split(".")),
                f"{row.organizations:,}",
                Html(
                    words.sentence(words.capital(row.reason)),
                    words.plain_sentence(words.capital(row.reason)),
                ),
            )
            for row in shown.itertuples(index=False)
        ),
        stacked=True,
    )
    more = len(frame) - len(shown)
    gaps = int(of.scan.organizations["not_evaluated"].sum())
    said = f"{words.count(gaps, 'verdict')} of checks could not be given for want of data."
    return page(said, table, f"{words.count(more, 'reason')} more." if more else "")


def _account(rank: int, row: Any) -> tuple[str, ...]:
    known = bool(row.usage_is_known)
    bill, saving = _cents(row.bill_usd), _cents(row.joint_saving_usd)
    return (
        f"{rank:,}",
        row.name if isinstance(row.name, str) and row.name.strip() else row.organization_id,
        words.usd(bill) if known else "unknown",
        words.usd(saving) if known else "unknown",
        words.percent(saving, bill) if known else "",
        f"{row.findings:,}",
        f"{row.needs_action:,}",
        f"{row.not_evaluated:,}",
    )


def _due(row: Row) -> tuple[str, ...]:
    tasks = words.joined([words.phrase(task) for task in row.tasks])
    renews = "unknown" if row.renewal_on is None else words.day(row.renewal_on)
    return (
        f"{row.rank:,}",
        row.name or row.organization_id,
        f"{tasks} (late)" if row.is_late else tasks,
        f"{renews} *" if row.renewal_is_assumed and row.renewal_on else renews,
        row.owner or "nobody",
        words.usd(row.forecast_usd),
        words.usd(row.joint_saving_usd),
        words.usd(row.worth_usd),
    )


def _labels(frame: pd.DataFrame) -> dict[str, str]:
    """A harmless and unique label for every organization."""
    labels = {
        row.organization_id: words.shown(
            row.name if isinstance(row.name, str) and row.name.strip() else row.organization_id,
            words.LABEL_LENGTH,
        )
        for row in frame.itertuples(index=False)
    }
    repeated = pd.Series(labels).duplicated(keep=False)
    return {
        identity: f"{label} ({words.shown(identity, 12)})" if repeated[identity] else label
        for identity, label in labels.items()
    }


def _cents(amount: float) -> Decimal:
    return Decimal(round(100 * amount)) / 100


def _exact(amounts: "pd.Series[float]") -> Decimal:
    """The sum of whole cents, exact."""
    return Decimal(int((100 * amounts).round().astype("int64").sum())) / 100


def _sum(amounts: "pd.Series[float]") -> str:
    return words.usd(_exact(amounts))
