"""One account: what it pays and will pay, what it uses, and what fixing its findings saves."""

import html
from collections.abc import Iterator, Sequence

from audit import views
from audit.dashboard.parts import Part, part
from audit.dashboard.state import ACCOUNT, SCENARIOS, TABS, State
from audit.findings.model import Audit
from audit.ledger.records import Contact
from audit.views import words
from audit.views.display import Column, Page, Table, nothing
from audit.views.suppressed import for_team

#: What can be taken home, by name: what it is called, and whether it takes a moment.
DOWNLOADS = {
    "report": "Report (HTML)",
    "findings": "Findings (CSV)",
    "draft": "Email draft",
}


DECIDE = "decide"
NOTES = "notes"
NO_LEDGER = "This dashboard has no ledger, so no note can be kept. Start it with one."
CURRENT = ' aria-current="page"'
TITLES = {
    "overview": "Overview",
    "bill": "Bill",
    "usage": "Usage",
    "findings": "Findings",
    "team": "For the team",
}


def parts(audit: Audit, tab: str = TABS[0]) -> Iterator[Part]:
    """One tab of the account, from the most to the least wanted, so that it fills from the top.
    ``DECIDE`` is for those who may take decisions."""
    yield part("title", views.title(audit), views.standing(audit))
    yield part("glance", views.at_a_glance(audit))
    yield part("actions", _actions(audit), _tabs(audit, tab))
    if tab == "bill":
        yield part("bill", views.bill_by_product(audit), title="Bill by product")
        yield part("ahead", views.ahead(audit), views.running(audit), title="The bill to come")
        yield part("periods", views.periods(audit), title="Past periods")
        yield part("lines", views.bill_lines(audit), title="Line by line")
    elif tab == "usage":
        yield part("usage", views.usage_by_day(audit), title="Usage by day and project")
        yield part("projects", views.usage_by_project(audit), title="Usage by project")
    elif tab == "findings":
        yield part("savings", views.savings(audit), title="From today's bill to after the fixes")
        yield part("findings", views.findings(audit), title="Findings")
        yield part(DECIDE, decide(audit), title="Leave a finding as it is")
        gaps = views.page(views.not_evaluated(audit), views.data_quality(audit))
        yield part("gaps", gaps, title="Not evaluated, and data quality")
    elif tab == "team" and for_team(audit):
        yield part("team", views.team(audit))
    else:
        yield part("recommendations", views.recommendations(audit), title="What to do")
        yield part("areas", views.areas(audit), title="Area by area")
        yield part("opportunities", views.opportunities(audit), title="Free and unused")


def _tabs(audit: Audit, tab: str) -> str:
    known = [one for one in TABS if one != "team" or for_team(audit)]
    links = "".join(
        f'<a href="{html.escape(State(ACCOUNT, audit.organization_id, one).query())}" data-keep'
        f"{CURRENT if one == tab else ''}>{TITLES[one]}</a>"
        for one in known
    )
    return f'<nav class="ab-tabs" aria-label="Of this account">{links}</nav>'


def _actions(audit: Audit) -> str:
    scenarios = html.escape(State(SCENARIOS, audit.organization_id).query())
    buttons = "".join(
        f'<button type="button" data-download="{name}">{label}</button>'
        for name, label in DOWNLOADS.items()
    )
    return (
        f'<div class="ab-actions"><a class="ab-button" href="{scenarios}">Try scenarios</a>'
        f'{buttons}<button type="button" data-copy-link>Copy link</button></div>'
    )


def decide(audit: Audit) -> str:
    """The form that suppresses a finding; what it is held against stands beside it."""
    open_ones = [one for one in audit.findings if not one.suppressed]
    if not open_ones:
        return '<p class="aa-nothing">There is no open finding.</p>'
    options = "".join(
        f'<option value="{html.escape(one.id)}">'
        f"{html.escape(words.shown(words.plain_sentence(one.message), 110))}</option>"
        for one in open_ones
    )
    return (
        '<form class="ab-form" data-submit="suppress">'
        f'<label class="ab-field ab-long"><span>Finding</span>'
        f'<select name="finding" required>{options}</select></label>'
        '<label class="ab-field ab-long"><span>Reason; reports carry it</span>'
        '<input name="reason" required maxlength="500" autocomplete="off"></label>'
        '<label class="ab-field"><span>Last day on which it holds</span>'
        '<input name="until" type="date" required></label>'
        '<label class="ab-field"><span>Only up to, USD a month</span>'
        '<input name="up_to_usd" inputmode="decimal" maxlength="20" '
        'placeholder="no cap"></label>'
        '<button type="submit">Suppress</button></form>'
        '<p class="aa-note">It stays in every list, marked. It is open again after the last day, '
        "or when its saving alone passes the cap. You answer for it: your name is kept.</p>"
    )


def notes(contacts: Sequence[Contact], *, may_write: bool, has_ledger: bool) -> Part:
    """What people wrote down of the account, newest first, and the form for another note."""
    told = sorted(contacts, key=lambda one: (one.on, one.id), reverse=True)
    shown: Table | Page = nothing("Nobody has written anything down yet.")
    if told:
        columns = (Column("Day"), Column("What"), Column("By"), Column("Note", wide=True))
        rows = tuple((words.day(c.on), words.capital(c.state), c.by, c.note) for c in told)
        shown = Table(columns, rows, stacked=True)
    form = ""
    if not has_ledger:
        form = f'<p class="aa-note">{NO_LEDGER}</p>'
    elif may_write:
        form = (
            '<form class="ab-form" data-submit="note"><label class="ab-field ab-long">'
            "<span>Note; only the team reads it</span>"
            '<input name="note" required maxlength="500" autocomplete="off"></label>'
            '<button type="submit">Keep</button></form>'
        )
    return part(NOTES, shown, form, title="Notes")
