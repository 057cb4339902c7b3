"""The index of a folder of reports: one offline page to search, sort, filter and add up.

All rows travel as data and the script draws those that are looked at, so that thousands open at
once. Texts of customers reach the page as text nodes only.
"""

import html as escaping
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from string import Template
from typing import Any

from audit.report.bundle import sha256
from audit.report.parts import asset, content_policy, replaced
from audit.views.words import visible

#: So many rows stand in the page itself, for readers without JavaScript.
WITHOUT_SCRIPT = 100

DONE = "done"

#: Stands in every index of ours, and tells it from other people's pages.
MARK = '<meta name="generator" content="account-audit index">'


@dataclass(frozen=True)
class Entry:
    """One account. Texts are unescaped. ``page`` and ``drafts`` are links relative to the index;
    ``no_draft`` says why there is none. Money as text in USD, estimates a billing month; None is
    unknown."""

    organization_id: str
    name: str
    status: str = DONE
    page: str | None = None
    drafts: str | None = None
    no_draft: str = ""
    owner: str | None = None
    region: str | None = None
    tasks: tuple[str, ...] = ()
    renewal_on: str | None = None
    due_on: str | None = None
    bill_usd: str | None = None
    joint_saving_usd: str | None = None
    findings_count: int | None = None
    needs_action_count: int | None = None
    not_evaluated_count: int | None = None
    headline: str = ""
    problem: str = ""


def write(entries: Iterable[Entry], path: Path, *, title: str, about: str) -> Path:
    """The page as a file. ``about``: what the accounts were audited by, in a sentence."""
    return replaced(path, html(list(entries), title=title, about=about))


def html(entries: Sequence[Entry], *, title: str, about: str) -> str:
    """The page, the largest joint saving first; failed accounts stand before the others."""
    ordered = sorted(entries, key=_order)
    script = asset("index.js")
    data = json.dumps([_row(one) for one in ordered], ensure_ascii=False, separators=(",", ":"))
    return Template(asset("index.html")).substitute(
        policy=content_policy(f"'sha256-{sha256(script)}'"),
        title=escaping.escape(visible(title)),
        about=escaping.escape(visible(about)),
        style=asset("index.css"),
        few=_without_script(ordered),
        data=data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"),
        script=script,
    )


def _order(one: Entry) -> tuple[bool, int, str, str]:
    return (one.status == DONE, -(_cents(one.joint_saving_usd) or 0), one.name, one.organization_id)


def _row(one: Entry) -> list[Any]:
    """As index.js reads it."""
    return [
        visible(one.name),
        visible(one.organization_id),
        one.status,
        one.page,
        one.drafts,
        visible(one.owner or ""),
        visible(one.region or ""),
        [visible(task) for task in one.tasks],
        one.renewal_on,
        one.due_on,
        _cents(one.bill_usd),
        _cents(one.joint_saving_usd),
        one.findings_count,
        one.needs_action_count,
        one.not_evaluated_count,
        visible(one.problem or one.headline),
        visible(one.no_draft),
    ]


def _cents(usd: str | None) -> int | None:
    """Whole cents, so that the script adds them exactly."""
    return None if usd is None else int(Decimal(usd).scaleb(2).to_integral_value())


def _without_script(entries: Sequence[Entry]) -> str:
    shown = entries[:WITHOUT_SCRIPT]
    lines = "".join(
        f"<li>{_link(one)} {escaping.escape(visible(one.problem or one.headline))}</li>"
        for one in shown
    )
    return (
        f"<p>Without JavaScript this page shows {len(shown):,} of {len(entries):,} accounts.</p>"
        f"<ul>{lines}</ul>"
    )


def _link(one: Entry) -> str:
    name = escaping.escape(visible(one.name))
    return f'<a href="{escaping.escape(one.page)}">{name}</a>' if one.page else name
