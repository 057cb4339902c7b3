"""Area by area: what the team gets, what it costs, what stands out, and what to do next."""

import html
from collections.abc import Sequence
from decimal import Decimal

from audit.checks import Area, Severity
from audit.errors import PriceError
from audit.facts.runner import fact_files
from audit.findings.areas import AREA_OF, Reading, State, home, readings
from audit.findings.model import Audit, Finding
from audit.pricing import Catalogue
from audit.views import words
from audit.views.display import Column, Html, Page, Table, details, nothing, page
from audit.views.glance import anchor, of_what, place
from audit.views.suppressed import for_team

# Source: handbook, onboarding/onboarding-conversations-playbook (three to five).
MOST_OPPORTUNITIES = 5

#: Places of one opportunity that are named beside the first.
MOST_PLACES = 3

#: Ours, after the handbook's rule to pause cross-selling while a customer is cutting cost: from
#: this share of the bill on, only what is free is offered.
CUTTING_COST_FROM_SHARE = Decimal("0.2")

#: What is read for the team alone.
TEAM_SUBJECTS = ("lifecycle",)

MARKS = {
    State.WORKS: ("\u2713", "Working well"),
    State.IN_PART: ("\u2713", "Nothing found, with gaps"),
    State.SUPPRESSED: ("\u2713", "Nothing open"),
    State.NOT_USED: ("\u25a1", "Not used"),
    State.NOT_EVALUATED: ("?", "Not evaluated"),
}


def areas(audit: Audit) -> Page:
    """A row per area: value read, cost read, main finding, next step."""
    read = readings(audit)
    return page(
        Table(
            (
                Column("Area"),
                Column("In use", wide=True),
                Column("Cost a month"),
                Column("Main finding", wide=True),
                Column("Next step", wide=True),
            ),
            tuple(_row(reading, read) for reading in read),
            "Numbers of the window; costs are the area's lines on the bill in USD, before "
            "discounts (estimate)",
            stacked=True,
        )
    )


def _row(reading: Reading, read: Sequence[Reading]) -> tuple[str | Html, ...]:
    if reading.cost is not None:
        cost: str | Html = words.usd(reading.cost)
    else:
        note = reading.cost_note
        cost = Html(f'<span class="aa-note">{words.prose(note)}</span>', note)
    return (reading.title, _in_use(reading), cost, _main(reading, read), _next(reading))


def _in_use(reading: Reading) -> Html | str:
    if reading.state is State.NOT_USED:
        return "Nothing in the window"
    return _prose(words.capital(words.joined(reading.value)))


def _main(reading: Reading, read: Sequence[Reading]) -> Html:
    finding = reading.finding
    suppressed = f"{reading.suppressed} suppressed" if reading.suppressed else ""
    if finding is None:
        if reading.area is Area.NOT_USED_YET:
            return _prose(_not_used(read))
        mark, name = MARKS[reading.state]
        more = f" ({suppressed})" if suppressed else ""
        return Html(f'<span aria-hidden="true">{mark}</span> {name}{more}', f"{name}{more}")
    others = words.joined([f"and {reading.more} more" if reading.more else "", suppressed])
    more = f" ({others})" if others else ""
    mark, name = words.SEVERITY_MARKS[finding.severity], words.SEVERITIES[finding.severity]
    return Html(
        f'<span class="aa-severity aa-{finding.severity.value}"><span aria-hidden="true">{mark}'
        f'</span> {name}</span> <a href="#{anchor(finding)}">'
        f"{words.sentence(finding.message)}</a>{more}",
        f"{name}: {words.plain_sentence(finding.message)}{more}",
    )


def _not_used(read: Sequence[Reading]) -> str:
    """The area of what is not used says which others those are."""
    unused = [other.title for other in read if other.state is State.NOT_USED]
    if unused:
        return f"{words.listed(unused)} {'is' if len(unused) == 1 else 'are'} not used"
    if any(other.state is State.NOT_EVALUATED for other in read):
        return "No area is known to be unused"
    return "Every area is used"


def _next(reading: Reading) -> Html | str:
    finding = reading.finding
    if finding is not None:
        step, _ = words.first_sentence(finding.remedy)
        return _prose(of_what(finding, said=reading.title) + step)
    if reading.state in (State.NOT_EVALUATED, State.IN_PART):
        return "See what could not be evaluated"
    return ""


def _prose(text: str) -> Html:
    return Html(words.prose(text), words.unmarked(text))


def opportunities(audit: Audit) -> Page:
    """Three to five things the team could use and does not; never a cost to cut."""
    cutting = _is_cutting_cost(audit)
    unused = {} if cutting else _unused(audit)
    alike: dict[str, list[Finding]] = {}
    first: dict[str, tuple[str, str]] = {}
    for finding in audit.for_customer:
        if finding.severity is not Severity.OPPORTUNITY:
            continue
        named = _named(finding)
        if named and named <= unused.keys():
            first |= {product: unused[product] for product in sorted(named)}
        else:
            alike.setdefault(finding.check, []).append(finding)
    rest = [offer for product, offer in unused.items() if product not in first]
    offers = [*first.values(), *map(_of_findings, alike.values()), *rest]
    chosen = offers[:MOST_OPPORTUNITIES]
    note = "What costs extra is left out while there is this much to save." if cutting else ""
    if not chosen:
        return nothing(words.spaced("Nothing that is not in use stands out.", note))
    items = "".join(f"<li>{markup}</li>" for markup, _ in chosen)
    return Page(
        f'<ul class="aa-opportunities">{items}</ul>'
        + (f'<p class="aa-note">{note}</p>' if note else ""),
        "\n".join([*(f"- {text}" for _, text in chosen), *filter(None, [note])]),
    )


