"""Status words and segments of the CRM, of all times, and what each means."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from audit.errors import SettingsError

#: Hyphen-minus, hyphen and non-breaking hyphen, figure, en and em dash, bar, minus, full width.
DASHES = re.compile(r"\s*[-\u2010-\u2015\u2212\ufe58\ufe63\uff0d]\s*")
SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Era:
    """The words of one time: a status field, its values and where they are published.

    ``stages``: word as its users spell it to stage. ``retired``: words no longer set that
    accounts still carry.
    """

    name: str
    title: str
    field: str
    source: str
    stages: Mapping[str, str]
    retired: tuple[str, ...]


@dataclass(frozen=True)
class Vocabulary:
    """All words. ``stages`` and ``roles`` by their folded spelling."""

    meanings: Mapping[str, str]
    terminal: frozenset[str]
    eras: tuple[Era, ...]
    stages: Mapping[str, str]
    role_meanings: Mapping[str, str]
    roles: Mapping[str, str]

    def stage(self, word: str) -> str | None:
        """The stage a whole status word means, or None for a word nobody has seen.

        >>> vocabulary().stage("6c. Sales \u2014 Handoff"), vocabulary().stage("6c. sales  handoff")
        (None, 'sales')
        """
        return self.stages.get(folded(word))

    def role(self, segment: str) -> str | None:
        """What a segment says, or None for one nobody has seen."""
        return self.roles.get(folded(segment))


def folded(word: str) -> str:
    """A word without what may differ between two spellings: case, kind of dash, white space.

    >>> folded("  3a. Engaged \u2014  Email")
    '3a. engaged-email'
    """
    return SPACES.sub(" ", DASHES.sub("-", word)).strip().casefold()


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """The words that ship with the toolkit.

    Raises: SettingsError when a word means two things or names a stage that is none.
    """
    text = (resources.files("audit.lifecycle") / "vocabulary.toml").read_text(encoding="utf-8")
    return read_vocabulary(text)


def read_vocabulary(text: str) -> Vocabulary:
    """The words of a vocabulary file."""
    given = tomllib.loads(text)
    stages: dict[str, str] = {}
    eras = []
    for era in given["era"]:
        _add(stages, era["values"], given["stages"], f"era {era['name']}")
        strangers = set(era.get("retired", ())) - set(era["values"])
        if strangers:
            raise SettingsError(f"vocabulary.toml: era {era['name']} has no {min(strangers)!r}.")
        eras.append(
            Era(
                era["name"],
                era["title"],
                era["field"],
                era["source"],
                era["values"],
                tuple(era.get("retired", ())),
            )
        )
    roles: dict[str, str] = {}
    _add(roles, given["segments"]["values"], given["roles"], "segments")
    return Vocabulary(
        meanings={name: stage["meaning"] for name, stage in given["stages"].items()},
        terminal=frozenset(n for n, stage in given["stages"].items() if stage["terminal"]),
        eras=tuple(eras),
        stages=stages,
        role_meanings=given["roles"],
        roles=roles,
    )


def _add(
    meanings: dict[str, str],
    words: Mapping[str, str],
    allowed: Mapping[str, object],
    where: str,
) -> None:
    for word, meaning in words.items():
        if meaning not in allowed:
            raise SettingsError(
                f"vocabulary.toml, {where}: {word!r} means {meaning!r}, which is none of "
                f"{', '.join(allowed)}."
            )
        before = meanings.setdefault(folded(word), meaning)
        if before != meaning:
            raise SettingsError(
                f"vocabulary.toml, {where}: {word!r} means {meaning!r} here and {before!r} before."
            )
