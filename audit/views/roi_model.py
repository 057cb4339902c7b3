"""What stands behind the ROI: formulas, assumptions, and for the team what its minutes return."""

import html
from decimal import Decimal

from audit.roi import Roi
from audit.roi.assumptions import Assumption
from audit.roi.document import TEAM_FORMULAS, formulas
from audit.views import words
from audit.views.display import Column, Html, Page, Table, details, page
from audit.views.roi import UNKNOWN, part

#: How values of the assumptions are written, by unit.
UNITS = {"usd": "${}", "percent": "{}%"}
COUNTED = ("hours", "minutes", "months")


def roi_assumptions(of: Roi) -> Page:
    """Every formula and every assumption, folded away; the reader's own are said openly."""
    shown = of.assumptions.shown(team=of.for_team)
    changed = [one for one in shown if one.changed]
    table = Table(
        (
            Column("Assumption"),
            Column("Value"),
            Column("Meaning", wide=True),
            Column("Source", wide=True),
        ),
        tuple(_assumption(one) for one in shown),
        stacked=True,
    )
    told = formulas(of).values()
    listed = "".join(f"<li>{html.escape(words.capital(one))}</li>" for one in told)
    inside = f"<ul>{listed}</ul>{table.html()}"
    yours = [
        f"{one.name} is {_value(one)} (else {_written(one.default, one.unit).lower()})"
        for one in changed
    ]
    people = of.assumptions.people
    yours += [f"people of {month}: {people[month]:,}" for month in sorted(people)]
    said = f"Your assumptions: {words.listed(yours)}." if yours else ""
    summary = f"The formulas, and all {len(shown)} assumptions"
    how = (
        "Nobody publishes a formula for ROI, so this one is declared. Each number can be changed, "
        "in the parameter roi_assumptions or with audit roi --set name=value."
    )
    text = "\n".join([how, said, *map(words.capital, told), table.text()])
    return Page(
        f"<p>{html.escape(how)}</p>"
        + (f"<p>{words.sentence(said)}</p>" if said else "")
        + details(summary, inside),
        text,
    )


def roi_team(of: Roi) -> Page:
    """What writing to the account returns on the specialist's minutes; empty for a customer."""
    team = of.team
    if team is None:
        return Page("", "")
    rows = (
        ("Minutes of the specialist", words.quantity(team.minutes)),
        ("Their cost", words.usd(team.cost)),
        ("Expected saving of the customer, a year", words.usd(team.expected_saving)),
        ("Expected revenue kept", words.usd(team.revenue_kept)),
        ("Net revenue", words.usd(team.net_revenue)),
        ("Worth an hour, to both together", words.usd(team.worth_an_hour)),
    )
    caption = (
        f"For a message with {words.count(len(team.in_message), 'fix', 'fixes')}; expected USD, "
        "estimates. A saving of the customer is revenue given up, so net revenue may be negative."
    )
    return page(
        part("What writing to the account returns"),
        Table((Column("Expected"), Column("", numeric=True)), rows, caption),
        "; ".join(words.capital(one) for one in TEAM_FORMULAS.values()) + ".",
    )


def _assumption(of: Assumption) -> tuple[str | Html, ...]:
    mark = " (yours)" if of.changed else ""
    return (
        of.name,
        _value(of) + mark,
        of.meaning,
        Html(words.sentence(of.source), words.plain_sentence(of.source)),
    )


def _value(of: Assumption) -> str:
    return _written(of.value, of.unit)


def _written(value: Decimal | str | None, unit: str) -> str:
    if value is None:
        return UNKNOWN
    if isinstance(value, str):
        return value or "All of them"
    if unit in COUNTED:
        return words.quantity(value) + f" {unit if value != 1 else unit.removesuffix('s')}"
    return UNITS.get(unit, "{}").format(words.quantity(value))
