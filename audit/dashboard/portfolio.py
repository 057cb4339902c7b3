"""The portfolio: which accounts there are, what they could save together, and whom to call."""

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from audit.dashboard.board import Board
from audit.dashboard.parts import Part, Plain, part
from audit.dashboard.state import ACCOUNT, SORTS, State
from audit.views import words
from audit.views.display import Html
from audit.views.portfolio import spread

ROWS_A_PAGE = 25
#: Standard deviations on either side that hold 80% of a normal distribution.
EIGHT_OF_TEN = 1.2815515655446004
Row = Mapping[str, Any]

SORT_LABELS = {
    "queue": "Most worth a call",
    "saving": "Joint saving",
    "bill": "Bill",
    "renewal": "Renewal date",
    "name": "Name",
}
LABELS = {
    "state": ("Status", "Any status"),
    "region": ("Region", "All regions"),
    "owner": ("Owner", "Anyone"),
    "segment": ("Segment", "All segments"),
    "product": ("Finding about", "Any product"),
    "severity": ("Severity", "Any severity"),
}
STATES = {"due": "Due", "waiting": "Waiting", "held": "Held"}
NOBODY = "nobody"


def found(board: Board, state: State) -> list[Row]:
    """The rows that all filters leave, in the order asked for."""
    rows = [row for row in board.rows if _is_left(row, state.filters)]
    if state.sort == "saving":
        rows.sort(key=lambda row: -_money(row["joint_saving_usd"]))
    elif state.sort == "bill":
        rows.sort(key=lambda row: -_money(row["bill_usd"]))
    elif state.sort == "renewal":
        rows.sort(key=lambda row: row["renewal_on"] or "9999")
    elif state.sort == "name":
        rows.sort(key=lambda row: row["name"].casefold())
    return rows


def drawn(board: Board, state: State) -> list[Plain]:
    """All parts as they travel. Those of the first view are kept, because every visitor sees it."""
    query = state.query()
    if query in board.drawn:
        return board.drawn[query]
    made = [one.plain() for one in parts(board, state)]
    if state == State():
        board.drawn[query] = made
    return made


def parts(board: Board, state: State) -> Iterator[Part]:
    """Controls, totals, the table of one page, and how the savings are spread."""
    yield part("filters", _filters(board, state))
    yield from results(board, state)


def results(board: Board, state: State) -> Iterator[Part]:
    """What follows the filters."""
    rows = found(board, state)
    yield part("totals", _totals(board, rows))
    yield part("accounts", _accounts(rows, state))
    yield part("spread", spread(_frame(rows)), title="How the savings are spread")


def on_the_page(board: Board, state: State) -> list[str]:
    """The ids of the accounts that stand on the page, in its order."""
    rows = found(board, state)
    return [row["organization_id"] for row in _page(rows, state)[0]] if rows else []


def brief(row: Row) -> Iterator[Part]:
    """What the queue knows of an account, until it has been audited."""
    name = words.escaped(row["name"])
    yield part("title", f'<div class="aa-title"><p class="aa-name">{name}</p></div>')
    cards = [
        ("Bill", words.usd(_known(row["bill_usd"])), "a month (estimate)"),
        ("Joint saving", words.usd(_known(row["joint_saving_usd"])), "a month (estimate)"),
        ("Findings", f"{row['findings']:,}", f"{row['needs_action']:,} need action"),
        ("Renews", _day(row["renewal_on"]) if row["renewal_on"] else "unknown", ""),
    ]
    yield part("glance", _cards(cards))


def _cards(cards: Sequence[tuple[str, str, str]]) -> str:
    drawn = "".join(
        f'<div class="aa-card"><p class="aa-label">{html.escape(label)}</p>'
        f'<p class="aa-value">{html.escape(value)}</p>'
        f'<p class="aa-note">{html.escape(note)}</p></div>'
        for label, value, note in cards
    )
    return f'<div class="aa-cards">{drawn}</div>'


