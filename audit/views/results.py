"""What was found: every finding with its evidence, and what could not be evaluated."""

import html
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from audit.checks.engine_facts import ENGINE_FACTS
from audit.facts.runner import files_of
from audit.findings.model import Audit, Finding
from audit.views import charts, words
from audit.views.coverage import coverage, narrowed
from audit.views.display import Column, Html, Page, Table, details, nothing, page
from audit.views.display import definitions as terms
from audit.views.glance import anchor, place, saves, saves_markup

#: What a reason says that tells its reader what to do.
ADVICE = re.compile(
    r"(^|[.;:,] )(then |and )?(add|use|pull|give|name|ask|read it|set|upgrade|export|choose|wait|"
    r"connect|see)\b",
    re.IGNORECASE,
)


def findings(audit: Audit) -> Page:
    """Every finding: a table of all, then each with evidence, effort and trade-off."""
    if not audit.for_customer:
        return page(nothing(_no_findings(audit)), *_suppressed(audit))
    rows = tuple(_row(rank, f) for rank, f in enumerate(audit.for_customer, 1))
    total = ("", "All fixes together", "", "", words.usd(audit.joint_saving), "", "")
    table = Table(
        (
            Column("#", numeric=True),
            Column("Finding", wide=True),
            Column("Where"),
            Column("Severity"),
            Column("On top, USD a month", numeric=True),
            Column("Alone, USD a month", numeric=True),
            Column("Effort"),
        ),
        rows,
        "Estimates. On top: after the findings ranked above it; these add up to the total",
        total,
    )
    each = [_detail(rank, f, audit) for rank, f in enumerate(audit.for_customer, 1)]
    return page(
        f"{narrowed(audit)}." if audit.project_id else "", table, *_suppressed(audit), *each
    )


def _suppressed(audit: Audit) -> tuple[Table, ...]:
    """Findings somebody decided to live with; the decision's reason and owner are the team's."""
    found = audit.suppressed_for_customer
    if not found:
        return ()
    columns = (
        Column("Suppressed finding", wide=True),
        Column("Where"),
        Column("Severity"),
        Column("On top, USD a month", numeric=True),
        Column("Alone, USD a month", numeric=True),
        Column("Until"),
    )
    rows = tuple(
        (
            words.unmarked(one.title),
            place(one),
            _severity(one),
            words.usd(one.saving.on_top),
            words.usd(one.saving.alone),
            one.suppression.until.isoformat() if one.suppression else "",
        )
        for one in found
    )
    total = ("All of these, after all fixes", "", "", words.usd(audit.suppressed_saving), "", "")
    return (Table(columns, rows, "Estimates. Accepted until a day; not in the total above", total),)


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


def _row(rank: int, finding: Finding) -> tuple[str | Html, ...]:
    title = words.unmarked(finding.title)
    saving = finding.saving
    return (
        str(rank),
        Html(f'<a href="#{anchor(finding)}">{words.prose(finding.title)}</a>', title),
        place(finding),
        _severity(finding),
        words.usd(saving.on_top) if saving.on_top or saving.alone else "none attached",
        words.usd(saving.alone) if saving.on_top or saving.alone else "",
        words.SHORT_EFFORTS[finding.effort],
    )


def _severity(finding: Finding) -> Html:
    mark, name = words.SEVERITY_MARKS[finding.severity], words.SEVERITIES[finding.severity]
    return Html(
        f'<span class="aa-severity aa-{finding.severity.value}">'
        f'<span aria-hidden="true">{mark}</span> {name}</span>',
        name,
    )


