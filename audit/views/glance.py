"""The first screen: whose audit, the numbers that matter, and what to do first."""

import html

from audit.checks import Severity
from audit.findings.model import Audit, Finding, QualityKind
from audit.views import charts, words
from audit.views.display import Page, definitions, nothing

# Source: handbook, cs-and-onboarding/cost-optimization-reviews (two or three recommendations,
# each with its saving).
MOST_RECOMMENDATIONS = 3


def title(audit: Audit) -> Page:
    """Whose account, which days, which rules."""
    name = audit.organization_name
    facts = [
        f"Organization {words.shown(audit.organization_id)}",
        f"as of {words.day(audit.as_of)}",
        f"usage of {words.span(audit.period.start, audit.period.end)}",
        f"policy {words.shown(audit.policy)}",
        words.shown(audit.price_list),
    ]
    text = f"{words.shown(name)}\n{'; '.join(facts)}"
    items = "".join(f"<li>{words.escaped(fact, 200)}</li>" for fact in facts)
    return Page(
        f'<div class="aa-title"><p class="aa-name">{words.escaped(name)}</p>'
        f'<ul class="aa-facts">{items}</ul></div>',
        text,
    )


def at_a_glance(audit: Audit) -> Page:
    """Cards: the bill, what could be saved, the findings, and how far to trust it."""
    bill, saving = audit.bill.total, audit.joint_saving
    month = f"Estimate, {words.span(audit.period.start, audit.period.end)} as one billing month"
    if saving > 0:
        share = f"{words.percent(saving, bill)} of the bill, all fixes together. Estimate"
    else:
        share = "No finding has a saving attached"
    cards = [
        ("Bill per month", words.usd(bill), month, "bill"),
        ("Could be saved per month", words.usd(saving), share, "saving" if saving > 0 else "quiet"),
        (
            "Bill after all fixes",
            words.usd(audit.counterfactual_bill.total),
            "Estimate, the same usage with the findings fixed",
            "bill",
        ),
        _so_far(audit),
        _to_period_end(audit),
        _findings(audit),
        _not_evaluated(audit),
        _quality(audit),
    ]
    return Page(
        '<div class="aa-cards">' + "".join(_card(*card) for card in cards) + "</div>",
        "\n".join(f"{label}: {value} ({note})" for label, value, note, _ in cards),
    )


def recommendations(audit: Audit) -> Page:
    """The two or three changes worth a sentence to the customer."""
    chosen = audit.recommended[:MOST_RECOMMENDATIONS]
    if not chosen:
        return nothing(
            "Nothing to recommend: no finding of this audit saves enough to be worth a change."
            if not audit.findings
            else "No finding saves enough to be worth a change by itself. The findings below are "
            "still worth reading."
        )
    items = "".join(_recommendation(number, f, audit) for number, f in enumerate(chosen, 1))
    return Page(
        f'<ol class="aa-recommendations">{items}</ol>',
        "\n\n".join(_in_words(number, f, audit) for number, f in enumerate(chosen, 1)),
    )


def anchor(finding: Finding) -> str:
    """An id that is safe in HTML and the same on every run."""
    safe = "".join(c if c.isascii() and c.isalnum() else "-" for c in finding.id)
    return f"finding-{safe[:80]}"


def place(finding: Finding) -> str:
    """Where a finding stands: a project, a product, or the whole organization."""
    if finding.project_id is not None:
        return finding.project_name or finding.project_id
    if finding.product is not None:
        return charts.product_name(finding.product)
    return "Whole organization"


def saves(finding: Finding, audit: Audit) -> str:
    """The saving on top with its share and basis, as text."""
    saving = finding.saving
    if saving.on_top <= 0:
        return "No saving attached"
    share = words.percent(saving.on_top, audit.bill.total)
    part = f", {share} of the bill" if share else ""
    return f"{words.usd(saving.on_top)} a month{part} ({saving.basis})"


