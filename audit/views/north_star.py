"""What the team measures itself by: cohorts, the target, who was left out and why, parameters."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from audit.north_star import Cohort, Group, NorthStar, Status, Target
from audit.north_star.document import in_words, rows
from audit.views import words
from audit.views.display import Column, Html, Page, Table, details, nothing, page

ALL = "All"
NO_COHORT = (
    "No cohort is old enough: of nobody with a bill over the threshold the months since are over."
)

#: How each standing is called.
STANDINGS = {
    Status.RETAINED: "Retained",
    Status.RETAINED_BY_HANDOVER: "Retained by handover",
    Status.LOST: "Lost",
    Status.UNKNOWN: "Unknown",
    Status.TOO_YOUNG: "Too young",
    Status.STARTUP_CREDIT: "Startup credit",
    Status.NEVER_BILLED: "Never billed",
    Status.HANDED_OVER: "Handed to Sales",
    Status.DROPPED: "Dropped",
    Status.NOT_EVALUATED: "Not evaluated",
    Status.NEVER_CROSSED: "Never over the threshold",
    Status.EXCLUDED: "Excluded",
}


def cohorts(of: NorthStar) -> Page:
    """The cohort table, with what it says in words."""
    if not of.cohorts:
        return nothing(NO_COHORT)
    columns = (
        Column("First bill in"),
        Column("Logos", numeric=True),
        Column("Retained", numeric=True),
        Column("Lost", numeric=True),
        Column("Unknown", numeric=True),
        Column("Retention", numeric=True),
        Column(f"{of.confidence_percent}% interval", numeric=True),
        Column("Net dollars", numeric=True),
        Column("Gross dollars", numeric=True),
    )
    table = Table(
        columns,
        tuple(_cells(one) for one in of.cohorts),
        f"Organizations by the month of their first bill over {threshold(of)}, and what of them is "
        f"retained {months_later(of)} later (actual)",
        _cells(of.pooled),
    )
    return page(verdict(of), table)


def verdict(of: NorthStar) -> str:
    """The pooled retention against the target, in words; unknown ones are never lost ones."""
    one, target = of.pooled, f"the target of {of.target_percent:g}%"
    if one.percent is None:
        return NO_COHORT
    known = one.retained + one.lost
    said = f"{one.retained:,} of {words.count(known, 'logo')} retained ({percent(one.percent)})"
    said += {
        Target.ABOVE: f": the whole interval lies at or above {target}.",
        Target.BELOW: f": the whole interval lies below {target}.",
        Target.UNDECIDED: f": from so few it cannot be told whether {target} is met.",
        Target.UNKNOWN: ".",
    }[one.target]
    if one.unknown:
        said += (
            f" {words.count(one.unknown, 'logo')} more {'is' if one.unknown == 1 else 'are'} not "
            f"known: with them it is between {percent(one.least_percent)} and "
            f"{percent(one.most_percent)}."
        )
    if one.by_handover:
        said += f" {one.by_handover:,} of the retained counts by its handover to Sales alone."
    return said


def left_out(of: NorthStar) -> Page:
    """Who is in no cohort of the table: too young, apart, or left out, each with the reason."""
    groups = [*of.young, *of.apart, *of.left_out]
    if not groups:
        return nothing("Nobody was left out.")
    table = Table(
        (
            Column("Standing"),
            Column("Why", wide=True),
            Column("First bills in"),
            Column("Organizations", numeric=True),
        ),
        tuple(
            (
                STANDINGS[Status(one.status)],
                _sentence(_why(one)),
                _spans(one.months),
                f"{one.organizations:,}",
            )
            for one in groups
        ),
        stacked=True,
    )
    return page(table, _listed(of))


def parameters(of: NorthStar) -> Page:
    """Every parameter in force with its meaning and source, and what to know of the numbers."""
    table = Table(
        (Column("Parameter"), Column("Value"), Column("Meaning", wide=True), Column("Source")),
        tuple(
            (
                one["title"],
                words.capital(in_words(one["value"])),
                _sentence(_meaning(one)),
                _sentence(one["source"]),
            )
            for one in of.parameters
        ),
        f"As of {words.day(of.as_of)}, policy {words.shown(of.policy)}",
        stacked=True,
    )
    target = f"Target: {of.target_percent:g}%, {of.target_source}."
    return page(table, *of.notes, target)


def _cells(one: Cohort) -> tuple[str, ...]:
    interval = ""
    if one.low_percent is not None:
        interval = f"{percent(one.low_percent)} to {percent(one.high_percent)}"
    return (
        month_of(one.month),
        f"{one.organizations:,}",
        f"{one.retained:,}",
        f"{one.lost:,}",
        f"{one.unknown:,}",
        percent(one.percent),
        interval,
        percent(one.net_percent),
        percent(one.gross_percent),
    )


def _listed(of: NorthStar) -> Page:
    """Each organization with its cohort and standing, on demand."""
    listed = rows(of)
    if not listed:
        return Page("", "")
    table = Table(
        (
            Column("First bill in"),
            Column("Organization"),
            Column("Standing"),
            Column("Why", wide=True),
            Column("First bill", numeric=True),
            Column("Revenue then", numeric=True),
            Column("Later", numeric=True),
        ),
        tuple(
            (
                row["cohort"] or "",
                row["name"] or row["organization_id"],
                STANDINGS[Status(row["status"])],
                _sentence(row["reason"]),
                *(_amount(row[name]) for name in ("first_bill_usd", "base_usd", "current_usd")),
            )
            for row in listed
        ),
        "USD a month, actual; a first bill of a month that runs is its forecast",
    )
    summary = f"Each of the {words.count(len(listed), 'organization')}, with its standing"
    return Page(details(summary, table.html()), f"{summary}\n{table.text()}")


def _sentence(text: str) -> Html:
    """A reason may quote an export or a vendor."""
    said = words.capital(text)
    return Html(words.sentence(said), words.plain_sentence(said))


def _why(one: Group) -> str:
    said = one.reason
    if one.looked_at:
        said += f"; {one.billed:,} of {one.looked_at:,} had a bill in the later month"
    return said


def _spans(months: Sequence[date]) -> str:
    named = [month_of(month) for month in months]
    return named[0] if len(named) == 1 else f"{named[0]} to {named[-1]}" if named else ""


def _meaning(one: Any) -> str:
    others = [in_words(choice) for choice in one["choices"] if choice != one["value"]]
    more = f" (other choices: {', '.join(others)})" if others else ""
    return f"{one['meaning']}{more}"


def _amount(text: str | None) -> str:
    return "" if text is None else words.usd(Decimal(text))


def months_later(of: NorthStar) -> str:
    """After how many months it is looked."""
    return words.count(of.treatments.months, "month")


def threshold(of: NorthStar) -> str:
    """What the first bill is over."""
    return f"${of.threshold_usd:,.10g}"


def month_of(month: date | None) -> str:
    """The month of a cohort; None is all of them."""
    return ALL if month is None else f"{month:%Y-%m}"


def percent(value: float | None) -> str:
    """A percentage with one place."""
    return "unknown" if value is None else f"{value:.1f}%"
