"""Area by area: what the team gets, what it costs, what stands out, and what to do next."""

import html
from decimal import Decimal

from audit.checks import Severity
from audit.facts.runner import fact_files
from audit.findings.areas import Reading, State, readings
from audit.findings.model import Audit, Finding
from audit.pricing import Catalogue
from audit.views import words
from audit.views.display import Column, Html, Page, Table, details, nothing, page
from audit.views.glance import anchor, place

# Source: handbook, onboarding/onboarding-conversations-playbook (three to five).
MOST_OPPORTUNITIES = 5

#: Ours, after the handbook's rule to pause cross-selling while a customer is cutting cost: from
#: this share of the bill on, only what is free is offered.
CUTTING_COST_FROM_SHARE = Decimal("0.2")

MARKS = {
    State.WORKS: ("\u2713", "Working well"),
    State.IN_PART: ("\u2713", "Nothing found, with gaps"),
    State.NOT_USED: ("\u2013", "Not used"),
    State.NOT_EVALUATED: ("?", "Not evaluated"),
}


def areas(audit: Audit) -> Page:
    """A row per area: value read, cost read, main finding, next step."""
    rows = tuple(_row(reading) for reading in readings(audit))
    return page(
        Table(
            (
                Column("Area"),
                Column("In use", wide=True),
                Column("Cost, USD a month", numeric=True),
                Column("Main finding", wide=True),
                Column("Next step", wide=True),
            ),
            rows,
            "Numbers of the window; costs are the area's lines on the bill before discounts "
            "(estimate)",
        )
    )


def _row(reading: Reading) -> tuple[str | Html, ...]:
    if reading.cost is not None:
        cost: str | Html = words.usd(reading.cost)
    else:
        note = reading.cost_note
        cost = Html(f'<span class="aa-note">{words.prose(note)}</span>', note)
    return (
        reading.title,
        words.capital(words.joined(reading.value)) or "Not known",
        cost,
        _main(reading),
        _next(reading),
    )


def _main(reading: Reading) -> Html:
    finding = reading.finding
    if finding is None:
        mark, name = MARKS[reading.state]
        return Html(f'<span aria-hidden="true">{mark}</span> {name}', name)
    mark, name = words.SEVERITY_MARKS[finding.severity], words.SEVERITIES[finding.severity]
    more = f" (and {reading.more} more)" if reading.more else ""
    return Html(
        f'<span class="aa-severity aa-{finding.severity.value}"><span aria-hidden="true">{mark}'
        f'</span> {name}</span> <a href="#{anchor(finding)}">'
        f"{words.sentence(finding.message)}</a>{more}",
        f"{name}: {words.plain_sentence(finding.message)}{more}",
    )


def _next(reading: Reading) -> Html | str:
    if reading.finding is not None:
        step, _ = words.first_sentence(reading.finding.remedy)
        return Html(words.prose(step), words.unmarked(step))
    if reading.state in (State.NOT_EVALUATED, State.IN_PART):
        return "See what could not be evaluated"
    return ""


def opportunities(audit: Audit) -> Page:
    """Three to five things the team could use and does not; never a cost to cut."""
    found = [f for f in audit.for_customer if f.severity is Severity.OPPORTUNITY]
    offers = [_of_finding(finding) for finding in found]
    if not _is_cutting_cost(audit):
        offers += _unused(audit, {finding.product for finding in found})
    chosen = offers[:MOST_OPPORTUNITIES]
    if not chosen:
        return nothing("Nothing that is not in use stands out.")
    items = "".join(f"<li>{markup}</li>" for markup, _ in chosen)
    note = (
        "What costs extra is left out while there is this much to save."
        if _is_cutting_cost(audit)
        else ""
    )
    return Page(
        f'<ul class="aa-opportunities">{items}</ul>'
        + (f'<p class="aa-note">{note}</p>' if note else ""),
        "\n".join([*(f"- {text}" for _, text in chosen), *filter(None, [note])]),
    )


def _is_cutting_cost(audit: Audit) -> bool:
    bill = audit.bill.total
    return bill > 0 and audit.joint_saving >= CUTTING_COST_FROM_SHARE * bill


def _of_finding(finding: Finding) -> tuple[str, str]:
    step, _ = words.first_sentence(finding.remedy)
    return (
        f"<strong>{words.escaped(place(finding))}</strong>: {words.sentence(finding.message)} "
        f"{words.prose(step)} {words.link(finding.docs, 'Documentation')}",
        f"{words.shown(place(finding))}: {words.plain_sentence(finding.message)} "
        f"{words.unmarked(step)} {finding.docs}",
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


def _unused(audit: Audit, said: set[str | None]) -> list[tuple[str, str]]:
    """Products without a unit in the month, where that is known, with what is free of them."""
    if not audit.usage_is_known:
        return []
    used = {line.product for line in audit.bill.lines if line.quantity}
    catalogue = Catalogue.load()
    covered = audit.account["coverage"]
    read = bool((covered["subject"].eq("usage_daily") & covered["complete"]).any())
    out = []
    for product, why in OFFERS.items():
        if product in used or product in said or not read:
            continue
        free = catalogue.metered_schedule(product, audit.as_of).tiers[0]
        name, unit = catalogue.products[product].name, catalogue.products[product].unit
        allowance = ""
        if free.up_to is not None and not free.unit_amount_usd:
            units = catalogue.products[product].divisor
            allowance = f" The first {int(free.up_to / units):,} {unit}s a month are free."
        text = f"{name} is not used: it would {why}.{allowance}"
        out.append((words.prose(text), text))
    return out


def queries(audit: Audit) -> Page:
    """Every query behind the findings: the fact's SQL, and what the source asked the vendor."""
    used = {item.query for finding in audit.for_customer for item in finding.evidence}
    asked = audit.account["coverage"][["query_name", "query"]].dropna().drop_duplicates()
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
