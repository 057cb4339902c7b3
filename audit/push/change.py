"""One change to another system: what would be sent, where, and the key it is known by."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

from audit.errors import InputError

PLAIN_TAGS = ("p", "div", "br", "ul", "ol", "nl", "li", "b", "u", "i", "strong", "em", "code")
#: What Vitally keeps of the HTML of a note or task; it strips the rest without a word.
ALLOWED: dict[str, set[str]] = {
    "a": {"href", "name", "target"},
    "img": {"src", "alt", "width", "height"},
    **{
        tag: set()
        for tag in ["p", "div", "br", "ul", "ol", "nl", "li", "b", "u", "i", "strong", "em", "code"]
    },
}
VOID = ("br", "img")
LINK = re.compile(r"https://[^\s\"<>]+")


@dataclass(frozen=True)
class Change:
    """``system``: vitally or slack; ``action``: note, task, trait or message; ``target``: in words,
    what changes. ``payload``: what is sent, without ids that only the system knows. ``preview``:
    the same for people, in plain text. ``key``: the same change has the same key."""

    system: str
    action: str
    organization_id: str
    target: str
    payload: Mapping[str, Any] = field(repr=False)
    preview: str
    key: str

    @property
    def request_hash(self) -> str:
        """SHA-256 of what is sent."""
        text = json.dumps([self.system, self.action, dict(self.payload)], sort_keys=True)
        return sha256(text.encode()).hexdigest()


def key_of(organization_id: str, run: str, kind: str) -> str:
    """The key of a change: of one organization, one audit and one kind there is one.

    >>> key_of("org", "2026-11-01 2025-06", "note")
    'audit:c1c3d7e371865277cb1fc6d69d565656'
    """
    text = json.dumps([organization_id, run, kind])
    return f"audit:{sha256(text.encode()).hexdigest()[:32]}"


def html_of(paragraphs: Sequence[str], items: Sequence[tuple[str, str]] = ()) -> str:
    """Sentences and a list, each entry with a strong beginning, as the HTML that Vitally keeps.

    >>> html_of(["A <b>."], [("Bots", "They cost.")])
    '<p>A &lt;b&gt;.</p><ul><li><strong>Bots</strong> They cost.</li></ul>'
    """
    body = "".join(f"<p>{html.escape(one)}</p>" for one in paragraphs)
    if items:
        rows = "".join(
            f"<li><strong>{html.escape(lead)}</strong> {html.escape(rest)}</li>"
            for lead, rest in items
        )
        body += f"<ul>{rows}</ul>"
    return linted(body)


def linted(text: str) -> str:
    """HTML that Vitally keeps whole.

    Raises: InputError for a tag or attribute it would strip, a link that is no https address, or
    tags that do not close.
    """
    reader = _Reader()
    reader.feed(text)
    reader.close()
    if reader.open:
        raise InputError(f"The tag <{reader.open[-1]}> of the note does not close.")
    return text


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ALLOWED:
            raise InputError(f"Vitally strips the tag <{tag}>; notes hold {', '.join(ALLOWED)}.")
        for name, value in attrs:
            if name not in ALLOWED[tag]:
                raise InputError(f"Vitally strips the attribute {name} of <{tag}>.")
            if name in ("href", "src") and not LINK.fullmatch(value or ""):
                raise InputError(f"The link {value!r} of a note is no https address.")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open[-1] != tag:
            raise InputError(f"The tag </{tag}> of the note closes nothing.")
        self.open.pop()
