"""A draft as data: what is said to whom, from the findings of one account."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from audit.account import Account
from audit.checks import Effort
from audit.errors import InputError
from audit.outreach import words
from audit.views.words import EFFORTS, phrase, unmarked, usd, without_effort

#: Levels of members who are written to: admins and owners.
ADMIN = 8
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
MOST_RECIPIENTS = 25

#: Stand where a setting is missing, and make the draft fail the check.
NO_BOOKING = "[BOOKING LINK]"
NO_SENDER = "[YOUR NAME]"


class Variant(StrEnum):
    """Which message of a conversation."""

    FIRST = "first"
    FOLLOW_UP = "follow-up"
    CHECK_IN = "check-in"


@dataclass(frozen=True)
class Lever:
    """One recommendation; sentences without markup. ``saving`` says that it is an estimate."""

    finding_id: str
    title: str
    observed: str
    do: str
    saving: str
    takes: str
    lose: str
    docs: str


@dataclass(frozen=True)
class Draft:
    """Sentences without markup. ``made_from``: SHA-256 of the findings. ``missing``: what a person
    has to add. ``bill`` is empty where nothing of the bill is known."""

    variant: Variant
    organization_id: str
    organization_name: str
    recipients: tuple[str, ...]
    subject: str
    headline: str
    bill: str
    levers: tuple[Lever, ...]
    together: str
    ask: str
    booking: str
    sender: str
    made_from: str
    missing: tuple[str, ...] = ()


def draft(
    document: Mapping[str, Any],
    account: Account,
    *,
    findings: bytes,
    variant: str = Variant.FIRST,
    exact: bool = False,
    booking: str = "",
    sender: str = "",
) -> Draft:
    """A message from the findings of an account (findings.json as ``document`` and as the bytes
    of its file). ``exact``: sums to the cent instead of two figures.

    The follow-up takes up what the first message left out; the check-in brings the year.

    Raises: InputError where there is nothing to write about, or the findings are for the team.
    """
    kind = Variant(variant)
    if any(one["audience"] != "customer" for one in document["findings"]):
        raise InputError(
            "These findings are for the team. Draft from a report with --audience customer."
        )
    shown = [
        one
        for one in document["findings"]
        if not one["suppressed"] and one["check"] not in words.ABOUT_THE_BILL
    ]
    if not shown:
        raise InputError(f"{document['organization_name']} has no findings to write about.")
    saving = [one for one in shown if _amount(one) >= 1]
    saving.sort(key=lambda one: (-_amount(one), one["id"]))
    first = saving[: words.MOST_LEVERS[Variant.FIRST]] or shown[:1]
    chosen = _chosen(kind, first, saving, shown)
    levers = tuple(_lever(one, exact) for one in chosen)
    year = _year(document)
    if not levers and not (kind is Variant.CHECK_IN and year and _mean(year) >= 1):
        raise InputError(
            f"The first message to {document['organization_name']} says all there is; a "
            f"{kind} would repeat it."
        )
    recipients = _recipients(account)
    return Draft(
        variant=kind,
        organization_id=document["organization_id"],
        organization_name=words.plain(document["organization_name"]),
        recipients=recipients,
        subject=_subject(kind, document, levers, exact),
        headline=_headline(kind, document, levers, exact),
        bill=_bill(document, exact) if kind is Variant.FIRST else "",
        levers=levers,
        together=_together(document, saving, exact) if kind is Variant.FIRST else "",
        ask=words.ASKS[kind],
        booking=booking or NO_BOOKING,
        sender=words.plain(sender) or NO_SENDER,
        made_from=hashlib.sha256(findings).hexdigest(),
        missing=tuple(
            text
            for text, absent in (
                ("no admin or owner with an address is known", not recipients),
                ("no booking link is set (booking_link)", not booking),
                ("no sender is set (sender)", not sender),
            )
            if absent
        ),
    )


def _chosen(
    kind: Variant,
    first: Sequence[Mapping[str, Any]],
    saving: Sequence[Mapping[str, Any]],
    shown: Sequence[Mapping[str, Any]],
) -> list[Mapping[str, Any]]:
    """The findings of a message: a later one never repeats the first."""
    if kind is Variant.FIRST:
        return list(first)
    told = {one["check"] for one in first}
    rest = []
    for one in (*saving, *shown):
        if one["check"] not in told:
            told.add(one["check"])
            rest.append(one)
    follow_up = words.MOST_LEVERS[Variant.FOLLOW_UP]
    if kind is Variant.FOLLOW_UP:
        return rest[:follow_up]
    return rest[follow_up:][: words.MOST_LEVERS[Variant.CHECK_IN]]


def _amount(finding: Mapping[str, Any]) -> Decimal:
    saving = finding["saving"] or {}
    ahead = _ahead(finding)
    return Decimal(ahead["mean"] if ahead else saving.get("on_top") or 0)


def _ahead(finding: Mapping[str, Any]) -> Mapping[str, str] | None:
    known: Mapping[str, Any] = (finding["saving"] or {}).get("ahead") or {}
    found: Mapping[str, str] | None = (known.get("next_period") or {}).get("on_top")
    return found


def _lever(finding: Mapping[str, Any], exact: bool) -> Lever:
    amount, ahead = _amount(finding), _ahead(finding)
    saving = ""
    if amount >= 1 and ahead:
        saving = (
            f"Saves {words.about(amount, exact)} in the next billing period "
            f"(estimate, {_interval(ahead, exact)})."
        )
    elif amount >= 1:
        saving = f"Saves {words.about(amount, exact)} a billing month (estimate)."
    remedy = unmarked(without_effort(finding["remedy"]))
    return Lever(
        finding_id=finding["id"],
        title=words.plain(phrase(finding["check"])),
        observed=words.plain(finding["message"]),
        do=words.plain(remedy),
        saving=saving,
        takes=words.plain(EFFORTS[Effort(finding["effort"])]) + ".",
        lose=words.plain(unmarked(finding["trade_off"])),
        docs=finding["docs"],
    )


def _interval(of: Mapping[str, str], exact: bool) -> str:
    """Where 95% of the outcomes lie."""
    show = usd if exact else words.rounded
    return f"95% between {show(Decimal(of['p025']))} and {show(Decimal(of['p975']))}"


def _subject(
    kind: Variant, document: Mapping[str, Any], levers: Sequence[Lever], exact: bool
) -> str:
    on = _renewal(document)
    what = _small(levers[0].title) if levers else "a note"
    if kind is Variant.CHECK_IN:
        year = _year(document)
        if year and _mean(year) >= 1:
            less = words.about(_mean(year), exact)
            return f"Twelve months of PostHog for {less} less (estimate)"
        return f"PostHog: {what}"
    if kind is Variant.FOLLOW_UP:
        return f"PostHog, next on the list: {what}"
    if on:
        return f"Before your PostHog bill renews on {on}: {what}"
    return f"Your PostHog bill: {what}"


def _small(title: str) -> str:
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _headline(
    kind: Variant, document: Mapping[str, Any], levers: Sequence[Lever], exact: bool
) -> str:
    year = _year(document)
    if kind is Variant.CHECK_IN and year and _mean(year) >= 1:
        return (
            "With the points of the report done, the next twelve months would cost "
            f"{words.about(_mean(year), exact)} less (estimate, {_interval(year, exact)})."
        )
    return levers[0].observed


def _bill(document: Mapping[str, Any], exact: bool) -> str:
    """When the bill renews and what it is expected to be."""
    forecast = document.get("forecast") or {}
    on = _renewal(document)
    if not on or forecast.get("total") is None:
        return f"Your billing period ends on {on}." if on else ""
    total = Decimal(forecast["total"])
    text = f"Your bill renews on {on} and is forecast at {words.about(total, exact)} (estimate"
    between = forecast.get("range")
    return f"{text}, {_interval(between, exact)})." if between else f"{text})."


def _renewal(document: Mapping[str, Any]) -> str:
    end = (document.get("forecast") or {}).get("end")
    return words.day(end) if end else ""


def _together(document: Mapping[str, Any], saving: Sequence[Mapping[str, Any]], exact: bool) -> str:
    joint = ((document.get("outlook") or {}).get("next_period") or {}).get("joint_saving")
    if len(saving) < 2 or not joint:
        return ""
    return (
        "All points of the report together save "
        f"{words.about(Decimal(joint['mean']), exact)} in the next billing period "
        f"(estimate, {_interval(joint, exact)})."
    )


def _year(document: Mapping[str, Any]) -> Mapping[str, str] | None:
    year: Mapping[str, Any] = (document.get("outlook") or {}).get("twelve_months") or {}
    return year.get("joint_saving")


def _mean(of: Mapping[str, str]) -> Decimal:
    return Decimal(of["mean"])


def _recipients(account: Account) -> tuple[str, ...]:
    """All admins and owners, owners first. An address that is none is left out."""
    members = account["members"]
    asked = members[members["level"] >= ADMIN].sort_values(
        ["level", "email"], ascending=[False, True]
    )
    found = [str(one).strip() for one in asked["email"] if isinstance(one, str)]
    return tuple(dict.fromkeys(one for one in found if ADDRESS.fullmatch(one)))[:MOST_RECIPIENTS]
