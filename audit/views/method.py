"""How the numbers came about: data quality, prices, policy, and the words used."""

from collections.abc import Sequence
from pathlib import Path

from audit.findings.model import Audit, QualityKind
from audit.views import words
from audit.views.display import Column, Html, Page, Table, details, nothing, page

LABELS = {QualityKind.WARNING: "Warning", QualityKind.NOTE: "Note"}


def data_quality(audit: Audit) -> Page:
    """What a reader of the numbers should know about the data, warnings first."""
    if not audit.data_quality:
        return nothing("Nothing to note about the data.")
    ordered = sorted(audit.data_quality, key=lambda note: note.kind is not QualityKind.WARNING)
    rows = tuple(
        (
            LABELS[note.kind],
            words.phrase(note.subject),
            Html(words.sentence(note.message), words.plain_sentence(note.message)),
        )
        for note in ordered
    )
    columns = (Column("Kind"), Column("About"), Column("Message", wide=True))
    return page(Table(columns, rows, stacked=True))


def method(audit: Audit) -> Page:
    """Window, prices, policy and checks of this audit, and how a saving is reckoned."""
    window = audit.period
    observed = words.count(window.observed_days, "day")
    rows: list[tuple[str, str | Html]] = [
        ("Window", f"{words.span(window.start, window.end)} ({words.count(window.days, 'day')})"),
        ("Days with usage reports", f"{observed} of {window.days}"),
        ("Price list", audit.price_list),
        ("Source of the prices", _long(audit.price_list_source)),
        ("Policy", audit.policy),
        ("Source of the policy", _long(audit.policy_source)),
        ("Checks run", _names(audit.checks_run)),
        (
            "Bill",
            _long(
                f"An estimate: {audit.quantities_of}; quantities times the price list, tier by "
                "tier, each line rounded half up to cents and held to its billing limit; free "
                "allowances once per organization; less discounts, before credit."
            ),
        ),
        (
            "Saving",
            _long(
                "The bill minus the bill of the same usage with the fault fixed. Findings that "
                "touch the same usage are not counted twice: on top is the saving after all "
                "findings ranked above, and these add up to the joint saving to the cent."
            ),
        ),
        (
            "Actual and estimate",
            _long(
                "Actual: PostHog billed it. Estimate: usage times a price list. They are "
                "never added up."
            ),
        ),
    ]
    return page(Table((Column("What"), Column("How", wide=True)), tuple(rows)))


def _names(checks: Sequence[str]) -> Html:
    """How many, and on demand which."""
    names = ", ".join(map(words.phrase, checks)) or "none"
    number = words.count(len(checks), "check")
    return Html(details(number, words.prose(names)), f"{number}: {names}")


def _long(text: str) -> Html:
    return Html(words.sentence(text), words.plain_sentence(text))


def written(paths: Sequence[Path]) -> Page:
    """Which files a notebook wrote; by name, so that no folder of the machine shows."""
    if not paths:
        return nothing("Nothing was written. Name a folder in the parameter out to keep files.")
    return page(f"Written: {words.joined([path.name for path in paths])}.")
