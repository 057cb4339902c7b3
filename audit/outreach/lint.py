"""A check of any text for a customer against the handbook's rules and the findings behind it."""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from audit.outreach.draft import NO_BOOKING, NO_SENDER
from audit.outreach.words import (
    ASKS,
    BANNED,
    BLAME,
    CAUSE,
    DASHES,
    MOST_LEVERS,
    plain,
    rounded,
)

HEAD = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
LINK = re.compile(r"https?://[^\s)\]>\"']+")
MONEY = re.compile(r"\$\s?(\d[\d,]*(?:\.\d+)?)")
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s?%")
COUNT = re.compile(r"(?<![\w.,$%/-])(\d[\d,]*(?:\.\d+)?)(?![\w%]|[.,]\d)")
#: The level of our ranges is no figure of the account.
INTERVAL = re.compile(r"\b95% between\b")
LEVER = re.compile(r"^\s*\d+\. ", re.MULTILINE)
ASK = re.compile(
    r"\?\s*(?:\[|$)|pick a time|book (?:a|some) time|find a time|schedule", re.IGNORECASE
)
ESTIMATE = re.compile(r"\b(estimate|actual|invoice[ds]?)\b", re.IGNORECASE)
DISCOUNT = re.compile(
    r"\b\d+\s?%[^.\n]{0,60}\b(off|discount|annual|prepa\w+|commit\w*)\b|"
    r"\b(discount|annual plan|prepa\w+)\b[^.\n]{0,60}\b\d+\s?%",
    re.IGNORECASE,
)
MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
DAY = re.compile(
    rf"\b\d{{1,2}} (?:{MONTHS})[a-z]*(?: \d{{4}})?\b|"
    rf"\b(?:{MONTHS})[a-z]* \d{{1,2}}(?:, \d{{4}})?\b|"
    r"\b\d{4}-\d{2}-\d{2}\b"
)
QUOTED = re.compile(r"\\([\\`*_{}\[\]<>#|~!.)+-])")


@dataclass(frozen=True)
class Problem:
    """One line that breaks a rule. ``line`` counts from 1."""

    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message} ({self.rule})"


def quotes_discount(text: str) -> bool:
    """Whether a discount is quoted in it, so that the account's eligibility has to be known."""
    return DISCOUNT.search(text) is not None


def lint(
    text: str,
    document: Mapping[str, Any],
    *,
    findings: bytes,
    discounts: Collection[Decimal] = (),
) -> list[Problem]:
    """What keeps a text from being sent.

    ``document`` and ``findings``: what the account's findings are now, and the bytes of their file;
    a draft that was made from others is stale. ``discounts``: percentages that the account is
    eligible for; no other is quoted.
    """
    head, body, skipped = _parted(text)
    rules = _Rules(document, head, findings, discounts)
    found = list(rules.of_head())
    lines = body.split("\n")
    for number, raw in enumerate(lines, skipped + 1):
        line = QUOTED.sub(r"\1", raw)
        found += [Problem(number, rule, message) for rule, message in rules.of_line(line)]
    found += [Problem(len(lines) + skipped, r, m) for r, m in rules.of_body(body)]
    return found


STALE = (
    "The findings changed after this draft was made, so its numbers may be wrong. Draft it again "
    "with `audit draft`."
)


