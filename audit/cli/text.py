"""Other people's text in a terminal: shown as text, with no power over it."""

import os
import re
import unicodedata

KEY_VARIABLE = "POSTHOG_PERSONAL_API_KEY"
KEYS = re.compile(r"\bph[a-z]_[A-Za-z0-9_-]{8,}")
PASSWORDS = re.compile(r"(?<=://)[^/@\s]*:[^@\s]*(?=@)|(?<=[?&]password=)[^&\s]+")
SHORTEST_KEY = 6

JOINERS = "\u200c\u200d"  # needed inside emoji and several scripts; they hide nothing
LINE_BREAKS = "\n\r\u2028\u2029\u0085"
HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def safe(text: object) -> str:
    """Text on one line in which every character shows: no escapes, controls or direction marks.

    >>> safe("\\x1b[31mred\\u202e")
    '[U+001B][31mred[U+202E]'
    """
    return "".join(map(_shown, str(text)))


def safe_lines(text: str) -> str:
    """The same for text of several lines."""
    return "\n".join(safe(line) for line in text.split("\n"))


def _shown(character: str) -> str:
    if character in LINE_BREAKS:
        return "\u21b5"
    if character == "\t":
        return " "
    if character not in JOINERS and unicodedata.category(character) in HIDDEN:
        return f"[U+{ord(character):04X}]"
    return character


def redacted(text: str) -> str:
    """Text without PostHog keys (the configured one, and whatever looks like one) and without
    passwords in URLs.

    >>> redacted("postgresql://ada:secret@db/audit")
    'postgresql://***@db/audit'
    """
    own = os.environ.get(KEY_VARIABLE, "").strip()
    if len(own) >= SHORTEST_KEY:
        text = text.replace(own, "***")
    return PASSWORDS.sub("***", KEYS.sub("***", text))
