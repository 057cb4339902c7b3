"""What somebody decided to live with: marked as such, and never in a total without a word.

When a decision ends and up to what it holds stands on every page; who took it and why stands
on the page of the team alone.
"""

import html

from audit.findings.model import Audit, Finding
from audit.ledger import State, Suppression, Why
from audit.views import words
from audit.views.display import Column, Html, Page, Table, nothing, page

OPEN_AGAIN = {
    Why.CAP_PASSED: "what it saves alone has passed that",
    Why.SAVING_UNKNOWN: "what it saves is not known, so nothing can be held against that",
    Why.EXPIRED: "the day has passed",
}

#: What has become of a decision; lifted ones do not reach a page.
STATES = {
    State.SUPPRESSES: "In force",
    State.REOPENED: "Open again",
    State.UNUSED: "Matches no finding",
    State.NOT_EVALUATED: "Could not be told",
    State.EXPIRED: "Over",
}


def for_team(audit: Audit) -> bool:
    """Whether the page is for the vendor's own team."""
    return audit.arguments.get("audience") == "team"


def plus_suppressed(audit: Audit) -> str:
    """What stands beside a joint saving: 'plus $40.00 suppressed (1 finding)', or nothing."""
    hidden = len(audit.suppressed_for_customer)
    if not hidden:
        return ""
    findings = words.count(hidden, "finding")
    if not audit.usage_is_known:
        return f"plus {findings} suppressed, saving unknown"
    return f"plus {words.usd(audit.suppressed_saving)} suppressed ({findings})"


def decision(finding: Finding, audit: Audit) -> tuple[str, str]:
    """The decision about a finding as markup and as text; both empty where there is none."""
    one = finding.suppression
    if one is None:
        return "", ""
    held = _held(one)
    head = f"Suppressed {held}"
    if finding.reopened is not None:
        head = f"Was suppressed {held}, and is open again: {OPEN_AGAIN[finding.reopened]}"
    if not for_team(audit):
        return f"{html.escape(head)}.", f"{head}."
    return (
        f"{html.escape(head)}. By {words.escaped(one.owner)}: {words.sentence(one.reason)}",
        f"{head}. By {words.shown(one.owner)}: {words.plain_sentence(one.reason)}",
    )


def decisions(audit: Audit) -> Page:
    """Every decision about the account and what has become of it; for the team."""
    if not audit.suppressions:
        return nothing("Nobody has suppressed a finding of this account.")
    columns = (
        Column("Decision"),
        Column("Check"),
        Column("Where"),
        Column("What has become of it"),
        Column("Holds"),
        Column("By"),
        Column("Why", wide=True),
    )
    rows = tuple(
        (
            str(standing.suppression.id),
            words.phrase(standing.suppression.check),
            standing.suppression.project_id or standing.suppression.product or "Everywhere",
            STATES.get(standing.state, words.phrase(standing.state)),
            words.capital(_held(standing.suppression)),
            standing.suppression.owner,
            Html(
                words.sentence(standing.suppression.reason),
                words.plain_sentence(standing.suppression.reason),
            ),
        )
        for standing in audit.suppressions
    )
    return page(Table(columns, rows, stacked=True))


def _held(one: Suppression) -> str:
    most = "" if one.up_to_usd is None else f", while it saves {words.usd(one.up_to_usd)} at most"
    return f"until {words.day(one.until)}{most}"
