"""How values are written for people: dollars, quantities, days, and other people's text.

Names of organizations, projects and events are customer-controlled. ``shown`` makes them
harmless and visible as text, ``escaped`` as HTML. Nothing here adds up money.
"""

import html
import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from audit.checks import Effort, Severity
from audit.findings.outlook.model import Range

NAME_LENGTH = 80
LABEL_LENGTH = 36
TITLE_LENGTH = 1_000
SENTENCE_LENGTH = 1_200

SEVERITIES = {
    Severity.NEEDS_ACTION: "Needs action",
    Severity.WORTH_ATTENTION: "Worth attention",
    Severity.OPPORTUNITY: "Opportunity",
    Severity.INFORMATION: "Good to know",
}

# Counted: "1 needs action", "4 need action".
SEVERITY_COUNTS = {
    Severity.NEEDS_ACTION: ("needs action", "need action"),
    Severity.WORTH_ATTENTION: ("worth attention", "worth attention"),
    Severity.OPPORTUNITY: ("opportunity", "opportunities"),
    Severity.INFORMATION: ("thing to know", "things to know"),
}

# Shape and word, so that colour is never the only sign.
SEVERITY_MARKS = {
    Severity.NEEDS_ACTION: "\u25c6",
    Severity.WORTH_ATTENTION: "\u25b2",
    Severity.OPPORTUNITY: "\u25cf",
    Severity.INFORMATION: "\u25cb",
}

# Source: handbook, cs-and-onboarding/cost-optimization-reviews (state the effort: a toggle or
# an engineer-day).
EFFORTS = {
    Effort.SETTING: "A setting; minutes, no release",
    Effort.BILLING_PAGE: "A change on the billing page; minutes",
    Effort.CODE_CHANGE: "A code change and a release; about an engineer-day",
    Effort.CONVERSATION: "A conversation first, then a decision",
}

SHORT_EFFORTS = {
    Effort.SETTING: "Setting",
    Effort.BILLING_PAGE: "Billing page",
    Effort.CODE_CHANGE: "Code change",
    Effort.CONVERSATION: "Conversation",
}

UNITS = {
    "percent": "{}%",
    "usd": "${}",
    "per_session": "{} per session",
    "seconds": "{} seconds",
    "days": "{} days",
    "months": "{} months",
    "ratio": "{}",
    "score": "{}",
    "count": "{}",
}

#: Words of identifiers that are no ordinary words.
SPELLED = {
    "ai": "AI",
    "api": "API",
    "cdp": "CDP",
    "crm": "CRM",
    "csm": "CSM",
    "id": "ID",
    "ids": "IDs",
    "llm": "LLM",
    "mrr": "MRR",
    "sdk": "SDK",
    "usd": "USD",
    "yc": "YC",
}

#: A sentence that says the effort alone.
EFFORT = re.compile(r"no release is needed\.$|^A setting of the \w+\.$")

#: Units that have no plural.
UNCOUNTED = ("GB", "MB")

JOINERS = "\u200c\u200d"  # needed inside emoji and several scripts; they hide nothing
LINE_BREAKS = "\n\r\u2028\u2029\u0085"


def usd(amount: Decimal | None) -> str:
    """Dollars and cents.

    >>> usd(Decimal("-1234.5"))
    '-$1,234.50'
    """
    if amount is None:
        return "unknown"
    sign = "-" if amount < 0 else ""
    return f"{sign}${abs(amount):,.2f}"


def between(of: Range) -> str:
    """Where 80% of the outcomes lie, in words that end a sentence."""
    return f"{usd(of.p10)} to {usd(of.p90)}"


def dollars(amount: Decimal | None) -> str:
    """A round sum as it was agreed, such as a limit.

    >>> dollars(Decimal("150.0000")), dollars(Decimal("99.5"))
    ('$150', '$99.50')
    """
    whole = usd(amount)
    return whole.removesuffix(".00")


def quantity(number: int | Decimal) -> str:
    """A whole or exact number with thousands separators."""
    if isinstance(number, Decimal):
        text = f"{number:,f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{number:,}"


def percent(part: Decimal | int, whole: Decimal | int) -> str:
    """A share of a whole; empty when there is no whole.

    >>> percent(1, 3)
    '33%'
    """
    if not whole:
        return ""
    share = Decimal(100) * Decimal(part) / Decimal(whole)
    if 0 < share < Decimal("0.1"):
        return "under 0.1%"
    places = Decimal(1) if share >= 10 else Decimal("0.1")
    return f"{share.quantize(places, rounding=ROUND_HALF_UP):f}%"


def rate(percentage: Decimal) -> str:
    """A percentage as it was agreed, without zeros that say nothing.

    >>> rate(Decimal("15.0000")), rate(Decimal("12.5"))
    ('15%', '12.5%')
    """
    return f"{quantity(percentage)}%"


def day(of: date) -> str:
    return f"{of.day} {of:%b} {of.year}"