def _is_left(row: Row, filters: Mapping[str, str]) -> bool:
    if text := filters.get("text", "").casefold().strip():
        near = f"{row['name']} {row['organization_id']} {row['owner'] or ''}".casefold()
        if text not in near:
            return False
    for name in ("state", "region"):
        if filters.get(name) and row[name] != filters[name]:
            return False
    owner = filters.get("owner")
    if owner and (row["owner"] or NOBODY) != owner:
        return False
    within = {"segment": "segments", "product": "products", "severity": "severities"}
    return all(not filters.get(name) or filters[name] in row[of] for name, of in within.items())


def _filters(board: Board, state: State) -> str:
    boxes = [
        '<label class="ab-field ab-search"><span>Search</span><input type="search" name="text" '
        f'placeholder="Name, id or owner" maxlength="200" value="{_attribute(state, "text")}">'
        "</label>"
    ]
    for name, (label, anything) in LABELS.items():
        known = board.choices[name]
        if name == "owner" and any(not row["owner"] for row in board.rows):
            known = [*known, NOBODY]
        if len(known) < 2 and not state.filters.get(name):
            continue
        options = [(value, _choice(name, value)) for value in known]
        boxes.append(_select(name, label, [("", anything), *options], state.filters.get(name, "")))
    boxes.append(_select("sort", "Order", [(s, SORT_LABELS[s]) for s in SORTS], state.sort))
    return (
        '<form class="ab-form" data-form="filters" role="search" '
        f'aria-label="Filter the accounts">{"".join(boxes)}'
        '<button type="reset" class="ab-quiet">Clear</button></form>'
    )


def _select(name: str, label: str, options: Sequence[tuple[str, str]], chosen: str) -> str:
    if chosen not in dict(options):
        options = [*options, (chosen, f"{words.shown(chosen, 40)} (none)")]
    drawn = "".join(
        f'<option value="{html.escape(value)}"{" selected" if value == chosen else ""}>'
        f"{html.escape(words.shown(text, 60))}</option>"
        for value, text in options
    )
    return (
        f'<label class="ab-field"><span>{label}</span>'
        f'<select name="{name}">{drawn}</select></label>'
    )


def _attribute(state: State, name: str) -> str:
    return html.escape(words.visible(state.filters.get(name, "")))


def _choice(name: str, value: str) -> str:
    if name == "state":
        return STATES[value]
    return words.phrase(value) if name in ("severity", "product") else value


def _totals(board: Board, rows: Sequence[Row]) -> str:
    known = [row for row in rows if row["bill_usd"] is not None]
    saving = sum((_money(row["joint_saving_usd"]) for row in known), Decimal(0))
    bill = sum((_money(row["bill_usd"]) for row in known), Decimal(0))
    renewing = [row for row in rows if row["renewal_on"]]
    unknown = len(rows) - len(known)
    cards = [
        ("Accounts", f"{len(rows):,}", f"of {len(board.rows):,}"),
        (
            "Joint savings",
            words.usd(saving),
            f"a month (estimate), {words.percent(saving, bill) or '0%'} of their bills"
            + _between(known, saving),
        ),
        (
            "Bills",
            words.usd(bill),
            "a month (estimate)" + (f", {unknown:,} not known" if unknown else ""),
        ),
        (
            "Due now",
            f"{sum(row['state'] == 'due' for row in rows):,}",
            f"{sum(row['is_late'] for row in rows):,} late",
        ),
        (
            "Need action",
            f"{sum(row['needs_action'] > 0 for row in rows):,}",
            "accounts with a finding that does",
        ),
        (
            "Next renewal",
            _day(min(row["renewal_on"] for row in renewing)) if renewing else "unknown",
            f"as of {board.as_of}, policy {words.shown(board.policy)}",
        ),
    ]
    return _cards(cards)


def _between(rows: Sequence[Row], whole: Decimal) -> str:
    """How much of a joint saving comes true in eight of ten cases, once all of it is done."""
    mean = sum(row["comes_true_usd"] for row in rows)
    spread = EIGHT_OF_TEN * math.sqrt(sum(row["comes_true_variance"] for row in rows))
    if not spread:
        return ""
    low, high = (min(max(mean + by, 0), float(whole)) for by in (-spread, spread))
    return f"; done, {_usd(low)} to {_usd(high)} come true in 8 of 10 cases"


def _usd(amount: float) -> str:
    return words.usd(Decimal(round(100 * amount)) / 100)


