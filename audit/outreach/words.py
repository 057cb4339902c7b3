"""The words of a draft: what is never written, how sums are rounded, and what asks for an answer.

Source: the vendor's handbook, onboarding-conversations-playbook and the team's e-mail rules.
"""

import re
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from audit.views import words
from audit.views.words import usd

#: Never written to a customer.
BANNED = (
    "circling back",
    "just touching base",
    "touching base",
    "hope this finds you well",
    "i'd love to connect",
    "i'm genuinely curious",
    "are you open to a quick chat",
    "let me know your thoughts",
    "synergy",
    "leverage",
    "alignment",
    "best-in-class",
    "checking in",
    "following up",
)

#: Savings are efficiency, never blame.
BLAME = ("waste", "wasted", "wasting", "mistake", "your fault", "you should have", "careless")

#: Says what caused something in the customer's code or team, which figures cannot show.
CAUSE = re.compile(
    r"\b(because (?:you|your|of your)|caused by|due to your|the reason is|you (?:forgot|failed)|"
    r"your (?:developers?|engineers?|team) (?:forgot|broke|misconfigured|failed))\b",
    re.IGNORECASE,
)

DASHES = re.compile("[\u2010-\u2015\u2212]")

#: One of these ends a first message and a check-in.
ASKS = {
    "first": "Worth a look before your next renewal?",
    "follow-up": "Want to take a look together?",
    "check-in": "Happy to help if the timing is right.",
}

#: At most so many recommendations, by what is written.
MOST_LEVERS = {"first": 3, "follow-up": 2, "check-in": 1, "notebook": 5}

#: Tell what the bill line tells, so that they are no recommendation.
ABOUT_THE_BILL = frozenset({"upcoming_invoice_large"})

NUMBERS = ("Nothing", "One thing", "Two things", "Three things", "Four things", "Five things")


def plain(text: str) -> str:
    """Text in one line in which every character shows, with no dash but the hyphen."""
    return DASHES.sub("-", words.visible(" ".join(text.split())))


def about(amount: Decimal, exact: bool) -> str:
    """A sum in words: to the cent, or as one would say it.

    >>> about(Decimal("419.71"), exact=False), about(Decimal("1989.06"), exact=False)
    ('about $420', 'about $1,990')
    >>> about(Decimal("8.40"), exact=False), about(Decimal("419.71"), exact=True)
    ('about $8', '$419.71')
    """
    return usd(amount) if exact else f"about {rounded(amount)}"


def rounded(amount: Decimal) -> str:
    """To two figures, from a thousand dollars on to three; below a dollar, to the cent.

    >>> rounded(Decimal("336.02")), rounded(Decimal("22.56")), rounded(Decimal("0.4"))
    ('$340', '$23', '$0.40')
    """
    if abs(amount) < 1:
        return usd(amount)
    figures = 2 if abs(amount) < 1000 else 3
    step = Decimal(1).scaleb(max(amount.adjusted() - figures + 1, 0))
    near = (amount / step).quantize(Decimal(1), rounding=ROUND_HALF_EVEN) * step
    return usd(near).removesuffix(".00")


def day(text: str) -> str:
    """A day as it is written in a letter.

    >>> day("2026-11-05")
    '5 November 2026'
    """
    of = date.fromisoformat(text)
    return f"{of.day} {of:%B} {of.year}"
