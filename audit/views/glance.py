"""The first screen: whose audit, the numbers that matter, and what to do first."""

import html
from decimal import Decimal

from audit.checks import Severity
from audit.findings.model import RECOMMENDED_FROM_USD, Audit, Finding, QualityKind
from audit.views import charts, words
from audit.views.coverage import coverage, in_window, narrowed, only_project, quantities
from audit.views.display import Page, definitions, nothing
from audit.views.suppressed import plus_suppressed

# Source: handbook, onboarding/onboarding-conversations-playbook (at most five, ordered by impact,
# fewer rather than padded).
MOST_RECOMMENDATIONS = 5

UNKNOWN = "Unknown"
ZERO = Decimal("0.00")


def title(audit: Audit) -> Page:
    """Whose account, which days, which rules."""
    name = audit.organization_name
    days = f"usage of {words.span(audit.period.start, audit.period.end)}"
    facts = [
        f"Organization {words.shown(audit.organization_id)}",
        f"as of {words.day(audit.as_of)}",
        days if in_window(audit) else audit.quantities_of,
        f"policy {words.shown(audit.policy)}",
        words.shown(audit.price_list),
        *filter(None, [narrowed(audit)]),
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
    cards = [
        _bill(audit),
        _saving(audit),
        _after(audit),
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
    """The changes worth a sentence to the customer, five at most."""
    chosen = audit.recommended[:MOST_RECOMMENDATIONS]
    if not chosen:
        return nothing(_nothing_to_recommend(audit))
    items = "".join(_recommendation(number, f, audit) for number, f in enumerate(chosen, 1))
    shown = {f.id for f in chosen}
    rest = [f for f in audit.for_customer if f.id not in shown]
    pointer, cut_off = _pointer(rest), _cut_off(audit)
    link = ""
    if pointer:
        link = f'{html.escape(pointer)}; see <a href="#{anchor(rest[0])}">Findings</a>. '
    return Page(
        f'<ol class="aa-recommendations">{items}</ol>'
        f'<p class="aa-note">{link}{html.escape(cut_off)}</p>',
        "\n\n".join(
            [
                *(_in_words(number, f, audit) for number, f in enumerate(chosen, 1)),
                (f"{pointer}; see Findings. " if pointer else "") + cut_off,
            ]
        ),
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
    what = words.prose(of_what(finding) + what)
    terms = definitions(
        (
            ("In detail", words.prose(words.without_effort(how))),
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
        f'<p class="aa-what">{what}</p>'
        f"{saves_markup(finding, audit)}</div>{terms}</li>"
    )


def _in_words(number: int, finding: Finding, audit: Audit) -> str:
    return (
        f"{number}. {words.unmarked(of_what(finding) + words.without_effort(finding.remedy))}\n"
        f"   Saves {saves(finding, audit)}\n"
        f"   What we saw: {words.plain_sentence(finding.message)}\n"
        f"   What it takes: {words.EFFORTS[finding.effort]}\n"
        f"   What you would lose: {words.unmarked(finding.trade_off)}\n"
        f"   {finding.docs}"
    )


def of_what(finding: Finding, said: str = "") -> str:
    """The product of a remedy that is the same for any, unless it was ``said`` already."""
    where = place(finding) if finding.product is not None else said
    return f"{where}: " if where != said else ""


def _card(label: str, value: str, note: str, kind: str) -> str:
    return (
        f'<div class="aa-card aa-{kind}"><p class="aa-label">{html.escape(label)}</p>'
        f'<p class="aa-value">{html.escape(value)}</p>'
        f'<p class="aa-note">{html.escape(note)}</p></div>'
    )


def _nothing_to_recommend(audit: Audit) -> str:
    if audit.for_customer:
        return (
            f"No finding saves at least {words.usd(RECOMMENDED_FROM_USD)} a month by itself. The "
            "findings below are still worth reading."
        )
    answers = coverage(audit)
    if not answers.evaluated:
        return "No check could be evaluated. What is missing, and what to do, stands below."
    if answers.nowhere or answers.in_part:
        return f"Nothing to recommend: {answers.in_words}. What is missing stands below."
    more = f" {words.capital(plus_suppressed(audit))}." if audit.suppressed_for_customer else ""
    return f"Nothing to recommend: no check found anything that saves enough to act on.{more}"


def _pointer(rest: list[Finding]) -> str:
    """What the findings that are not recommended save. Savings on top add up."""
    saving = [f.saving.on_top for f in rest if f.saving.on_top > 0]
    free = words.count(len(rest) - len(saving), "more finding")
    have = "has" if len(rest) - len(saving) == 1 else "have"
    if not saving:
        return f"{free} {have} no saving attached" if rest else ""
    together = " together" if len(saving) > 1 else ""
    verb = "saves" if len(saving) == 1 else "save"
    text = (
        f"{words.count(len(saving), 'more finding')} {verb} {words.usd(sum(saving, ZERO))} a month"
    )
    more = f", and {free} {have} no saving attached" if len(rest) > len(saving) else ""
    return f"{text}{together} (estimate){more}"


def _cut_off(audit: Audit) -> str:
    narrow, more = narrowed(audit), plus_suppressed(audit)
    return (
        f"Recommended are the findings that save most, {MOST_RECOMMENDATIONS} at most, each at "
        f"least {words.usd(RECOMMENDED_FROM_USD)} a month on top of those above it."
        + (f" {words.capital(more)}." if more else "")
        + (f" {narrow}." if narrow else "")
    )


def _bill(audit: Audit) -> tuple[str, str, str, str]:
    label, bill = "Bill per month", audit.bill.total
    if audit.usage_is_known:
        return (label, words.usd(bill), f"Estimate, {quantities(audit)}", "bill")
    note = "No usage of these days is known"
    if bill:
        note += f"; the packages alone are {words.usd(bill)} (estimate)"
    return (label, UNKNOWN, note, "quiet")


def _saving(audit: Audit) -> tuple[str, str, str, str]:
    label, saving, answers = "Could be saved per month", audit.joint_saving, coverage(audit)
    if not audit.usage_is_known:
        return (label, UNKNOWN, "No usage of these days is known", "quiet")
    if not answers.evaluated:
        return (label, UNKNOWN, "No check could be evaluated", "quiet")
    project = only_project(audit)
    more = plus_suppressed(audit)
    more = f"; {more}" if more else ""
    fixes = "all fixes together"
    if project:
        fixes += f", of the projects only those of {project}"
    if saving > 0:
        share = f"{words.percent(saving, audit.bill.total)} of the bill, {fixes} (estimate)"
        return (label, words.usd(saving), f"{share}{more}", "saving")
    note = "No finding has a saving attached"
    if project:
        note += f"; of the projects, {project} only"
    if answers.nowhere:
        note += f"; {answers.nowhere} of {words.count(answers.run, 'check')} not evaluated"
    return (label, words.usd(saving), f"{note}{more}", "quiet")


def _after(audit: Audit) -> tuple[str, str, str, str]:
    label = "Bill after all fixes"
    if not audit.usage_is_known:
        return (label, UNKNOWN, "No usage of these days is known", "quiet")
    which = "the open findings" if audit.suppressed_for_customer else "the findings"
    note = f"Estimate, the same usage with {which} fixed"
    return (label, words.usd(audit.counterfactual_bill.total), note, "bill")


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
    vendor, of_what = _vendor_forecast(audit)
    theirs = "" if vendor is None else f"PostHog's own forecast{of_what} is {words.usd(vendor)}"
    if forecast.total is not None and forecast.lines and forecast.start and forecast.end:
        note = (
            f"Estimate, {words.span(forecast.start, forecast.end)}, with packages, limits and "
            f"discounts; in 8 of 10 cases {words.between(forecast.total)}"
        )
        return (
            label,
            words.usd(forecast.total.mean),
            note + (f"; {theirs}" if theirs else ""),
            "quiet",
        )
    why = words.shown(forecast.reason, 200)
    if vendor is None:
        return (label, UNKNOWN, why, "quiet")
    days = ""
    if forecast.start and forecast.end:
        days = f", {words.span(forecast.start, forecast.end)}"
    note = f"Estimate by PostHog, not by us{days}{of_what}"
    return (label, words.usd(vendor), f"{note}. Ours is unknown: {why}" if why else note, "quiet")


def _vendor_forecast(audit: Audit) -> tuple[Decimal | None, str]:
    """The vendor's forecast of this period, and what it is of where that is not the bill."""
    total = audit.account.organization["projected_total_after_discount_usd"]
    if total is not None:
        return total, ""
    running = [v for v in audit.vendor_lines if not v.is_complete and v.projected is not None]
    last = max((v.period_start for v in running), default=None)
    projected = [v.projected for v in running if v.period_start == last and v.projected is not None]
    if not projected:
        return None, ""
    return sum(projected, ZERO), " of the product lines, before discounts,"


def _findings(audit: Audit) -> tuple[str, str, str, str]:
    found = [f.severity for f in audit.for_customer]
    parts = [
        words.count(found.count(severity), *words.SEVERITY_COUNTS[severity])
        for severity in Severity
        if severity in found
    ]
    project = only_project(audit)
    note = words.joined(parts) or coverage(audit).in_words
    if project:
        note += f"; of the projects, {project} only"
    if audit.suppressed_for_customer:
        note += f"; {len(audit.suppressed_for_customer)} more suppressed"
    return ("Findings", str(len(found)), note, "quiet")


def _not_evaluated(audit: Audit) -> tuple[str, str, str, str]:
    answers = coverage(audit)
    note = f"of {words.count(answers.run, 'check')}"
    if answers.in_part:
        gaps = "has a gap" if answers.in_part == 1 else "have gaps"
        note += f"; {answers.in_part} more {gaps}"
    if not answers.nowhere and not answers.in_part:
        note = f"All {words.count(answers.run, 'check')} could be answered"
    return ("Checks not evaluated", str(answers.nowhere), note, "quiet")


def _quality(audit: Audit) -> tuple[str, str, str, str]:
    warnings = sum(note.kind is QualityKind.WARNING for note in audit.data_quality)
    notes = len(audit.data_quality) - warnings
    value = words.count(warnings, "warning") if warnings else "No warnings"
    return ("Data quality", value, words.count(notes, "note") + " in the last section", "quiet")