def saves_markup(finding: Finding, audit: Audit) -> str:
    """The same, large."""
    saving = finding.saving
    if saving.on_top <= 0:
        return '<p class="aa-saves"><span>No saving attached</span></p>'
    share = words.percent(saving.on_top, audit.bill.total)
    part = f"{share} of the bill, " if share else ""
    return (
        f'<p class="aa-saves"><b>{words.usd(saving.on_top)}</b> a month '
        f"<span>{part}{saving.basis}</span></p>"
    )


def _recommendation(number: int, finding: Finding, audit: Audit) -> str:
    what, how = words.first_sentence(finding.remedy)
    terms = definitions(
        (
            ("In detail", words.prose(how)),
            ("What we saw", words.sentence(finding.message)),
            ("What it takes", html.escape(words.EFFORTS[finding.effort])),
            ("What you would lose", words.prose(finding.trade_off)),
            (
                "Read more",
                f'<a href="#{anchor(finding)}">The finding and its evidence</a>, '
                + words.link(finding.docs, "documentation"),
            ),
        )
    )
    return (
        f'<li class="aa-recommendation"><div class="aa-head"><span class="aa-rank">{number}</span>'
        f'<p class="aa-what">{words.prose(what)}</p>'
        f"{saves_markup(finding, audit)}</div>{terms}</li>"
    )


def _in_words(number: int, finding: Finding, audit: Audit) -> str:
    return (
        f"{number}. {words.unmarked(finding.remedy)}\n"
        f"   Saves {saves(finding, audit)}\n"
        f"   What we saw: {words.plain_sentence(finding.message)}\n"
        f"   What it takes: {words.EFFORTS[finding.effort]}\n"
        f"   What you would lose: {words.unmarked(finding.trade_off)}\n"
        f"   {finding.docs}"
    )


def _card(label: str, value: str, note: str, kind: str) -> str:
    return (
        f'<div class="aa-card aa-{kind}"><p class="aa-label">{html.escape(label)}</p>'
        f'<p class="aa-value">{html.escape(value)}</p>'
        f'<p class="aa-note">{html.escape(note)}</p></div>'
    )


def _so_far(audit: Audit) -> tuple[str, str, str, str]:
    organization = audit.account.organization
    billed = organization["current_total_after_discount_usd"]
    start, end = organization["period_start"], organization["period_end"]
    if billed is None:
        return ("Billed so far this period", "Unknown", "PostHog's bill was not read", "quiet")
    note = "Actual, after discount"
    if start == start and end == end:
        note = f"Actual, after discount, {words.span(start.date(), end.date())}"
    return ("Billed so far this period", words.usd(billed), note, "quiet")


def _to_period_end(audit: Audit) -> tuple[str, str, str, str]:
    label = "At the end of this period"
    forecast = audit.forecast
    vendor = audit.account.organization["projected_total_after_discount_usd"]
    theirs = "" if vendor is None else f"; PostHog's own forecast is {words.usd(vendor)}"
    if forecast.total is None or forecast.end is None:
        return (label, "Unknown", words.shown(forecast.reason, 200) + theirs, "quiet")
    return (label, words.usd(forecast.total), f"Estimate by weekday run rate{theirs}", "quiet")


def _findings(audit: Audit) -> tuple[str, str, str, str]:
    found = [f.severity for f in audit.findings]
    parts = [
        f"{found.count(severity)} {words.SEVERITIES[severity].lower()}"
        for severity in Severity
        if severity in found
    ]
    note = words.joined(parts) or f"{words.count(len(audit.checks_run), 'check')} found nothing"
    return ("Findings", str(len(found)), note, "quiet")


def _not_evaluated(audit: Audit) -> tuple[str, str, str, str]:
    checks = {row.check for row in audit.not_evaluated}
    note = f"of {words.count(len(audit.checks_run), 'check')}, in at least one place"
    if not checks:
        note = f"All {words.count(len(audit.checks_run), 'check')} could be answered"
    return ("Checks not evaluated", str(len(checks)), note, "quiet")


def _quality(audit: Audit) -> tuple[str, str, str, str]:
    warnings = sum(note.kind is QualityKind.WARNING for note in audit.data_quality)
    notes = len(audit.data_quality) - warnings
    value = words.count(warnings, "warning") if warnings else "No warnings"
    return ("Data quality", value, words.count(notes, "note") + " in the last section", "quiet")