def _named(finding: Finding) -> set[str]:
    """The products that a finding of what is not used yet speaks of."""
    if finding.area is not Area.NOT_USED_YET:
        return {finding.product} if finding.product else set()
    return {CLAIMS.get(one.fact, one.fact) for one in finding.evidence if one.value is True}


def _is_cutting_cost(audit: Audit) -> bool:
    bill = audit.bill.total
    return bill > 0 and audit.joint_saving >= CUTTING_COST_FROM_SHARE * bill


def _of_findings(alike: Sequence[Finding]) -> tuple[str, str]:
    """One opportunity, wherever it was found: the first place in full, the others by name."""
    finding, others = alike[0], [place(one) for one in alike[1:]]
    step, _ = words.first_sentence(finding.remedy)
    shown = others[:MOST_PLACES]
    rest = [f"{len(others) - len(shown)} more"] if len(others) > len(shown) else []
    also = also_text = ""
    if others:
        also = f" The same is true of {words.listed([*map(words.escaped, shown), *rest])}."
        also_text = f" The same is true of {words.listed([*map(words.shown, shown), *rest])}."
    return (
        f"<strong>{words.prose(step)}</strong> {words.sentence(finding.message)}{also} "
        f"{words.link(finding.docs, 'Documentation')}",
        f"{words.unmarked(step)} {words.plain_sentence(finding.message)}{also_text} {finding.docs}",
    )


#: Products worth a word where they are not in use, and what each would answer.
OFFERS = {
    "session_replay": "see what people do before they leave",
    "feature_flags": "release to a few first, and test what works",
    "error_tracking": "see which errors people meet, beside their sessions",
    "surveys": "ask people why, where they are",
    "llm_analytics": "see what each AI answer costs and how long it takes",
    "data_warehouse": "join payments and support data with usage",
    "realtime_destinations": "send events on to the tools the team works in",
}

#: Claims of what is not used yet, and the products they are about.
CLAIMS = {
    "replay_is_missing": "session_replay",
    "flags_are_missing": "feature_flags",
    "error_tracking_is_missing": "error_tracking",
    "llm_analytics_is_missing": "llm_analytics",
}


def _unused(audit: Audit) -> dict[str, tuple[str, str]]:
    """Products without a unit in the month, where that is known, with what is free of them. None
    of an area in which something has to be mended first."""
    covered = audit.account["coverage"]
    read = bool((covered["subject"].eq("usage_daily") & covered["complete"]).any())
    if not audit.usage_is_known or not read:
        return {}
    used = {line.product for line in audit.bill.lines if line.quantity}
    faulty = {home(f) for f in audit.for_customer if f.severity is not Severity.OPPORTUNITY}
    products = Catalogue.load().products
    out = {}
    for product, why in OFFERS.items():
        if product in used or AREA_OF.get(product) in faulty:
            continue
        try:
            free = Catalogue.load().metered_schedule(product, audit.as_of).tiers[0]
        except PriceError:
            continue  # not sold on that day, or at a price nobody knows
        known, step = products[product], f"{words.capital(why)}."
        said = f"Not in use yet: {known.name}."
        if free.up_to is not None and not free.unit_amount_usd:
            number = int(free.up_to / known.divisor)
            said += f" The first {number:,} {words.units(known.unit)} a month are free."
        out[product] = (
            f"<strong>{words.prose(step)}</strong> {words.prose(said)}",
            f"{step} {said}",
        )
    return out


def queries(audit: Audit) -> Page:
    """Every query behind the findings: the fact's SQL, and what the source asked the vendor."""
    told = audit.findings if for_team(audit) else audit.for_customer + audit.suppressed_for_customer
    used = {item.query for finding in told for item in finding.evidence}
    covered = audit.account["coverage"]
    if not for_team(audit):
        covered = covered[~covered["subject"].isin(TEAM_SUBJECTS)]
    asked = covered[["query_name", "query"]].dropna().drop_duplicates()
    parts, text = [], []
    for file in fact_files():
        if file.name in used:
            parts.append(details(f"{file.name}: {file.title}", _code(file.sql)))
            text.append(file.name)
    for name, query in sorted(asked.itertuples(index=False)):
        if query:
            parts.append(details(f"Asked of the source: {words.shown(name)}", _code(query)))
            text.append(words.shown(name))
    if not parts:
        return nothing("No finding, so no query to show.")
    return Page("".join(parts), f"Queries: {', '.join(text)}")


def _code(sql: str) -> str:
    lines = "\n".join(words.visible(line) for line in sql.strip().split("\n"))
    return f'<pre class="aa-query"><code>{html.escape(lines)}</code></pre>'