def span(start: date, end: date) -> str:
    """A period whose ``end`` is the day after its last, written with both days included."""
    last = end - timedelta(days=1)
    if last <= start:
        return day(start)
    first = f"{start.day} {start:%b}" if start.year == last.year else day(start)
    return f"{first} to {day(last)}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun.

    >>> count(1, "finding"), count(3, "finding")
    ('1 finding', '3 findings')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def units(unit: str) -> str:
    """The unit of many.

    >>> units("trigger event"), units("GB"), units("dispatch")
    ('trigger events', 'GB', 'dispatches')
    """
    if unit in UNCOUNTED:
        return unit
    return unit + ("es" if unit.endswith("ch") else "s")


def joined(parts: Sequence[str]) -> str:
    return ", ".join(part for part in parts if part)


def listed(parts: Sequence[str]) -> str:
    """Parts as people list them.

    >>> listed(["a", "b", "c"]), listed(["a"])
    ('a, b and c', 'a')
    """
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def spaced(*sentences: str) -> str:
    """Sentences behind one another; empty ones leave no space."""
    return " ".join(filter(None, sentences))


def visible(text: str) -> str:
    """Text in which every character shows: line breaks, controls and direction marks.

    >>> visible("a\u202eb\\nc")
    'a[U+202E]b\u21b5c'
    """
    return text if text.isprintable() else "".join(map(_visible_character, text))


def _visible_character(character: str) -> str:
    if character in LINE_BREAKS:
        return "\u21b5"
    if character == "\t":
        return " "
    if character not in JOINERS and unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}:
        return f"[U+{ord(character):04X}]"
    return character


def shown(text: str, limit: int = NAME_LENGTH) -> str:
    """Other people's text for plain text and chart labels: visible, and cut to ``limit``."""
    cut = visible(text[: limit + 1])
    return cut if len(cut) <= limit else cut[: limit - 1] + "\u2026"


def escaped(text: str, limit: int = NAME_LENGTH) -> str:
    """Other people's text for HTML: isolated from its surroundings, in full as a tooltip."""
    brief = shown(text, limit)
    title = ""
    if brief.endswith("\u2026") or len(text) > limit:
        title = f' title="{html.escape(shown(text, TITLE_LENGTH))}"'
    return f"<bdi{title}>{html.escape(brief)}</bdi>"


def sentence(text: str) -> str:
    """A sentence that may quote a customer, for HTML: escaped, spaces kept single."""
    return escaped(" ".join(text.split()), SENTENCE_LENGTH)


def plain_sentence(text: str) -> str:
    """The same for plain text."""
    return shown(" ".join(text.split()), SENTENCE_LENGTH)


def prose(text: str) -> str:
    """Our own text for HTML: escaped, with ``code`` as code."""
    marked = html.escape(capital(" ".join(text.split())))
    return re.sub(r"``(.+?)``", r"<code>\1</code>", marked)


def first_sentence(text: str) -> tuple[str, str]:
    """The first sentence, and the rest.

    >>> first_sentence("Turn it off. A setting.")
    ('Turn it off.', 'A setting.')
    """
    head, stop, rest = " ".join(text.split()).partition(". ")
    return head + stop.strip(), rest


def without_effort(text: str) -> str:
    """Our own text without the sentences that say the effort, which is shown beside it.

    >>> without_effort("A project setting; no release is needed. Check that it is on.")
    'Check that it is on.'
    """
    return " ".join(one for one in re.split(r"(?<=\.) ", text) if not EFFORT.search(one))


def unmarked(text: str) -> str:
    """Our own text for plain text."""
    return capital(" ".join(text.replace("``", "").split()))


def phrase(identifier: str) -> str:
    """An identifier as words.

    >>> phrase("ai_spans_dominate"), phrase("sdk_outdated")
    ('AI spans dominate', 'SDK outdated')
    """
    return capital(" ".join(SPELLED.get(word, word) for word in identifier.split("_")))


def threshold(name: str, number: str) -> str:
    """A threshold with the unit its name ends in.

    >>> threshold("autocapture_percent", "50"), threshold("least_cost_usd", "5")
    ('Autocapture 50%', 'Least cost $5')
    """
    unit = next((unit for unit in UNITS if name.endswith(f"_{unit}")), "")
    return f"{phrase(name.removesuffix(f'_{unit}'))} {threshold_value(name, number)}"


def threshold_value(name: str, number: str) -> str:
    """The value alone, with the unit that the name of the threshold ends in."""
    unit = next((unit for unit in UNITS if name.endswith(f"_{unit}")), "count")
    return UNITS[unit].format(number)


def link(url: str, words: str) -> str:
    """A link to a documentation page; anything but https stays text."""
    if not re.fullmatch(r"https://[A-Za-z0-9.-]+(/[^\s\"'<>]*)?", url):
        return html.escape(visible(url))
    return f'<a href="{html.escape(url)}" rel="noopener noreferrer">{html.escape(words)}</a>'


def capital(text: str) -> str:
    """The text with its first letter large; the rest stays as it is."""
    return text[:1].upper() + text[1:]
