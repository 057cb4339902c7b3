"""What a visitor looks at: read from a link, and written into one.

A link is typed, cut off and sent around, so nothing in it is trusted: what cannot be is left out
and said in a sentence, and the rest is kept.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from audit.views.words import shown

PORTFOLIO, ACCOUNT, SCENARIOS, REVIEW = "portfolio", "account", "scenarios", "review"
VIEWS = (PORTFOLIO, ACCOUNT, SCENARIOS, REVIEW)
#: Of an account; ``team`` only where findings for the team are shown.
TABS = ("overview", "bill", "usage", "findings", "team")
SORTS = ("queue", "saving", "bill", "renewal", "name")
#: What the portfolio is filtered by, each one value or none.
FILTERS = ("text", "state", "region", "owner", "segment", "product", "severity")
#: Of the second scenario; those of the first have no prefix.
SECOND = "b."
LONGEST = 200
MOST_PAGES = 10_000


@dataclass(frozen=True)
class State:
    """``filters``: by name of ``FILTERS``. ``first`` and ``second``: values of the scenario
    controls by name; empty is the account as it is."""

    view: str = PORTFOLIO
    organization_id: str = ""
    tab: str = TABS[0]
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = SORTS[0]
    page: int = 1
    first: Mapping[str, float] = field(default_factory=dict)
    second: Mapping[str, float] = field(default_factory=dict)

    def query(self) -> str:
        """The link's query, always the same for the same state; what is default is left out."""
        told: dict[str, Any] = {"view": self.view}
        if self.view in (ACCOUNT, SCENARIOS):
            told["organization_id"] = self.organization_id
        if self.view == ACCOUNT and self.tab != TABS[0]:
            told["tab"] = self.tab
        if self.view == PORTFOLIO:
            told |= {name: self.filters[name] for name in FILTERS if self.filters.get(name)}
            told |= {"sort": self.sort} if self.sort != SORTS[0] else {}
            told |= {"page": self.page} if self.page != 1 else {}
        if self.view == SCENARIOS:
            told |= {name: _number(self.first[name]) for name in sorted(self.first)}
            told |= {SECOND + name: _number(self.second[name]) for name in sorted(self.second)}
        return "?" + urlencode(told)


def read(query: str) -> tuple[State, tuple[str, ...]]:
    """The state of a link's query, and what of it could not be, in sentences.

    >>> read("?view=account&organization_id=acme")[0].organization_id
    'acme'
    >>> read("?view=nothing")[1]
    ('There is no view “nothing”; this is the portfolio.',)
    """
    told = {
        name: value[:LONGEST]
        for name, value in parse_qsl(query.lstrip("?")[: LONGEST * 50], keep_blank_values=False)
    }
    problems: list[str] = []
    organization_id = told.pop("organization_id", "")
    view = told.pop("view", ACCOUNT if organization_id else PORTFOLIO)
    if view not in VIEWS:
        problems.append(f"There is no view “{shown(view, 40)}”; this is the portfolio.")
        view = PORTFOLIO
    if view in (ACCOUNT, SCENARIOS) and not organization_id:
        problems.append("The link names no organization; choose one below.")
        view = PORTFOLIO
    state = State(view, organization_id if view in (ACCOUNT, SCENARIOS) else "")
    if view == PORTFOLIO:
        return _portfolio(state, told, problems), tuple(problems)
    if view == ACCOUNT:
        tab = told.get("tab", TABS[0])
        if tab not in TABS:
            problems.append(f"An account has no page “{shown(tab, 40)}”; this is the overview.")
            tab = TABS[0]
        return replace(state, tab=tab), tuple(problems)
    if view == SCENARIOS:
        first, second = _values(told, problems)
        return replace(state, first=first, second=second), tuple(problems)
    return state, tuple(problems)


def _portfolio(state: State, told: Mapping[str, str], problems: list[str]) -> State:
    sort = told.get("sort", SORTS[0])
    if sort not in SORTS:
        problems.append(f"Accounts cannot be sorted by “{shown(sort, 40)}”.")
        sort = SORTS[0]
    page = told.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 0
    if not 1 <= number <= MOST_PAGES:
        problems.append(f"There is no page “{shown(page, 40)}”; this is the first.")
        number = 1
    filters = {name: told[name] for name in FILTERS if told.get(name)}
    return replace(state, filters=filters, sort=sort, page=number)


def _values(
    told: Mapping[str, str], problems: list[str]
) -> tuple[dict[str, float], dict[str, float]]:
    first: dict[str, float] = {}
    second: dict[str, float] = {}
    for name, text in told.items():
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            problems.append(f"“{shown(text, 40)}” is no number for {shown(name, 40)}.")
            continue
        into = second if name.startswith(SECOND) else first
        into[name.removeprefix(SECOND)] = value
    return first, second


def _number(value: float) -> str:
    return f"{value:.10g}"
