"""What each organization uses beside events: replay, flags, and the smaller products."""

from typing import NamedTuple

import numpy as np

from audit.sources.sample.draws import Floats, Integers, Truths
from audit.sources.sample.plan import FLAG_REQUESTS, SHORT_RECORDINGS, Plan
from audit.sources.sample.vocabulary import (
    COUNTER_OF_PRODUCT,
    COUNTERS,
    DECIDE,
    KINDS,
    LOCAL,
    MOBILE,
    PRODUCTION,
    STAGING,
)

#: Billed requests a month of one process that polls every 30 seconds: 86,400 polls, each ten.
INSTANCE_POLLS = 86_400
UNCONTROLLED_RECORDINGS = 12_500
CONTROLS = (
    "minimum_duration",
    "sampling",
    "linked_flag",
    "url_trigger",
    "event_trigger",
    "trigger_groups",
)


class Small(NamedTuple):
    """A product used by some: share of organizations, median and most per window."""

    product: str
    share: float
    median: float
    sigma: float
    most: float


SMALL = (
    Small("error_tracking", 0.35, 170_000, 0.9, 3_000_000),
    Small("surveys", 0.2, 2_300, 0.8, 15_000),
    Small("llm_analytics", 0.13, 160_000, 0.9, 4_000_000),
    Small("data_warehouse", 0.25, 3_000_000, 0.9, 25_000_000),
    Small("data_warehouse_historical", 0.04, 5_000_000, 0.8, 60_000_000),
    Small("realtime_destinations", 0.3, 40_000, 1.1, 1_500_000),
    Small("batch_exports", 0.12, 4_000_000, 0.9, 60_000_000),
    Small("posthog_ai", 0.16, 1_100, 0.8, 8_000),
    Small("logs", 0.1, 45_000, 0.8, 400_000),
    Small("inbox", 0.04, 5, 0.4, 12),
    Small("posthog_code_usage", 0.05, 3_200, 0.7, 20_000),
    Small("replay_vision", 0.05, 4_200, 0.6, 20_000),
    Small("workflows_emails", 0.08, 25_000, 0.9, 600_000),
    Small("workflows_destinations", 0.06, 16_000, 0.8, 300_000),
)
#: What organization 0 uses in any case.
DEMONSTRATED = ("data_warehouse",)
#: What an unused product costs at least a little more than five dollars for, per window.
UNUSED_RANGE: dict[str, tuple[float, float]] = {
    "surveys": (2_100, 6_000),
    "error_tracking": (150_000, 600_000),
    "session_replay": (14_000, 60_000),
    "llm_analytics": (140_000, 500_000),
    "data_warehouse": (2_200_000, 12_000_000),
    "logs": (45_000, 200_000),
    "feature_flags": (1_400_000, 4_000_000),
}
UNUSED = tuple(UNUSED_RANGE)
#: Within the free allowance: nobody looks, nothing is paid.
UNUSED_BUT_FREE = {"surveys": 1_200.0, "error_tracking": 80_000.0, "logs": 8_000.0}