def _accounts(rows: Sequence[Row], state: State) -> str:
    if not rows:
        return (
            '<p class="aa-nothing">No account is left by these filters. Clear them, or search for '
            "part of a name.</p>"
        )
    shown, page, pages = _page(rows, state)
    head = (
        ("Organization", ""),
        ("Renews", ""),
        ("Joint saving, USD a month", "aa-number"),
        ("Bill, USD a month", "aa-number"),
        ("Risks", "aa-number"),
        ("Status", ""),
        ("Why", "aa-wide"),
    )
    titles = "".join(f'<th scope="col" class="{kind}">{name}</th>' for name, kind in head)
    body = "".join(_row(row) for row in shown)
    return (
        f"<h2>{words.count(len(rows), 'account')}, {SORT_LABELS[state.sort].lower()} first</h2>"
        '<div class="aa-scroll"><table class="aa-table aa-stacked ab-accounts">'
        "<caption>Estimates. Open an account to see its bill, usage and findings.</caption>"
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>"
        f"{_pages(page, pages, state)}"
    )


def _page(rows: Sequence[Row], state: State) -> tuple[Sequence[Row], int, int]:
    """The rows of one page, which page it is, and of how many."""
    pages = -(-len(rows) // ROWS_A_PAGE)
    page = min(state.page, pages)
    start = (page - 1) * ROWS_A_PAGE
    return rows[start : start + ROWS_A_PAGE], page, pages


def _row(row: Row) -> str:
    link = html.escape(State(ACCOUNT, row["organization_id"]).query())
    renews = _day(row["renewal_on"]) if row["renewal_on"] else "unknown"
    if row["renewal_on"] and row["renewal_is_assumed"]:
        renews += " (end of the billing period)"
    tasks = words.joined([words.phrase(task) for task in row["tasks"]])
    late = ", late" if row["is_late"] else ""
    status = f"{STATES.get(row['state'], row['state'])}{late}" + (f": {tasks}" if tasks else "")
    place = words.joined([row["region"] or "", row["owner"] or NOBODY])
    why = Html(words.sentence(row["why"][0]), "").markup if row["why"] else ""
    cells = (
        (
            "",
            "Organization",
            f'<a href="{link}">{words.escaped(row["name"])}</a><br>'
            f'<span class="aa-note">{words.escaped(place)}</span>',
        ),
        ("", "Renews", html.escape(renews)),
        ("aa-number", "Joint saving", words.usd(_known(row["joint_saving_usd"]))),
        ("aa-number", "Bill", words.usd(_known(row["bill_usd"]))),
        ("aa-number", "Risks", f"{row['risks']}"),
        ("", "Status", html.escape(words.capital(status))),
        ("aa-wide", "Why", why),
    )
    return (
        "<tr>"
        + "".join(
            f'<td class="{kind}" data-label="{label}"><div>{markup}</div></td>'
            for kind, label, markup in cells
        )
        + "</tr>"
    )


def _pages(page: int, pages: int, state: State) -> str:
    if pages == 1:
        return ""
    from dataclasses import replace

    def link(to: int, text: str) -> str:
        if not 1 <= to <= pages:
            return f'<span class="ab-off" aria-disabled="true">{text}</span>'
        return f'<a href="{html.escape(replace(state, page=to).query())}" data-keep>{text}</a>'

    return (
        f'<nav class="ab-pages" aria-label="Pages">{link(page - 1, "Previous")}'
        f"<span>Page {page:,} of {pages:,}</span>{link(page + 1, 'Next')}</nav>"
    )


def _frame(rows: Sequence[Row]) -> pd.DataFrame:
    """The rows as the chart of the reports takes them."""
    known = [row for row in rows if row["joint_saving_usd"] is not None]
    known.sort(key=lambda row: -_money(row["joint_saving_usd"]))
    return pd.DataFrame(
        {
            "organization_id": [row["organization_id"] for row in known],
            "name": [row["name"] for row in known],
            "joint_saving_usd": [float(row["joint_saving_usd"]) for row in known],
        }
    )


def _known(money: str | None) -> Decimal | None:
    return None if money is None else Decimal(money)


def _money(money: str | None) -> Decimal:
    return Decimal(money) if money is not None else Decimal(-1)


def _day(text: str) -> str:
    return words.day(date.fromisoformat(text))
