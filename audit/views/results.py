"""What was found: every finding with its evidence, and what could not be evaluated."""

import re
from collections.abc import Iterator, Sequence

from audit.checks.engine_facts import ENGINE_FACTS
from audit.facts.runner import files_of
from audit.findings.model import Audit, Finding
from audit.views import charts, words
from audit.views.coverage import coverage, narrowed
from audit.views.detail import detail, severity
from audit.views.display import Column, Html, Page, Table, nothing, page
from audit.views.glance import UNKNOWN, anchor, place
from audit.views.suppressed import decision, plus_suppressed

#: What a reason says that tells its reader what to do.
ADVICE = re.compile(
    r"(^|[.;:,] )(then |and )?(add|use|pull|give|name|ask|read it|set|upgrade|export|choose|wait|"
    r"connect|see)\b",
    re.IGNORECASE,
)


def findings(audit: Audit) -> Page:
    """Every finding: a table of all, then each with evidence, effort and trade-off; those that
    are suppressed after the open ones, in a table of their own."""
    open_ones, hidden = audit.for_customer, audit.suppressed_for_customer
    parts: list[Page | Table | str] = []
    if open_ones:
        parts.append(f"{narrowed(audit)}." if audit.project_id else "")
        parts.append(_open_table(audit))
    else:
        parts.append(nothing(_no_findings(audit)))
    if hidden:
        parts.append(_suppressed_table(audit, len(open_ones)))
    return page(*parts, *_each((*open_ones, *hidden), audit))


def _open_table(audit: Audit) -> Table:
    more = plus_suppressed(audit)
    name = f"All fixes together, {more}" if more else "All fixes together"
    total = ("", name, "", "", words.usd(audit.joint_saving), "", "")
    return Table(
        (
            Column("#", numeric=True),
            Column("Finding", wide=True),
            Column("Where"),
            Column("Severity"),
            Column("On top", numeric=True),
            Column("Alone", numeric=True),
            Column("Effort"),
        ),
        tuple(
            (*_first_cells(rank, one), words.SHORT_EFFORTS[one.effort])
            for rank, one in enumerate(audit.for_customer, 1)
        ),
        "USD a month, estimates. On top: after those ranked above it, so these add up to the total",
        total,
        stacked=True,
    )


def _suppressed_table(audit: Audit, ranked: int) -> Table:
    saving = words.usd(audit.suppressed_saving) if audit.usage_is_known else UNKNOWN
    return Table(
        (
            Column("#", numeric=True),
            Column("Suppressed finding", wide=True),
            Column("Where"),
            Column("Severity"),
            Column("On top", numeric=True),
            Column("Alone", numeric=True),
            Column("Decision", wide=True),
        ),
        tuple(
            (*_first_cells(rank, one), Html(*decision(one, audit)))
            for rank, one in enumerate(audit.suppressed_for_customer, ranked + 1)
        ),
        "USD a month, estimates, after all fixes. Left as they are on purpose, so in no total",
        ("", "All of these, after all fixes", "", "", saving, "", ""),
        stacked=True,
    )


def _first_cells(rank: int, finding: Finding) -> tuple[str | Html, ...]:
    title = words.unmarked(finding.title)
    saving = finding.saving
    saves = saving.on_top or saving.alone
    return (
        str(rank),
        Html(f'<a href="#{anchor(finding)}">{words.prose(finding.title)}</a>', title),
        place(finding),
        severity(finding),
        words.usd(saving.on_top) if saves else "none attached",
        words.usd(saving.alone) if saves else "",
    )


def _each(found: Sequence[Finding], audit: Audit) -> Iterator[Page]:
    """Each in full; the second of the same kind refers to the first."""
    first: dict[str, tuple[int, Finding]] = {}
    for rank, one in enumerate(found, 1):
        yield detail(rank, one, audit, first.get(one.check))
        first.setdefault(one.check, (rank, one))


def not_evaluated(audit: Audit) -> Page:
    """Checks that could not be answered, with what is missing and what to do about it."""
    if not audit.not_evaluated:
        return nothing(
            f"Everything could be evaluated: {words.count(len(audit.checks_run), 'check')} ran in "
            "every place they apply to."
        )
    names = dict(
        zip(audit.account["projects"]["project_id"], audit.account["projects"]["name"], strict=True)
    )
    places: dict[tuple[str, str, str], list[str]] = {}
    for row in audit.not_evaluated:
        where = _place(names.get(row.project_id or ""), row.project_id, row.product)
        places.setdefault((row.check, row.missing, row.reason), []).append(where)
    rows = tuple(
        (
            words.phrase(check),
            _places(where),
            words.phrase(missing),
            _sentence(_with_advice(words.capital(reason), missing)),
        )
        for (check, missing, reason), where in places.items()
    )
    return page(
        "These are neither passed nor failed.",
        Table(
            (
                Column("Check"),
                Column("Where"),
                Column("Missing"),
                Column("Why, and what to do", wide=True),
            ),
            rows,
            stacked=True,
        ),
    )


def _no_findings(audit: Audit) -> str:
    answers = coverage(audit)
    text = f"No findings: {answers.in_words}." if answers.evaluated else f"{answers.in_words}."
    gaps = answers.nowhere or answers.in_part
    text += " What is missing, and what to do, stands below." if gaps else ""
    return text + (f" {narrowed(audit)}." if audit.project_id else "")


def _with_advice(reason: str, fact: str) -> str:
    """The reason with what to do about it, unless it says so itself."""
    if ADVICE.search(reason):
        return reason
    tables = sorted({file.fact(fact).table for file in files_of(fact)})
    if fact in ENGINE_FACTS:
        tables = [ENGINE_FACTS[fact].table]
    if not tables:
        return reason
    named = " and ".join(tables)
    return (
        f"{reason.rstrip('.')}. Pull again with a key that may read it, or add {named} as a file; "
        "docs/tables.md lists the columns."
    )


def _sentence(text: str) -> Html:
    return Html(words.sentence(text), words.plain_sentence(text))


def _place(name: object, project_id: str | None, product: str | None) -> str:
    if project_id is not None:
        return name if isinstance(name, str) and name.strip() else project_id
    return "Whole organization" if product is None else charts.product_name(product)


def _places(where: list[str]) -> Html:
    distinct = list(dict.fromkeys(where))
    some = distinct[:4]
    more = f" and {len(distinct) - len(some)} more" if len(distinct) > len(some) else ""
    return Html(
        ", ".join(words.escaped(name) for name in some) + more,
        ", ".join(words.shown(name) for name in some) + more,
    )