class Products:
    """Planned window totals before rounding, and the settings that go with them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        #: Billed window totals (organizations, kinds, counters); event meters come later.
        self.quantity: Floats = np.zeros((plan.size, KINDS, len(COUNTERS)))
        self.unused = self._unused()
        self._small()
        self._replay()
        self._flags()

    def is_unused(self, product: str) -> Truths:
        return np.asarray(self.unused == UNUSED.index(product))

    def _unused(self) -> Integers:
        """Place in :data:`UNUSED` of the product nobody looks at, -1 for none."""
        plan = self.plan
        choice = plan.draws.below("unused product", len(UNUSED))
        choice = np.where(plan.draws.numbers == 0, UNUSED.index("error_tracking"), choice)
        return np.where(plan.has("product_unused"), choice, -1)

    def _amount_unused(self, product: str) -> Floats:
        return self.plan.draws.between("unused " + product, *UNUSED_RANGE[product])

    def _small(self) -> None:
        plan, draws = self.plan, self.plan.draws
        size = np.sqrt(plan.events / 4e6)
        free_unused = draws.chance("unused but free", 0.08) & (self.unused < 0)
        kinds = list(UNUSED_BUT_FREE)
        which = draws.below("which unused but free", len(kinds))
        self.free_unused = np.where(free_unused, which, -1)
        plan.lookalikes["unused_but_free"] = free_unused[:, None] & (np.arange(KINDS) == PRODUCTION)
        for small in SMALL:
            share = np.where(plan.free, small.share / 3, small.share)
            used = draws.uniform("uses " + small.product) < share
            used |= (draws.numbers == 0) & (small.product in DEMONSTRATED)
            amount = np.minimum(
                draws.lognormal("use " + small.product, small.median, small.sigma)
                * np.where(plan.free, 0.05, size),
                small.most,
            )
            quantity = np.where(used, np.maximum(amount, 1), 0)
            if small.product in UNUSED_BUT_FREE:
                mine = self.free_unused == kinds.index(small.product)
                quantity = np.where(mine, UNUSED_BUT_FREE[small.product], quantity)
            if small.product in UNUSED_RANGE:
                mine = self.is_unused(small.product)
                quantity = np.where(mine, self._amount_unused(small.product), quantity)
            if small.product in ("realtime_destinations", "batch_exports"):
                quantity = np.where(plan.has("data_pipelines_unused"), 0, quantity)
            self.quantity[:, PRODUCTION, COUNTER_OF_PRODUCT[small.product]] = quantity
        logs = self.quantity[:, PRODUCTION, COUNTER_OF_PRODUCT["logs"]]
        kept = draws.chance("logs kept", 0.4)
        retention = COUNTER_OF_PRODUCT["logs_retention_30d"]
        self.quantity[:, PRODUCTION, retention] = logs * kept

    def _replay(self) -> None:
        plan, draws = self.plan, self.plan.draws
        without = plan.faulty("replay_without_controls")
        short = plan.faulty("replay_without_minimum_duration")
        used = draws.chance("replay", 0.72) & ~plan.free
        share = np.array([1.0, 0.3, 0.0, 0.15])
        records = (draws.uniform("replay where", KINDS) < share) & used[:, None] & plan.present
        recordings = np.minimum(
            plan.project_events * draws.lognormal("recordings", 0.0065, 0.5, KINDS),
            plan.sessions * 0.9,
        )
        recordings = np.clip(recordings * np.array([1, 0.5, 0, 0.3]), 50, 250_000) * records
        near = plan.near_faulty("replay_without_controls")[:, None]
        many = np.where(
            near,
            draws.between("barely many", 17_000, 18_500, KINDS),
            draws.between("many recordings", 22_000, 80_000, KINDS),
        )
        recordings = np.where(without | short, np.maximum(recordings, many), recordings)
        recordings = np.where(without & near, many, recordings)
        unused = self.is_unused("session_replay")
        recordings[:, PRODUCTION] = np.where(
            unused,
            np.maximum(recordings[:, PRODUCTION], self._amount_unused("session_replay")),
            recordings[:, PRODUCTION],
        )
        self._replay_controls(recordings, without, short)
        uncontrolled = ~self.controls.any(axis=2) & ~without
        recordings = np.where(
            uncontrolled, np.minimum(recordings, UNCONTROLLED_RECORDINGS), recordings
        )
        plan.lookalikes["few_recordings_without_controls"] = uncontrolled & (recordings > 5_000)
        self.recordings = recordings
        self.quantity[:, :, COUNTER_OF_PRODUCT["session_replay"]] = recordings
        # Mobile recordings are watched where web recordings are: by nobody, if nobody does.
        mobile = draws.chance("mobile replay", 0.4) & used & plan.present[:, MOBILE] & ~unused
        amount = np.minimum(
            plan.project_events[:, MOBILE] * draws.lognormal("mobile recordings", 0.005, 0.5),
            90_000,
        )
        self.mobile_recordings = np.where(mobile, np.maximum(amount, 50), 0)
        self.quantity[:, MOBILE, COUNTER_OF_PRODUCT["mobile_replay"]] = self.mobile_recordings

    def _replay_controls(self, recordings: Floats, without: Truths, short: Truths) -> None:
        plan, draws = self.plan, self.plan.draws
        shares = np.array([0.55, 0.25, 0.12, 0.1, 0.08, 0.06])
        controls = draws.uniform("controls", KINDS, len(CONTROLS)) < shares
        # A minimum under two seconds is one, yet it drops next to nothing.
        low = draws.chance("low minimum", 0.3, KINDS) & short & ~without
        controls[:, :, 0] = np.where(short, low, controls[:, :, 0])
        bare = ~controls.any(axis=2)
        controls[:, :, 1] |= bare & draws.chance("bare", 0.8, KINDS)
        controls[without] = False
        self.controls = controls
        minimum = draws.below("minimum", 4, KINDS)
        milliseconds = np.array([2_000, 2_000, 3_000, 5_000])[minimum]
        self.minimum_duration = np.where(controls[:, :, 0], np.where(low, 1_000, milliseconds), 0)
        self.sample_percent = np.array([10, 20, 25, 50, 75])[draws.below("sampled", 5, KINDS)]
        share = plan.parameter("replay_without_minimum_duration", SHORT_RECORDINGS)
        strict = controls[:, :, 0] & ~low
        odd = draws.chance("short in spite of minimum", 0.12, KINDS) & strict & (recordings > 0)
        share = np.where(strict, np.where(odd, 0.22 + 0.5 * share, 0.3 * share), share)
        plan.lookalikes["short_recordings_with_controls"] = odd
        self.short_share = share

    def _flags(self) -> None:
        plan, draws = self.plan, self.plan.draws
        per_session = plan.faulty("flag_requests_per_session_too_high")
        polling = plan.faulty("flag_polling_dominates")
        unused = self.is_unused("feature_flags")
        used = draws.chance("flags", 0.68) | per_session.any(axis=1) | polling.any(axis=1) | unused
        used |= draws.numbers == 0
        where = (draws.uniform("flags where", KINDS) < np.array([1, 0.3, 0.6, 0.7])) & plan.present
        where &= used[:, None]
        where |= per_session | polling
        rate = plan.parameter("flag_requests_per_session_too_high", FLAG_REQUESTS)
        rate = np.where(per_session, np.maximum(rate, 150_000 / np.maximum(plan.sessions, 1)), rate)
        busy = (
            draws.chance("busy staging", 0.4)
            & where[:, STAGING]
            & (plan.sessions[:, STAGING] < 1e4)
        )
        rate[:, STAGING] = np.where(busy, 6.0, rate[:, STAGING])
        plan.lookalikes["flag_requests_of_few_sessions"] = busy[:, None] & plan.staging_only
        decide = plan.sessions * rate * where
        self.unused_flags = np.where(unused, self._amount_unused("feature_flags"), 0)
        local = self._polls(decide, polling, used)
        missing = np.maximum(self.unused_flags - decide.sum(axis=1) - 10 * local, 0) * unused
        # First from visitors, up to what is healthy per session; the rest from servers that poll.
        allowed = np.maximum(plan.sessions[:, PRODUCTION] * 3.5 - decide[:, PRODUCTION], 0)
        extra = np.minimum(missing, allowed) * ~per_session[:, PRODUCTION]
        decide[:, PRODUCTION] += extra
        local += np.where(missing > extra, (missing - extra) / 10, 0)
        over = unused & ~polling[:, PRODUCTION]
        local = np.where(over, np.minimum(local, 2.4 * INSTANCE_POLLS), local)
        self.quantity[:, :, DECIDE] = decide
        self.quantity[:, PRODUCTION, LOCAL] = local

    def _polls(self, decide: Floats, polling: Truths, used: Truths) -> Floats:
        """Raw polls of production servers in the window."""
        plan, draws = self.plan, self.plan.draws
        faulty = polling[:, PRODUCTION]
        requests = decide[:, PRODUCTION]
        evaluates = (draws.chance("local evaluation", 0.35) & used & ~plan.free) | faulty
        two = draws.chance("two instances", 0.3) & evaluates & ~faulty
        calm = draws.between("calm instances", 0.1, 1.6)
        instances = np.where(two, draws.between("about two", 1.9, 2.3), calm)
        several = draws.chance("instances and visitors", 0.3)
        instances = np.where(several & ~two, 0.7 * requests / (10 * INSTANCE_POLLS), instances)
        near = plan.near_faulty("flag_polling_dominates")
        many = np.where(near, draws.between("over three", 3.4, 3.7), draws.between("many", 4.5, 20))
        many = np.maximum(many, np.where(near, 1.3, 2.0) * requests / (10 * INSTANCE_POLLS))
        instances = np.where(faulty, many, instances)
        lookalike = two & (10 * INSTANCE_POLLS * instances > 1.1 * requests)
        plan.lookalikes["two_polling_instances"] = lookalike[:, None] & (
            np.arange(KINDS) == PRODUCTION
        )
        return instances * INSTANCE_POLLS * evaluates

    def requested(self) -> Truths:
        """(organizations, kinds): flags are asked for."""
        return np.asarray((self.quantity[:, :, DECIDE] > 0) | (self.quantity[:, :, LOCAL] > 0))