class _Rules:
    def __init__(
        self,
        document: Mapping[str, Any],
        head: Mapping[str, Any],
        findings: bytes,
        discounts: Collection[Decimal],
    ) -> None:
        self.head = head
        self.findings = findings
        self.variant = str(head.get("variant", "first"))
        self.money = {form for value in _money(document) for form in _forms(value)}
        self.numbers = {*_numbers(document), *discounts}
        self.links = {one["docs"] for one in document["findings"] if one.get("docs")}
        self.discounts = set(discounts)

    def of_head(self) -> Iterator[Problem]:
        told = self.head.get("findings_sha256")
        if told and told != hashlib.sha256(self.findings).hexdigest():
            yield Problem(1, "stale", STALE)
        if self.head and not self.head.get("to"):
            yield Problem(1, "recipients", "it is addressed to nobody")
        subject = str(self.head.get("subject", ""))
        for rule, message in self.of_line(subject):
            yield Problem(1, rule, f"subject: {message}")

    def of_line(self, line: str) -> Iterator[tuple[str, str]]:
        yield from self._of_words(line)
        for link in LINK.findall(line):
            if link.rstrip(".,") not in self.links and not self._is_booking(line, link):
                yield "unknown link", f"{link} is no link of the findings"
        bare = INTERVAL.sub("between", LEVER.sub(" ", DAY.sub(" ", LINK.sub(" ", line))))
        for text in MONEY.findall(bare):
            if _decimal(text) not in self.money:
                yield "number", f"${text} is no sum of the findings"
        if MONEY.search(bare) and not ESTIMATE.search(line):
            yield "estimate", "a sum without the word estimate or actual"
        rest = MONEY.sub(" ", bare)
        for text in PERCENT.findall(rest):
            if _decimal(text) not in self.numbers:
                yield "number", f"{text}% is in no finding"
        for text in COUNT.findall(PERCENT.sub(" ", rest)):
            if _decimal(text) not in self.numbers:
                yield "number", f"{text} is in no finding"

    def _of_words(self, line: str) -> Iterator[tuple[str, str]]:
        low = line.lower()
        for phrase in BANNED:
            if re.search(rf"\b{re.escape(phrase)}\b", low):
                yield "banned phrase", f"{phrase!r} is never written"
        for word in BLAME:
            if re.search(rf"\b{re.escape(word)}\b", low):
                yield "blame", f"{word!r} blames; say what is saved"
        if DASHES.search(line):
            yield "dash", "an em or en dash; write a comma or two sentences"
        cause = CAUSE.search(line)
        if cause:
            yield "cause", f"{cause[0]!r} claims a cause that no figure shows"
        for discount in DISCOUNT.finditer(line):
            if not {_decimal(one) for one in PERCENT.findall(discount[0])} <= self.discounts:
                yield "discount", f"{discount[0]!r}: the account is not known to be eligible"
        for placeholder in (NO_BOOKING, NO_SENDER):
            if placeholder in line:
                yield "placeholder", f"{placeholder} has to be filled in"

    def of_body(self, body: str) -> Iterator[tuple[str, str]]:
        levers = len(LEVER.findall(body))
        most = MOST_LEVERS.get(self.variant, 3)
        if levers > most:
            yield "levers", f"{levers} recommendations, at most {most}"
        asks = [line for line in body.split("\n") if ASK.search(line)] or [
            line for line in body.split("\n") if any(one in line for one in ASKS.values())
        ]
        if len(asks) != 1:
            yield "call to action", f"{len(asks)} calls to action, exactly one is right"
        if self.variant == "first" and not DAY.search(body):
            yield "bill line", "no dated line about the bill"

    def _is_booking(self, line: str, link: str) -> bool:
        return bool(ASK.search(line.replace(link, ""))) or any(one in line for one in ASKS.values())


def _parted(text: str) -> tuple[dict[str, Any], str, int]:
    """The head, the letter, and how many lines stand before it."""
    match = HEAD.match(text)
    if match is None:
        return {}, text, 0
    head = {}
    for line in match[1].split("\n"):
        name, _, value = line.partition(":")
        try:
            head[name.strip()] = json.loads(value)
        except ValueError:
            head[name.strip()] = value.strip()
    return head, text[match.end() :], match[0].count("\n")


def _money(document: Mapping[str, Any]) -> Iterator[Decimal]:
    """Every sum that a draft may name."""
    for one in document["findings"]:
        yield from _sums(one["saving"] or {})
        for text in MONEY.findall(one["message"]):
            yield _decimal(text)
    for name in ("joint_saving", "suppressed_saving"):
        yield from _sums({name: document.get(name)})
    forecast = document.get("forecast") or {}
    yield from _sums({"total": forecast.get("total"), "range": forecast.get("range")})
    yield from _sums({"total": document["bill"].get("total")})
    outlook = document.get("outlook") or {}
    for part in ("next_period", "twelve_months"):
        yield from _sums({part: outlook.get(part)})


def _sums(value: Any) -> Iterator[Decimal]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in ("basis", "period", "came_true"):
                yield from _sums(inner)
    elif isinstance(value, str | int):
        number = _decimal(str(value))
        if number == number:
            yield number


def _forms(value: Decimal) -> Iterator[Decimal]:
    """A sum as it may be written: to the cent, to the dollar, and to two figures."""
    yield value
    yield value.quantize(Decimal(1))
    yield _decimal(rounded(value).lstrip("-$"))


def _numbers(document: Mapping[str, Any]) -> Iterator[Decimal]:
    """Every other number that a draft may name: what the findings say in words."""
    for one in document["findings"]:
        for name in ("message", "remedy", "trade_off", "title"):
            text = plain(one[name])
            for found in re.findall(r"\d[\d,]*(?:\.\d+)?", text):
                yield _decimal(found)
    names = [
        document["organization_name"],
        *(o.get("project_name") or "" for o in document["findings"]),
    ]
    for found in re.findall(r"\d[\d,]*(?:\.\d+)?", " ".join(map(str, names))):
        yield _decimal(found)


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        return Decimal("NaN")
