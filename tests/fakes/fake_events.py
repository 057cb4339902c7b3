"""Billed events that, counted the vendor's way, give usage rows and activity back.

All billed events of a project stand in one line, those of the web first. Proxied ones are its
beginning, bots its beginning too, internal users come after the bots, and the rest is behaviour.
Every combination of a usage row is cut at these points; persons are dealt out so that exactly the
wanted number of them stands behind the behaviour.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pandas as pd
from fake_values import quoted

HOSTS = {
    "production": "app.example.com",
    "staging": "staging.example.com",
    "localhost": "localhost:3000",
    "unknown": "",
}
KNOWN, WASTED, ANONYMOUS = range(3)
PERSON_MODES = {KNOWN: "full", WASTED: "force_upgrade", ANONYMOUS: "propertyless"}
BOT_AGENT = "Mozilla/5.0 (compatible; ExampleBot/2.1; +http://bot.example.com)"
BROWSER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0"
WEB = ("web", "js")


@dataclass(frozen=True)
class Persons:
    """Whom events are dealt to in turn: ``split`` of them from ``low``, the rest from ``other``."""

    low: int
    size: int
    split: int
    other: int = 0

    @classmethod
    def run(cls, low: int, size: int) -> "Persons":
        return cls(low, max(size, 1), max(size, 1))


ONE = Persons.run(0, 1)


@dataclass(frozen=True)
class Part:
    """Events that agree in everything but time, session and person."""

    event: str
    properties: Mapping[str, Any]
    mode: int
    quantity: int
    #: Place of the first one in the line of all events.
    first: int
    person_properties: Mapping[str, Any] | None = None
    persons: Persons = ONE
    #: Number of the first one among those dealt to the same persons.
    turn: int = 0

    def sql(self) -> str:
        persons = self.persons
        values = (
            quoted(self.event),
            quoted(json.dumps(self.properties)),
            quoted(json.dumps(self.person_properties or {})),
            quoted(PERSON_MODES[self.mode]),
            *(persons.low, persons.size, persons.split, persons.other),
            *(self.turn, self.quantity, self.first),
        )
        return f"({', '.join(map(str, values))})"


class Events:
    """The parts of one project, and how many of its people were ever identified."""

    def __init__(
        self,
        team_id: int,
        own: Mapping[str, pd.DataFrame],
        activity: Mapping[str, int],
        filters: Sequence[Mapping[str, Any]],
    ) -> None:
        self.team_id, self.activity, self.filters = team_id, activity, filters
        self.versions = own["sdk_versions"].set_index("library")["version"].to_dict()
        usage = own["usage_rows"]
        usage = usage[usage["meter"] == "product_analytics"]
        line = list(self._line(usage))
        self.total = sum(part.quantity for part in line)
        self.known, self.wasted = self._identified(usage)
        bots = int(activity.get("bot_events", 0))
        internal = self.total - bots - int(activity.get("behaviour_events", self.total - bots))
        proxied = int(activity.get("proxied_web_events", 0))
        web = sum(part.quantity for part in line if part.properties.get("$lib") in WEB)
        if internal < 0 or proxied > web:
            self._impossible(f"{proxied} proxied of {web} web, {internal} internal events")
        self.parts = self._dealt(list(self._cut(line, bots, internal, proxied)), bots + internal)

    def _impossible(self, what: str) -> None:
        raise ValueError(f"project {self.team_id}: {what}")

    def _line(self, usage: pd.DataFrame) -> Iterator[Part]:
        first = 0
        for row in sorted(usage.itertuples(), key=lambda row: row.library not in WEB):
            properties = {"$lib": row.library, "$lib_version": self.versions.get(row.library)}
            if row.library == "unknown":
                properties = {}
            if row.library in WEB:
                properties["$raw_user_agent"] = BROWSER_AGENT
                properties["$lib_custom_api_host"] = "https://us.i.posthog.com"
            if HOSTS[row.host_class]:
                properties["$host"] = HOSTS[row.host_class]
            mode = KNOWN if row.known_person else WASTED if row.identified else ANONYMOUS
            yield Part(row.event, properties, mode, int(row.quantity), first)
            first += int(row.quantity)

    def _identified(self, usage: pd.DataFrame) -> tuple[int, int]:
        """How many people were identified, and how many never."""
        people = int(self.activity.get("people", 1))
        needs = (
            int(usage["known_person"].any()),
            int((usage["identified"] & ~usage["known_person"]).any()),
        )
        if sum(needs) > people:
            self._impossible(f"{people} people, {needs} are needed")
        known = max(needs[0], people // 2 if needs[0] else 0)
        known = min(known, people - needs[1])
        return known, people - known

    def _cut(self, line: list[Part], bots: int, internal: int, proxied: int) -> Iterator[Part]:
        for whole in line:
            end = whole.first + whole.quantity
            points = sorted({bots, bots + internal, proxied, whole.first, end})
            points = [point for point in points if whole.first <= point <= end]
            for first, after in pairwise(points):
                changes: dict[str, Any] = {}
                if first < proxied:
                    changes["$lib_custom_api_host"] = "https://e.example.com"
                if first < bots:
                    changes["$raw_user_agent"] = BOT_AGENT
                part = replace(
                    whole,
                    first=first,
                    quantity=after - first,
                    properties={**whole.properties, **changes},
                )
                if bots <= first < bots + internal:
                    part = replace(part, person_properties=self._internal_person())
                yield part

    def _internal_person(self) -> Mapping[str, Any]:
        """A person that the project's first filter of persons takes out."""
        for one in self.filters:
            if one["type"] == "person" and one["operator"] in ("not_icontains", "is_not"):
                value = one["value"][0] if isinstance(one["value"], list) else one["value"]
                return {one["key"]: value}
        self._impossible("internal events, and no filter of persons that takes them out")
        return {}

    def _dealt(self, parts: list[Part], behaviour_from: int) -> list[Part]:
        """Parts with their persons; behaviour begins at a place in the line."""
        people = self.known + self.wasted
        pools = {
            KNOWN: Persons.run(0, self.known),
            WASTED: Persons.run(self.known, self.wasted),
            ANONYMOUS: Persons.run(0, people),
        }
        behaviour = self._behaviour([p for p in parts if p.first >= behaviour_from], pools)
        turns: dict[tuple[int, bool], int] = {}
        dealt = []
        for part in parts:
            counts = part.first >= behaviour_from
            turn = turns.get((part.mode, counts), 0)
            turns[part.mode, counts] = turn + part.quantity
            persons = (behaviour if counts else pools)[part.mode]
            dealt.append(replace(part, persons=persons, turn=turn))
        return dealt

    def _behaviour(self, parts: list[Part], pools: dict[int, Persons]) -> dict[int, Persons]:
        if "behaviour_people" not in self.activity:
            return pools
        wanted = int(self.activity["behaviour_people"])
        events = {mode: sum(p.quantity for p in parts if p.mode == mode) for mode in PERSON_MODES}
        known, wasted = int(events[KNOWN] > 0), int(events[WASTED] > 0)
        rest = wanted - known - wasted
        more = max(min(rest, min(self.known, events[KNOWN]) - known), 0)
        known, rest = known + more, rest - more
        more = max(min(rest, min(self.wasted, events[WASTED]) - wasted), 0)
        wasted, rest = wasted + more, rest - more
        others = self.known + self.wasted - known - wasted
        if not 0 <= rest <= min(events[ANONYMOUS], others):
            self._impossible(f"{wanted} people behind {sum(events.values())} events of behaviour")
        anonymous = Persons.run(0, known) if known else Persons.run(self.known, wasted)
        if rest:
            anonymous = Persons(known, rest, min(rest, self.known - known), self.known + wasted)
        return {
            KNOWN: Persons.run(0, known),
            WASTED: Persons.run(self.known, wasted),
            ANONYMOUS: anonymous,
        }