def _detail(rank: int, finding: Finding, audit: Audit) -> Page:
    saving = finding.saving
    alone = ""
    if saving.alone > 0:
        alone = f"{words.usd(saving.alone)} a month if only this is fixed"
        if saving.shapley is not None:
            alone += f"; its fair share of all fixes is {words.usd(saving.shapley)}"
    markup = terms(
        (
            ("Alone", html.escape(alone)),
            ("What to do", words.prose(words.without_effort(finding.remedy))),
            ("What it takes", html.escape(words.EFFORTS[finding.effort])),
            ("What you would lose", words.prose(finding.trade_off)),
            ("Known limits", words.prose(finding.known_limits)),
            ("Rule", _rule(finding)),
            ("Also in force", html.escape(_other_thresholds(finding))),
            ("Why it costs", words.prose(finding.why)),
            ("Source", words.prose(finding.source)),
            ("Read more", words.link(finding.docs, "Documentation")),
        )
    )
    inside = _evidence(finding)
    text = "\n".join(
        (
            f"{rank}. {words.plain_sentence(finding.message)}",
            f"   {words.unmarked(finding.title)} ({words.shown(place(finding))})",
            f"   Saves {saves(finding, audit)}. {words.EFFORTS[finding.effort]}.",
            f"   What you would lose: {words.unmarked(finding.trade_off)}",
            f"   {finding.docs}",
        )
    )
    return Page(
        f'<section class="aa-finding" id="{anchor(finding)}">'
        f'<div class="aa-head"><span class="aa-rank">{rank}</span>'
        f"<h3>{words.sentence(finding.message)}</h3>{saves_markup(finding, audit)}</div>"
        f'<p class="aa-subtitle">{words.prose(finding.title)}</p>'
        f'<p class="aa-where">{_severity(finding).markup} {words.escaped(place(finding))}</p>'
        f"{markup}{details('Evidence', inside)}</section>",
        text,
    )


def _evidence(finding: Finding) -> str:
    table = Table(
        (
            Column("Fact"),
            Column("Value", numeric=True),
            Column("Unit"),
            Column("What it means", wide=True),
            Column("From"),
            Column("Rows read", numeric=True),
        ),
        tuple(
            (
                words.phrase(e.fact),
                value(e.value),
                e.unit,
                _sentence(e.meaning),
                e.query,
                words.quantity(e.rows),
            )
            for e in finding.evidence
        ),
    )
    prints = Table(
        (
            Column("Fact"),
            Column("Query SHA-256"),
            Column("Data SHA-256"),
            Column("Asked of the source", wide=True),
        ),
        tuple(
            (
                words.phrase(e.fact),
                e.query_sha256[:16],
                e.data_sha256[:16],
                _sentence(e.source_query),
            )
            for e in finding.evidence
        ),
    )
    return (
        f"{table.html()}{details('How to get it again', prints.html())}"
        f'<p class="aa-note">Finding {words.escaped(finding.id, 120)}, '
        f"check {words.escaped(finding.check)}</p>"
    )


def _rule(finding: Finding) -> str:
    """The rule with the value in force beside the name of each threshold."""
    rule = words.prose(finding.rule)
    for name, number in finding.thresholds.items():
        valued = f"<code>{name}</code> ({html.escape(words.threshold_value(name, value(number)))})"
        rule = rule.replace(f"<code>{name}</code>", valued)
    return rule


def _other_thresholds(finding: Finding) -> str:
    """Thresholds that the rule does not name, such as where a finding turns urgent."""
    return "; ".join(
        words.threshold(name, value(number))
        for name, number in finding.thresholds.items()
        if f"``{name}``" not in finding.rule
    )


def value(of: Any) -> str:
    """A fact's value as text, whatever its type."""
    if of is None or of is pd.NA or (isinstance(of, float) and of != of):
        return "unknown"
    if isinstance(of, bool):
        return "yes" if of else "no"
    if isinstance(of, Decimal):
        return f"{of:,f}"
    if isinstance(of, int):
        return f"{of:,}"
    if isinstance(of, float):
        return f"{of:,.4g}" if abs(of) < 1 else f"{of:,.2f}".removesuffix(".00")
    if isinstance(of, Mapping | list | tuple):
        return words.joined([value(part) for part in of]) or "none"
    if hasattr(of, "item"):
        return value(of.item())
    return str(of) or "empty"


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
