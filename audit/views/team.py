"""What the vendor's own team reads and a customer does not. Of a customer's audit it is empty."""

import html
from collections.abc import Mapping, Sequence

from audit.checks import Area, Audience, load_checks
from audit.findings.model import Audit, Finding
from audit.health import Health, Sign, load_rules
from audit.health import State as Known
from audit.health import of as health_of
from audit.policy import load_policy
from audit.queue.handover import Decision, Handover, handover_of
from audit.views import words
from audit.views.detail import detail, severity
from audit.views.display import Column, Html, Page, Table, details, nothing, page
from audit.views.glance import anchor
from audit.views.suppressed import decisions, for_team

TITLE = "For the team"
ANCHOR = "for-the-team"
INTRODUCTION = (
    "This part is on no customer's page: how the account is doing, where it stands, what may be "
    "given back, and what was decided to be left as it is."
)

VERDICTS = {
    Handover.READY: "May go to Sales",
    Handover.NOT_READY: "Not ready for Sales",
    Handover.UNKNOWN: "Whether it is ready for Sales is not known",
    Handover.NOT_IN_FORCE: "This policy does not hand over by these rules",
}

#: How each rule of the published lists is shown.
KNOWN = {
    Known.GIVEN: "Yes",
    Known.NOT_GIVEN: "No",
    Known.NOT_KNOWN: "Not known",
}


def team(audit: Audit) -> Page:
    """Health, lifecycle, refunds and decisions, for ``audience="team"`` alone."""
    if not for_team(audit):
        return Page("", "")
    found = [finding for finding in audit.findings if finding.audience is Audience.TEAM]
    refunds = [finding for finding in found if finding.area is Area.BILLING]
    rest = [finding for finding in found if finding.area is not Area.BILLING]
    health = health_of(audit)
    return page(
        Page(f'<h2 id="{ANCHOR}">{TITLE}</h2><p>{INTRODUCTION}</p>', f"{TITLE}\n{INTRODUCTION}"),
        _part("Health, an approximation"),
        *_health(health),
        _part("Risks, opportunities and signs of leaving"),
        _signs(health.signs),
        _part("Where the account stands"),
        _handover(audit),
        _table(rest, "Nothing is due, and nothing stands in the way."),
        _part("Refunds, credit and payment"),
        _table(refunds, "Nothing points to a refund."),
        _pointer(audit),
        _part("Decisions to leave something as it is"),
        decisions(audit),
        _part("These findings in full") if found else "",
        *(detail(rank, finding, audit, None) for rank, finding in enumerate([*rest, *refunds], 1)),
    )


def standing(audit: Audit) -> Page:
    """One line on how the account is doing. Of a customer's audit it is empty."""
    if not for_team(audit):
        return Page("", "")
    text = health_of(audit).in_words
    return Page(f'<p class="aa-note">{html.escape(text)}</p>', text)


def _part(title: str) -> Page:
    return Page(f'<h3 class="aa-part">{html.escape(title)}</h3>', title)


def _health(of: Health) -> list[Page | Table | str]:
    titles = {component.name: component.title for component in of.published.components}
    known = [part for part in of.parts if part.is_known]
    total = () if of.score is None else ("Score", "", "", "", "", str(of.score))
    parts: list[Page | Table | str] = [of.in_words]
    if known:
        parts.append(
            Table(
                (
                    Column("Component"),
                    Column("Measure"),
                    Column("Value"),
                    Column("Band"),
                    Column("Weight", numeric=True),
                    Column("Adds to the score", numeric=True),
                ),
                tuple(
                    (
                        titles[part.measure.component],
                        part.title,
                        part.value_in_words,
                        words.capital(str(part.band or "")),
                        f"{part.weight_percent}%",
                        "" if part.contribution is None else str(part.contribution),
                    )
                    for part in known
                ),
                f"{of.published.title}. Points and split are ours: {of.published.split}",
                total,
                stacked=True,
            )
        )
    if of.missing:
        parts.append(_missing(of))
    return parts


def _missing(of: Health) -> Page:
    table = Table(
        (Column("Measure"), Column("Weight", numeric=True), Column("Comes from", wide=True)),
        tuple(
            (part.title, f"{part.weight_percent}%", words.capital(part.measure.comes_from))
            for part in of.missing
        ),
        stacked=True,
    )
    summary = f"{words.count(len(of.missing), 'measure')} not known"
    return Page(details(summary, table.html()), f"{summary}\n{table.text()}")


def _signs(signs: Sequence[Sign]) -> Page:
    """Those that are given in full; the others are counted, and listed on demand."""
    kinds = load_rules().kinds
    given = [sign for sign in signs if sign.state is Known.GIVEN]
    parts: list[Page | Table | str] = [
        _sign_table(given, kinds) if given else nothing("None of them is given.")
    ]
    others = [sign for sign in signs if sign.state is not Known.GIVEN]
    if others:
        unknown = sum(sign.state is Known.NOT_KNOWN for sign in others)
        summary = (
            f"{len(others) - unknown} that are not given, and {unknown} that nobody can tell from "
            "this data"
        )
        table = _sign_table(others, kinds)
        parts.append(Page(details(summary, table.html()), summary))
    return page(*parts)


def _sign_table(signs: Sequence[Sign], kinds: Mapping[str, str]) -> Table:
    return Table(
        (Column("List"), Column("Rule"), Column("Given"), Column("What is known", wide=True)),
        tuple(
            (
                kinds[sign.rule.kind],
                Html(words.prose(sign.rule.title), words.unmarked(sign.rule.title)),
                KNOWN[sign.state],
                Html(
                    words.sentence(words.capital(sign.words)),
                    words.plain_sentence(words.capital(sign.words)),
                ),
            )
            for sign in signs
        ),
        stacked=True,
    )


def _handover(audit: Audit) -> Page:
    pack = load_policy(
        audit.arguments["policy"], load_checks(), audit.arguments.get("thresholds") or None
    )
    return _verdict(handover_of(audit, pack))


def _verdict(of: Decision) -> Page:
    reasons = words.listed(of.reasons)
    segment = f" (segment {words.shown(of.segment)})" if of.verdict is Handover.READY else ""
    text = f"{VERDICTS[of.verdict]}{segment}{f': {reasons}' if reasons else ''}".rstrip(".") + "."
    return Page(f"<p>{words.sentence(text)}</p>", words.plain_sentence(text))


def _table(found: Sequence[Finding], nothing_found: str) -> Page | Table:
    if not found:
        return nothing(nothing_found)
    return Table(
        (Column("Severity"), Column("Finding", wide=True), Column("Next step", wide=True)),
        tuple(_row(finding) for finding in found),
        stacked=True,
    )


def _row(finding: Finding) -> tuple[str | Html, ...]:
    step, _ = words.first_sentence(finding.remedy)
    return (
        severity(finding),
        Html(
            f'<a href="#{anchor(finding)}">{words.sentence(finding.message)}</a>',
            words.plain_sentence(finding.message),
        ),
        Html(words.prose(step), words.unmarked(step)),
    )


def _pointer(audit: Audit) -> Page:
    """The command that decides a request; nothing here decides one."""
    command = f"audit refund {words.shown(audit.organization_id)} --from DAY --to DAY"
    text = "A request is decided rule by rule, with the amount and a block to paste, by"
    return Page(
        f'<p class="aa-note">{text} <code>{html.escape(command)}</code>.</p>',
        f"{text} {command}.",
    )
