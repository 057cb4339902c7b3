"""What is meant to be true of each organization and project, before a row is made of it.

Every parameter a fault depends on is drawn on purpose: from a healthy range, from a healthy
range just short of the fault, from a faulty range, or from one just beyond the limit. The
planted faults are what was meant here, whatever the audit later says.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from audit.sources.sample import faults as planting
from audit.sources.sample.draws import Draws, Floats, Integers, Truths
from audit.sources.sample.vocabulary import KINDS, MARKETING, MOBILE, PRODUCTION, STAGING

EVENTS_MEDIAN = 4_000_000
EVENTS_SIGMA = 0.95
EVENTS_RANGE = (300_000, 60_000_000)
DEMONSTRATION_EVENTS = 14_000_000
WASTE_FLOOR_EVENTS = 30_000
NEAR_FAULTY_SHARE = 0.2
NEAR_HEALTHY_SHARE = 0.1
#: Which of production, marketing, mobile and staging exist, with the share of organizations.
PROJECT_SETS = (
    (0.34, (1, 0, 0, 0)),
    (0.47, (1, 0, 0, 1)),
    (0.60, (1, 1, 0, 0)),
    (0.70, (1, 0, 1, 0)),
    (0.78, (1, 0, 1, 1)),
    (0.87, (1, 1, 0, 1)),
    (0.93, (1, 1, 1, 0)),
    (1.00, (1, 1, 1, 1)),
)


@dataclass(frozen=True)
class Range:
    """Where a parameter lies when healthy, nearly faulty, faulty, and barely faulty."""

    healthy: tuple[float, float]
    near_healthy: tuple[float, float]
    faulty: tuple[float, float]
    near_faulty: tuple[float, float]


AUTOCAPTURE = Range((0.12, 0.42), (0.46, 0.485), (0.54, 0.72), (0.51, 0.53))
IDENTIFY = Range((0.008, 0.035), (0.045, 0.0475), (0.06, 0.13), (0.053, 0.056))
SET = Range((0.002, 0.03), (0.045, 0.0475), (0.06, 0.12), (0.053, 0.056))
GROUPIDENTIFY = Range((0.003, 0.02), (0.045, 0.0475), (0.06, 0.12), (0.053, 0.056))
CALLS = Range((1.0, 3.2), (3.5, 3.8), (4.9, 9.0), (4.25, 4.5))
WASTED_IDENTITY = Range((0.0, 0.02), (0.16, 0.185), (0.26, 0.5), (0.215, 0.235))
SHORT_RECORDINGS = Range((0.04, 0.14), (0.165, 0.185), (0.26, 0.55), (0.215, 0.235))
FLAG_REQUESTS = Range((0.6, 2.4), (3.4, 3.75), (5.0, 12.0), (4.3, 4.6))
CROWDED_AUTOCAPTURE = 0.56
CHATTY_SET_SHARE = 0.04
MORE_THAN_ONCE = 1.15


@dataclass
class Plan:
    """Parameters of some organizations; arrays are (organizations,) or (organizations, kinds)."""

    draws: Draws
    scale: float
    faults: bool
    lookalikes: dict[str, Truths] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._organizations()
        self._calls()
        self._people()

    @property
    def size(self) -> int:
        return len(self.draws)

    @cached_property
    def planted(self) -> Truths:
        """(organizations, checks)."""
        return planting.planted(self.draws, faults=self.faults)

    def has(self, check: str) -> Truths:
        return np.asarray(self.planted[:, planting.PLACE[check]])

    @cached_property
    def target(self) -> Integers:
        """(organizations, checks): the kind of project a fault is planted in."""
        out = np.full(self.planted.shape, PRODUCTION, dtype=np.int64)
        elsewhere = (
            ("autocapture_unread", MARKETING, 0.35),
            ("identified_where_anonymous_would_do", MARKETING, 0.5),
            ("identify_too_often", MOBILE, 0.3),
            ("calls_per_session_too_high", MOBILE, 0.3),
        )
        for check, kind, share in elsewhere:
            moved = self.draws.chance("where " + check, share) & self.present[:, kind]
            out[moved, planting.PLACE[check]] = kind
        first = self.draws.numbers == 0
        out[first, planting.PLACE["autocapture_unread"]] = PRODUCTION
        out[first, planting.PLACE["identified_where_anonymous_would_do"]] = MARKETING
        return out

    def faulty(self, check: str) -> Truths:
        """(organizations, kinds): the projects a fault is planted in."""
        place = planting.PLACE[check]
        return self.planted[:, [place]] & (np.arange(KINDS) == self.target[:, [place]])

    def near_faulty(self, check: str) -> Truths:
        return self.draws.chance("near " + check, NEAR_FAULTY_SHARE) & (self.draws.numbers != 0)

    def near_healthy(self, check: str) -> Truths:
        return self.draws.chance("nearly " + check, NEAR_HEALTHY_SHARE, KINDS)

    def parameter(self, check: str, limits: Range) -> Floats:
        """(organizations, kinds): the value meant, on the side of the fault that was planted."""
        place = self.draws.uniform("parameter " + check, KINDS)

        def within(bounds: tuple[float, float]) -> Floats:
            return bounds[0] + (bounds[1] - bounds[0]) * place

        healthy = np.where(
            self.near_healthy(check), within(limits.near_healthy), within(limits.healthy)
        )
        beyond = np.where(
            self.near_faulty(check)[:, None], within(limits.near_faulty), within(limits.faulty)
        )
        return np.where(self.faulty(check), beyond, healthy)

    def _organizations(self) -> None:
        draws = self.draws
        first = draws.numbers == 0
        self.any_fault = self.planted.any(axis=1)
        forced = draws.numbers == planting.HEALTHY[0]
        self.free = ~self.any_fault & ~first & (draws.chance("free", 0.3) | forced)
        events = np.clip(draws.lognormal("events", EVENTS_MEDIAN, EVENTS_SIGMA), *EVENTS_RANGE)
        events = np.where(
            self.any_fault, np.maximum(events, draws.between("floor", 2.2e6, 3.6e6)), events
        )
        events = np.where(self.free, 20_000 * 30 ** draws.uniform("free events"), events)
        self.events = np.where(first, DEMONSTRATION_EVENTS, events)
        self.consumer = draws.chance("consumer", 0.45) & ~first
        which = np.searchsorted([share for share, _ in PROJECT_SETS], draws.uniform("projects"))
        which = np.where(first, len(PROJECT_SETS) - 1, np.where(self.free, which // 4, which))
        self.present = np.array([kinds for _, kinds in PROJECT_SETS], dtype=bool)[which]
        low, high = np.array([[0.55, 0.18, 0.2, 0.01], [0.8, 0.35, 0.45, 0.04]])
        weights = (low + (high - low) * draws.uniform("weights", KINDS)) * self.present
        self.project_events = self.events[:, None] * weights / weights.sum(axis=1, keepdims=True)
        #: Events that queries observe against events billed.
        ratio = draws.between("observed", 0.975, 1.025)
        far = draws.chance("observed far off", 0.06) & ~first
        off = np.where(draws.chance("observed below", 0.5), -1, 1) * draws.between(
            "off", 0.07, 0.09
        )
        self.observed_ratio = np.where(far, 1 + off, ratio)

    def _calls(self) -> None:
        draws = self.draws
        b2b = ~self.consumer
        self.groups_sent = (b2b & draws.chance("groups sent", 0.5)) & ~self.has(
            "group_analytics_unused"
        ) | self.has("groupidentify_too_often")
        self.groups_paid = (
            self.groups_sent & draws.chance("groups paid", 0.8) & ~self.free
        ) | self.has("group_analytics_unused")
        self.identify = self.parameter("identify_too_often", IDENTIFY)
        self.set = self.parameter("set_too_often", SET)
        self.groupidentify = np.where(
            self.groups_sent[:, None], self.parameter("groupidentify_too_often", GROUPIDENTIFY), 0.0
        )
        chatty = self.faulty("calls_per_session_too_high")
        self.set = np.where(chatty, np.maximum(self.set, CHATTY_SET_SHARE), self.set)
        self.autocapture = self.parameter("autocapture_unread", AUTOCAPTURE)
        crowded = (
            self.faulty("identify_too_often").astype(int)
            + self.faulty("set_too_often")
            + self.faulty("groupidentify_too_often")
        ) > 1
        self.autocapture = np.where(
            crowded, np.minimum(self.autocapture, CROWDED_AUTOCAPTURE), self.autocapture
        )
        read = draws.chance("autocapture read", 0.07, KINDS) & ~self.faulty("autocapture_unread")
        read &= self.present & (self.project_events > EVENTS_RANGE[0] / 3) & ~crowded
        self.autocapture = np.where(
            read, draws.between("autocapture read share", 0.53, 0.7, KINDS), self.autocapture
        )
        self.lookalikes["autocapture_read_by_actions"] = read
        self.lookalikes["identify_below_limit"] = (
            self.near_healthy("identify_too_often")
            & ~self.faulty("identify_too_often")
            & self.present
        )
        self._sessions(chatty)

    def _sessions(self, chatty: Truths) -> None:
        most = np.maximum(np.maximum(self.identify, self.set), self.groupidentify)
        calls = self.parameter("calls_per_session_too_high", CALLS)
        usual = self.draws.between("events per session", 14, 38, KINDS)
        # Called too often is called more than once a session, however short sessions are.
        for check, share in (
            ("identify_too_often", self.identify),
            ("set_too_often", self.set),
            ("groupidentify_too_often", self.groupidentify),
        ):
            faulty = self.faulty(check)
            share = np.maximum(share, SET.near_faulty[0])
            usual = np.where(faulty, np.maximum(usual, MORE_THAN_ONCE / share), usual)
            calls = np.where(faulty, np.maximum(calls, MORE_THAN_ONCE * most / share), calls)
        self.events_per_session = np.where(chatty, calls / most, np.minimum(usual, calls / most))
        self.sessions = self.project_events / self.events_per_session

    def _people(self) -> None:
        draws = self.draws
        low = np.array([0.6, 0.03, 0.5, 0.5]) - np.array([0.3, 0, 0.1, 0]) * self.consumer[:, None]
        self.known = low + np.array([0.28, 0.1, 0.3, 0.3]) * draws.uniform("known", KINDS)
        wasted = self.parameter("identified_where_anonymous_would_do", WASTED_IDENTITY)
        faulty = self.faulty("identified_where_anonymous_would_do")
        # In a large project a smaller share is already money.
        large = faulty & (self.project_events > 9_000_000) & draws.chance("large waste", 0.4, KINDS)
        wasted = np.where(large, draws.between("large wasted", 0.12, 0.16, KINDS), wasted)
        some = draws.chance("some waste", 0.4, KINDS) | (wasted > WASTED_IDENTITY.healthy[1])
        cap = WASTE_FLOOR_EVENTS / np.maximum(self.project_events, 1)
        self.wasted = np.where(faulty, wasted, np.where(some, np.minimum(wasted, cap), 0.0))
        self.wasted[:, STAGING] = 0.0
        self.people = np.maximum(
            self.sessions / draws.between("sessions a person", 3, 12, KINDS), 3
        )
        self.staging_only = np.arange(KINDS) == STAGING
