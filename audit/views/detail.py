"""One finding in full: what to do, what it costs to do it, and how it was found."""

import html
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from audit.checks import Audience
from audit.findings.model import Audit, Finding
from audit.views import words
from audit.views.display import Column, Html, Page, Table, definitions, details
from audit.views.glance import anchor, place, saves, saves_markup
from audit.views.suppressed import decision


def detail(rank: int, finding: Finding, audit: Audit, same_as: tuple[int, Finding] | None) -> Page:
    """``same_as``: a finding of the same check that stands above with its rank; what both have in
    common is not said again."""
    decided, decided_text = decision(finding, audit)
    # What only the team reads is no fault that costs.
    saved = saves_markup(finding, audit) if finding.audience is Audience.CUSTOMER else ""
    box = f'<p class="aa-decision">{decided}</p>' if decided else ""
    text = [
        f"{rank}. {words.plain_sentence(finding.message)}",
        f"   {words.unmarked(finding.title)} ({words.shown(place(finding))})",
        f"   Saves {saves(finding, audit)}. {words.EFFORTS[finding.effort]}.",
        *([f"   {decided_text}"] if decided_text else []),
    ]
    if same_as is None:
        text += [
            f"   What you would lose: {words.unmarked(finding.trade_off)}",
            f"   {finding.docs}",
        ]
    return Page(
        f'<section class="aa-finding" id="{anchor(finding)}">'
        f'<div class="aa-head"><span class="aa-rank">{rank}</span>'
        f"<h3>{words.sentence(finding.message)}</h3>{saved}</div>"
        f'<p class="aa-where">{severity(finding).markup} {words.escaped(place(finding))}</p>'
        f"{box}{_terms(finding, same_as)}{_how(finding, same_as)}</section>",
        "\n".join(text),
    )


def severity(finding: Finding) -> Html:
    """Shape and word; a suppressed finding says so beside it."""
    mark, name = words.SEVERITY_MARKS[finding.severity], words.SEVERITIES[finding.severity]
    more = " (suppressed)" if finding.suppressed else ""
    return Html(
        f'<span class="aa-severity aa-{finding.severity.value}">'
        f'<span aria-hidden="true">{mark}</span> {name}</span>{more}',
        f"{name}{more}",
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


def _terms(finding: Finding, same_as: tuple[int, Finding] | None) -> str:
    alone = ("Alone", html.escape(_alone(finding)))
    if same_as is not None:
        rank, other = same_as
        link = f'As in <a href="#{anchor(other)}">finding {rank}</a>, in another place'
        return definitions((alone, ("What to do", link)))
    lose, costs = "What you would lose", "Why it costs"
    if finding.audience is Audience.TEAM:
        lose, costs = "Trade-off", "Why it matters"
    return definitions(
        (
            alone,
            ("What to do", words.prose(words.without_effort(finding.remedy))),
            ("What it takes", html.escape(words.EFFORTS[finding.effort])),
            (lose, words.prose(finding.trade_off)),
            (costs, words.prose(finding.why)),
            ("Read more", words.link(finding.docs, "Documentation")),
        )
    )


def _alone(finding: Finding) -> str:
    saving = finding.saving
    if saving.alone <= 0:
        return ""
    alone = f"{words.usd(saving.alone)} a month if only this is fixed"
    if saving.shapley is not None:
        alone += f"; its fair share of all fixes is {words.usd(saving.shapley)}"
    return alone


def _how(finding: Finding, same_as: tuple[int, Finding] | None) -> str:
    """Rule, limits and evidence, folded: they prove, and nobody has to read them to act."""
    rule = "" if same_as else _rule_terms(finding)
    return details("Evidence" if same_as else "Rule and evidence", rule + _evidence(finding))


def _rule_terms(finding: Finding) -> str:
    return definitions(
        (
            ("What is flagged", words.prose(finding.title)),
            ("Rule", _rule(finding)),
            ("Also in force", html.escape(_other_thresholds(finding))),
            ("Known limits", words.prose(finding.known_limits)),
            ("Source", words.prose(finding.source)),
        )
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
        stacked=True,
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
        stacked=True,
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


def _sentence(text: str) -> Html:
    return Html(words.sentence(text), words.plain_sentence(text))
