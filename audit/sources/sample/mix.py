"""Usage rows: which events, from which library and host, with or without a person."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from audit.sources.sample.draws import Floats, Integers, Truths
from audit.sources.sample.further import Further
from audit.sources.sample.plan import Plan
from audit.sources.sample.products import Products
from audit.sources.sample.vocabulary import (
    COUNTER_OF_PRODUCT,
    COUNTERS,
    DECIDE,
    DURATIONS,
    EVENT_CODE,
    FIRST_THEME_EVENT,
    FLAG_EVENTS,
    HOSTS,
    KINDS,
    LOCAL,
    MARKETING,
    METERS,
    MOBILE,
    MOBILE_LIBRARIES,
    PRODUCTION,
    SERVER_LIBRARIES,
    STAGING,
    THEME_SIZE,
    THEMES,
)

KNOWN, WASTED, ANONYMOUS, ALWAYS, NEVER = range(5)
WEB, SERVER, APP, CALLER = range(4)
CUSTOM = -1
CHANNELS = (
    "$autocapture",
    "$pageview",
    "$pageleave",
    "$web_vitals",
    "custom on clients",
    "custom on servers",
    "$rageclick",
    "$identify",
    "$set",
    "$groupidentify",
    "$dead_click",
)
FIRST_CUSTOM_PART = 0.65
#: Share of each channel where identity may be wasted.
WASTEFUL = np.array([1, 1, 1, 0, FIRST_CUSTOM_PART, 0, 0, 0, 0, 0, 0])
MOST_WASTED = 0.92
MOST_LEAKED = 0.8
#: Weights of web vitals, page leaves and servers' own events where nobody reads them.
UNREAD_VITALS, UNREAD_LEAVES, UNREAD_CUSTOM = 0.9, 1.3, 0.7


class Entry(NamedTuple):
    """One kind of event in one kind of project; ``part`` is its share within channel and mode."""

    channel: int
    event: int
    library: int
    host: str
    mode: int
    part: float
    leaked: bool = False


def _entries(kind: int) -> list[Entry]:
    page = (
        ("$screen", "Application Backgrounded") if kind == MOBILE else ("$pageview", "$pageleave")
    )
    client = APP if kind == MOBILE else WEB
    host = {MOBILE: "unknown", STAGING: "staging"}.get(kind, "production")
    out = []
    for mode in (KNOWN, WASTED, ANONYMOUS):
        out += [
            Entry(0, EVENT_CODE["$autocapture"], client, host, mode, 1.0),
            Entry(1, EVENT_CODE[page[0]], client, host, mode, 1.0),
            Entry(2, EVENT_CODE[page[1]], client, host, mode, 1.0),
            Entry(4, CUSTOM, client, host, mode, FIRST_CUSTOM_PART),
        ]
    second = NEVER if kind == MARKETING else ALWAYS
    out += [
        Entry(4, CUSTOM - 1, client, host, second, 1 - FIRST_CUSTOM_PART),
        Entry(5, CUSTOM - 2, SERVER, "unknown", ALWAYS, 0.7),
        Entry(5, CUSTOM - 3, SERVER, "unknown", NEVER, 0.3),
        Entry(3, EVENT_CODE["$web_vitals"], WEB, host, second, 1.0),
        Entry(6, EVENT_CODE["$rageclick"], WEB, host, ALWAYS, 1.0),
        Entry(7, EVENT_CODE["$identify"], client, host, ALWAYS, 1.0),
        Entry(8, EVENT_CODE["$set"], CALLER, host, ALWAYS, 1.0),
        Entry(9, EVENT_CODE["$groupidentify"], CALLER, host, ALWAYS, 1.0),
        Entry(10, EVENT_CODE["$dead_click"], WEB, host, ALWAYS, 1.0),
    ]
    if kind in (PRODUCTION, STAGING):
        out += [
            Entry(1, EVENT_CODE["$pageview"], WEB, "localhost", ANONYMOUS, 1.0, leaked=True),
            Entry(0, EVENT_CODE["$autocapture"], WEB, "localhost", KNOWN, 1.0, leaked=True),
        ]
    return out


ENTRIES = tuple(tuple(_entries(kind)) for kind in range(KINDS))
#: Weight of the split channels after autocapture, by kind.
BASE = np.array(
    [
        [1.0, 0.65, 0.3, 0.5, 0.45],
        [1.0, 0.8, 0.35, 0.15, 0.0],
        [1.0, 0.3, 0.0, 0.7, 0.1],
        [1.0, 0.0, 0.0, 0.4, 0.0],
    ]
)


@dataclass
class Rows:
    """Usage rows as codes; every array has one value per row."""

    organization: Integers
    kind: Integers
    meter: Integers
    event: Integers
    library: Integers
    host: Integers
    identified: Truths
    known: Truths
    quantity: Integers

    @classmethod
    def joined(cls, parts: list["Rows"]) -> "Rows":
        names = cls.__dataclass_fields__
        rows = cls(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})
        order = np.lexsort((rows.meter, rows.kind, rows.organization))
        return cls(**{name: getattr(rows, name)[order] for name in names})

    def chosen(self, mask: Truths, meter: str) -> "Rows":
        names = self.__dataclass_fields__
        out = Rows(**{name: getattr(self, name)[mask] for name in names})
        out.meter = np.full(len(out.quantity), METERS.index(meter))
        return out

    def totals(self, meter: str, size: int) -> Floats:
        """(organizations, kinds): observed in the window."""
        out = np.zeros((size, KINDS))
        mine = self.meter == METERS.index(meter)
        np.add.at(out, (self.organization[mine], self.kind[mine]), self.quantity[mine])
        return out


class Mix:
    """The usage rows of a plan, and the billed totals that go with them."""

    def __init__(
        self, plan: Plan, products: Products, further: Further, legacy_pipelines: Truths
    ) -> None:
        self.plan, self.further = plan, further
        draws = plan.draws
        # Libraries: one server and one mobile library per organization; who sends $set varies.
        self.server = 1 + draws.below("server library", len(SERVER_LIBRARIES))
        self.app = 1 + len(SERVER_LIBRARIES) + draws.below("app library", len(MOBILE_LIBRARIES))
        self.theme = draws.below("theme", len(THEMES)) * (draws.numbers != 0)
        self.first_event = draws.below("first event", THEME_SIZE)
        self.calls_from_server = draws.chance("calls from server", 0.35)
        events = Rows.joined([self._event_rows(kind) for kind in range(KINDS)])
        paid_groups = plan.groups_paid[events.organization] & events.identified
        parts = [
            events,
            events.chosen(events.identified, "enhanced_persons"),
            events.chosen(paid_groups, "group_analytics"),
            events.chosen(legacy_pipelines[events.organization], "data_pipelines"),
        ]
        parts += self._replay_rows(products) + self._flag_rows(products)
        self.rows = Rows.joined(parts)
        self.billed = self._billed(products)

    def custom(self, which: int) -> Integers:
        """Code of an organization's own event, 0 to 3."""
        event = (self.first_event + which) % THEME_SIZE
        return np.asarray(FIRST_THEME_EVENT + self.theme * THEME_SIZE + event)

    def channel_shares(self, kind: int) -> Floats:
        """(organizations, channels); they sum to one."""
        plan = self.plan
        weights = BASE[kind] * np.exp(0.25 * plan.draws.normal(f"channels {kind}", BASE.shape[1]))
        weights[:, 2] *= plan.draws.chance(f"vitals {kind}", 0.6)
        for place, check, unread in (
            (2, "web_vitals_unread", UNREAD_VITALS),
            (1, "pageleave_unread", UNREAD_LEAVES),
            (4, "custom_events_unread", UNREAD_CUSTOM),
        ):
            faulty = self.further.at(check)[:, kind]
            weights[:, place] = np.where(faulty, unread, weights[:, place])
        calls = np.stack([plan.identify, plan.set, plan.groupidentify])[:, :, kind].T
        rage, dead = self.further.rageclicks[:, [kind]], self.further.dead_clicks[:, [kind]]
        auto = plan.autocapture[:, [kind]]
        left = 1 - auto - rage - dead - calls.sum(axis=1, keepdims=True)
        others = left * weights / weights.sum(axis=1, keepdims=True)
        return np.concatenate([auto, others, rage, calls, dead], axis=1)

    def _event_rows(self, kind: int) -> Rows:
        plan, entries = self.plan, ENTRIES[kind]
        shares = self.channel_shares(kind)
        wasteful = (shares * WASTEFUL).sum(axis=1)
        wasted = np.minimum(plan.wasted[:, kind] / wasteful, MOST_WASTED)
        known = plan.known[:, kind] * (1 - wasted)
        whole = np.ones(plan.size)
        modes = np.stack([known, wasted, 1 - known - wasted, whole, whole], axis=1)
        leak = np.full(plan.size, 0.5 * (kind == STAGING))
        if kind == PRODUCTION:
            open_to_it = shares[:, 1] * modes[:, ANONYMOUS] + shares[:, 0] * modes[:, KNOWN]
            leak = np.minimum(self.further.leak / open_to_it, MOST_LEAKED)
        quantity = np.zeros((plan.size, len(entries)))
        for place, entry in enumerate(entries):
            value = shares[:, entry.channel] * modes[:, entry.mode] * entry.part
            if entry.leaked:
                value = value * leak
            elif (entry.channel, entry.mode) in ((1, ANONYMOUS), (0, KNOWN)):
                value = value * (1 - leak)
            quantity[:, place] = value
        quantity *= (plan.project_events[:, kind] * plan.scale)[:, None]
        counts = np.rint(quantity).astype(np.int64)
        organization, found = np.nonzero(counts)
        mode = np.array([entry.mode for entry in entries])[found]
        return Rows(
            organization=organization,
            kind=np.full(len(found), kind),
            meter=np.zeros(len(found), dtype=np.int64),
            event=self._events(entries)[organization, found],
            library=self._libraries(entries)[organization, found],
            host=self._hosts(entries)[organization, found],
            identified=~np.isin(mode, (ANONYMOUS, NEVER)),
            known=(mode == KNOWN) | (mode == ALWAYS),
            quantity=counts[organization, found],
        )

    def _events(self, entries: tuple[Entry, ...]) -> Integers:
        columns = [
            np.full(self.plan.size, e.event) if e.event >= 0 else self.custom(CUSTOM - e.event)
            for e in entries
        ]
        return np.stack(columns, axis=1)

    def _libraries(self, entries: tuple[Entry, ...]) -> Integers:
        web = np.zeros(self.plan.size, dtype=np.int64)
        caller = np.where(self.calls_from_server, self.server, web)
        of_role = {WEB: web, SERVER: self.server, APP: self.app, CALLER: caller}
        return np.stack([of_role[entry.library] for entry in entries], axis=1)

    def _hosts(self, entries: tuple[Entry, ...]) -> Integers:
        unknown = HOSTS.index("unknown")
        columns = []
        for entry in entries:
            host = np.full(self.plan.size, HOSTS.index(entry.host))
            if entry.library == CALLER:
                host = np.where(self.calls_from_server, unknown, host)
            columns.append(host)
        return np.stack(columns, axis=1)

    def _plain_rows(
        self,
        meter: str,
        kind: int,
        event: str,
        library: Integers,
        quantity: Floats,
        *,
        host: str = "production",
    ) -> Rows:
        counts = np.rint(quantity).astype(np.int64)
        organization = np.flatnonzero(counts)
        same = np.ones(len(organization), dtype=np.int64)
        server = (library > 0)[organization]
        home = "staging" if kind == STAGING else host
        return Rows(
            organization=organization,
            kind=same * kind,
            meter=same * METERS.index(meter),
            event=same * EVENT_CODE[event],
            library=library[organization],
            host=np.where(server, HOSTS.index("unknown"), HOSTS.index(home)),
            identified=same == 0,
            known=same == 0,
            quantity=counts[organization],
        )

    def _replay_rows(self, products: Products) -> list[Rows]:
        plan = self.plan
        web = np.zeros(plan.size, dtype=np.int64)
        middle = plan.draws.between("two to five", 0.08, 0.2, KINDS)
        low = plan.draws.between("short on mobile", 0.02, 0.1)
        parts = []
        for kind in range(KINDS):
            on_mobile = kind == MOBILE
            meter = "mobile_replay" if on_mobile else "session_replay"
            amount = products.mobile_recordings if on_mobile else products.recordings[:, kind]
            short = low if on_mobile else products.short_share[:, kind]
            shares = (short, middle[:, kind], 1 - short - middle[:, kind])
            leak = self.further.recordings_leak * (kind == PRODUCTION)
            for event, share in zip(DURATIONS, shares, strict=True):
                library = self.app if on_mobile else web
                quantity = amount * share * plan.scale
                parts.append(self._plain_rows(meter, kind, event, library, quantity * (1 - leak)))
                if kind == PRODUCTION:
                    local = quantity * leak
                    parts.append(
                        self._plain_rows(meter, kind, event, library, local, host="localhost")
                    )
        return parts

    def _flag_rows(self, products: Products) -> list[Rows]:
        web = np.zeros(self.plan.size, dtype=np.int64)
        parts = []
        for kind in range(KINDS):
            requests = products.quantity[:, kind, DECIDE] * self.plan.scale
            polls = np.rint(products.quantity[:, kind, LOCAL] * self.plan.scale)
            library = self.app if kind == MOBILE else web
            parts.append(self._plain_rows("feature_flags", kind, FLAG_EVENTS[0], library, requests))
            parts.append(
                self._plain_rows("feature_flags", kind, FLAG_EVENTS[1], self.server, 10 * polls)
            )
        return parts

    def _billed(self, products: Products) -> Floats:
        """(organizations, kinds, counters): billed in the window, before the days share it."""
        size, ratio = self.plan.size, self.plan.observed_ratio[:, None]
        out = products.quantity * self.plan.scale
        small = (out > 0) & (out < 1)
        out = np.where(small, 1.0, out)
        for meter in METERS:
            if meter != "feature_flags":
                out[:, :, COUNTER_OF_PRODUCT[meter]] = self.rows.totals(meter, size) / ratio
        out[:, :, DECIDE] /= ratio
        out[:, :, LOCAL] /= ratio
        identified = out[:, :, COUNTER_OF_PRODUCT["enhanced_persons"]]
        grouped = self.plan.draws.between("grouped", 0.5, 0.9)[:, None] * identified
        place = [c.usage_type for c in COUNTERS].index("event_count_with_groups_in_period")
        out[:, :, place] = grouped * self.plan.groups_sent[:, None]
        return out
