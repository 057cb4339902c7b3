"""What people made: actions, insights, flags, surveys, destinations and their details."""

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.draws import Integers, Truths
from audit.sources.sample.further import Further
from audit.sources.sample.mix import Mix
from audit.sources.sample.products import Products
from audit.sources.sample.templates import Template, made
from audit.sources.sample.vocabulary import (
    COUNTER_OF_PRODUCT,
    EVENT_CODE,
    EVENTS,
    KINDS,
    MOBILE,
    PRODUCTION,
    THEME_SIZE,
)

AUTOCAPTURE_READ_BELOW = 0.5
STALE_NAMES = (
    "pricing-test-2024",
    "summer-banner",
    "old-navigation",
    "checkout-v2",
    "beta-search",
    "legacy-export",
    "holiday-theme",
    "trial-popup",
)
#: Rows of a second table that is copied whole, and still cheap.
SMALL_TABLE_ROWS = 250_000
SYNCS = 30


class Resources:
    """The resources of one batch of organizations."""

    def __init__(
        self,
        mix: Mix,
        products: Products,
        further: Further,
        ids: npt.NDArray[np.object_],
        project_ids: npt.NDArray[np.object_],
        as_of: date,
    ) -> None:
        self.mix, self.products, self.further, self.plan = mix, products, further, mix.plan
        self.ids, self.project_ids, self.as_of = ids, project_ids, as_of
        self.main = np.broadcast_to(np.arange(KINDS) == PRODUCTION, (self.plan.size, KINDS))

    def frame(self, active_pipelines: Truths) -> pd.DataFrame:
        templates = list(self._templates(active_pipelines))
        return made(self.plan, templates, self.ids, self.project_ids, self.as_of)

    def _some(self, purpose: str, share: float) -> Truths:
        return self.plan.draws.chance("resource " + purpose, share, KINDS)

    def _uses(self, product: str) -> Truths:
        return np.asarray(self.products.quantity[:, :, COUNTER_OF_PRODUCT[product]] > 0)

    def _days_before(self, age: Integers) -> npt.NDArray[np.object_]:
        return np.array(
            [(self.as_of - timedelta(days=int(a))).isoformat() for a in age], dtype=object
        )

    def _templates(self, active_pipelines: Truths) -> Iterator[Template]:
        yield from self._actions()
        yield from self._insights()
        yield from self._flags()
        yield from self._experiments_and_surveys()
        yield from self._pipelines(active_pipelines)

    def _actions(self) -> Iterator[Template]:
        plan, mix, some = self.plan, self.mix, self._some
        view, click = EVENT_CODE["$pageview"], EVENT_CODE["$autocapture"]
        unread = plan.faulty("autocapture_unread")
        reads = plan.lookalikes["autocapture_read_by_actions"]
        by_chance = (plan.autocapture < AUTOCAPTURE_READ_BELOW) & some("reads clicks", 0.35)
        yield Template("action", "Saw the pricing page", "active", some("pricing", 0.4), view)
        yield Template(
            "action", "Reached the first milestone", "active", some("milestone", 0.6), mix.custom(0)
        )
        clicked = (reads | by_chance) & ~unread
        yield Template("action", "Clicked a call to action", "active", clicked, click)
        old = some("old", 0.15) | (unread & some("was", 0.3))
        yield Template("action", "Clicked the old banner", "inactive", old, click)

    def _insights(self) -> Iterator[Template]:
        plan, mix, further, main = self.plan, self.mix, self.further, self.main
        some, view = self._some, EVENT_CODE["$pageview"]
        unread = further.at("custom_events_unread")
        yield Template("insight", "Weekly activity", "active", some("weekly", 0.8), view)
        funnel = main & some("funnel", 0.7)
        yield Template("insight", "Funnel to first value", "active", funnel, mix.custom(0))
        retention = main & some("retention", 0.4) & ~unread
        yield Template("insight", "Retention by plan", "active", retention, mix.custom(1))
        own = len(EVENTS) + mix.theme * THEME_SIZE + mix.first_event
        yield Template("insight", "Use of each feature", "active", ~unread, own)
        on_web = plan.present & (np.arange(KINDS) != MOBILE)
        unwatched = on_web & ~further.watches_web_analytics[:, None]
        for name, event, check in (
            ("Bounce rate by page", "$pageleave", "pageleave_unread"),
            ("Core web vitals", "$web_vitals", "web_vitals_unread"),
        ):
            mask = unwatched & ~further.at(check)
            yield Template("insight", name, "active", mask, EVENT_CODE[event])
        yield Template("dashboard", "Key metrics", "active", main & some("dashboard", 0.8), view)
        cohort = main & some("cohort", 0.4) & ~unread
        yield Template("cohort", "Power users", "active", cohort, mix.custom(1))
        yield Template(
            "cohort", "Visitors of the last month", "active", main & some("recent", 0.6), view
        )

    def _flags(self) -> Iterator[Template]:
        plan, draws, main, some = self.plan, self.plan.draws, self.main, self._some
        view = EVENT_CODE["$pageview"]
        forgotten = self.products.is_unused("feature_flags")[:, None]
        at_rest = main & some("flag at rest", 0.2) & ~forgotten
        requested = (self.products.requested() & ~forgotten) | at_rest
        rolled_out = self.further.has("flags_fully_rolled_out")
        fresh = draws.chance("just rolled out", 0.3)
        rollout = np.where(
            rolled_out | fresh, 100, np.array([10, 25, 50, 75])[draws.below("rollout", 4)]
        )
        age = draws.below("flag age", 200)
        changed = np.select(
            [rolled_out, fresh],
            [32 + draws.below("rolled out since", 120), 3 + age % 24],
            3 + age // 3,
        )
        everybody = rolled_out[:, None] & main
        for mask, percent, since in (
            (requested & everybody, rollout, changed),
            (requested & ~everybody, np.where(rolled_out, 25, rollout), 3 + age // 8),
        ):
            yield Template(
                "flag",
                "new-onboarding",
                "active",
                mask,
                view,
                (("name", "New onboarding"), ("rollout_percentage", percent)),
                made=since + 31,
                changed=since,
            )
        targeted = (("name", "Beta customers"), ("rollout_percentage", None))
        beta = requested & some("beta", 0.5)
        yield Template("flag", "beta-reports", "active", beta, self.mix.custom(1), targeted)
        old = some("old flag", 0.3) | (forgotten & main)
        half = (("name", ""), ("rollout_percentage", 50))
        yield Template("flag", "old-banner", "inactive", old, view, half)
        targets = main & (self._uses("surveys") | (forgotten & some("target", 0.5)))
        internal = (("name", "Targeting of a survey"), ("rollout_percentage", None))
        yield Template("flag", "survey-targeting-welcome", "active", targets, view, internal)
        rested = (requested & some("stale", 0.3)) | (forgotten & main)
        yield Template("flag", "checkout-2024", "stale", rested, view, half)
        for number, name in enumerate(STALE_NAMES):
            mask = main & requested & (self.further.stale_flags > number)[:, None]
            yield Template("flag", name, "stale", mask & plan.present, view, half)

    def _experiments_and_surveys(self) -> Iterator[Template]:
        draws, further, main = self.plan.draws, self.further, self.main
        forgotten = self.products.is_unused("feature_flags")[:, None]
        requested = self.products.requested() & ~forgotten & main
        long = further.has("experiment_running_for_months")
        age = np.where(
            long, 100 + draws.below("long experiment", 200), 6 + draws.below("experiment age", 70)
        )
        runs = (requested & self._some("experiment", 0.3)) | (
            further.at("experiment_running_for_months")
        )
        yield Template(
            "experiment",
            "Shorter checkout",
            "active",
            runs,
            self.mix.custom(0),
            (("start_date", self._days_before(age)), ("end_date", None)),
            made=age + 2,
            changed=age,
        )
        ended = 20 + draws.below("ended experiment", 60)
        yield Template(
            "experiment",
            "Pricing page headline",
            "complete",
            requested & self._some("ended experiment", 0.25),
            EVENT_CODE["$pageview"],
            (("start_date", self._days_before(ended + 40)), ("end_date", self._days_before(ended))),
            made=ended + 42,
            changed=ended,
        )
        always = further.has("survey_running_for_months")
        old = draws.chance("old survey with a limit", 0.2)
        age = np.where(
            always | old, 110 + draws.below("old survey", 250), 6 + draws.below("survey age", 70)
        )
        limited = (draws.chance("survey limit", 0.5) | old) & ~always
        limit = np.where(limited, 500 * (1 + draws.below("limit of responses", 20)), 0).astype(
            object
        )
        limit[~limited] = None
        yield Template(
            "survey",
            "How did it go?",
            "active",
            self._uses("surveys"),
            self.mix.custom(0),
            (
                ("start_date", self._days_before(age)),
                ("end_date", None),
                ("responses_limit", limit),
            ),
            made=age + 1,
            changed=age,
        )

    def _pipelines(self, active_pipelines: Truths) -> Iterator[Template]:
        further, main, some = self.further, self.main, self._some
        view = EVENT_CODE["$pageview"]
        billable = self._counted("realtime_destinations")
        sends = self._uses("realtime_destinations") | (active_pipelines[:, None] & main)
        failed = np.rint(billable * self.plan.draws.between("failed deliveries", 0, 0.01))
        yield Template(
            "destination",
            "Customer messages",
            "active",
            sends,
            self.mix.custom(0),
            (
                ("has_filters", ~further.has("destination_unfiltered")),
                ("succeeded", np.maximum(billable - failed, 4_000).astype(np.int64)),
                ("failed", failed.astype(np.int64)),
                ("billable", billable),
            ),
        )
        idle = (("has_filters", True), ("succeeded", 0), ("failed", 0), ("billable", 0))
        dead = (
            ("has_filters", True),
            ("succeeded", 0),
            ("failed", 200 + self.plan.draws.below("dead letters", 9_000)),
            ("billable", 0),
        )
        broken = further.at("destination_failing")
        old = main & some("old webhook", 0.15) & ~broken
        yield Template("destination", "Old webhook", "inactive", old, view, idle)
        yield Template("destination", "Partner webhook", "active", broken, view, dead)
        bots = main & some("bot filter", 0.2)
        yield Template("transformation", "Bot filter", "active", bots, view)
        exports = self._uses("batch_exports")
        yield Template("batch_export", "Nightly warehouse copy", "active", exports, view)
        yield from self._warehouse()

    def _warehouse(self) -> Iterator[Template]:
        draws, further = self.plan.draws, self.further
        rows = self._counted("data_warehouse")
        second = self._some("second", 0.6)[:, PRODUCTION]
        whole = further.has("warehouse_full_refresh")
        broken = further.has("warehouse_sync_failing")
        # A small second table may be copied whole: cheap, and not worth a change.
        copied = draws.chance("small full refresh", 0.3)
        share = np.where(copied, 0.04, 0.3)
        most = np.where(copied, SMALL_TABLE_ROWS, np.inf)
        customers = np.where(second, np.minimum(rows * share, most), 0).astype(np.int64)
        method = np.array(["incremental", "append"], dtype=object)[draws.below("sync type", 2)]
        uses = self._uses("data_warehouse")
        yield Template(
            "warehouse_schema",
            "charges",
            "active",
            uses,
            EVENT_CODE["$pageview"],
            (
                ("sync_type", np.where(whole, "full_refresh", method)),
                ("sync_frequency", "24h"),
                ("incremental_field", _field_unless(whole)),
                ("latest_error", None),
                ("rows_synced", rows - customers),
                ("syncs", SYNCS),
            ),
        )
        yield Template(
            "warehouse_schema",
            "customers",
            "active",
            uses & second[:, None],
            EVENT_CODE["$pageview"],
            (
                ("sync_type", np.where(copied, "full_refresh", method)),
                ("sync_frequency", "24h"),
                ("incremental_field", _field_unless(copied)),
                ("latest_error", None),
                ("rows_synced", customers),
                ("syncs", SYNCS),
            ),
        )
        yield Template(
            "warehouse_schema",
            "refunds",
            "failed",
            uses & broken[:, None],
            EVENT_CODE["$pageview"],
            (
                ("sync_type", "incremental"),
                ("sync_frequency", "24h"),
                ("incremental_field", "updated_at"),
                ("latest_error", "The table was renamed at the source."),
                ("rows_synced", 0),
                ("syncs", 0),
            ),
        )

    def _counted(self, product: str) -> Integers:
        """Units of production in the window, as billed."""
        place = COUNTER_OF_PRODUCT[product]
        return np.rint(self.mix.billed[:, PRODUCTION, place]).astype(np.int64)


def _field_unless(copied: Truths) -> npt.NDArray[np.object_]:
    """The field that tells new rows; none where a table is copied whole."""
    out = np.full(len(copied), "updated_at", dtype=object)
    out[copied] = None
    return out
