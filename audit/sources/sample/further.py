"""Faults beside those a parameter of the plan carries, and the healthy habits they stand against.

All of them are meant for the production project, or for the organization as a whole.
"""

from functools import cached_property

import numpy as np

from audit.sources.sample import faults as planting
from audit.sources.sample.draws import Floats, Integers, Truths
from audit.sources.sample.plan import Plan
from audit.sources.sample.products import Products
from audit.sources.sample.vocabulary import (
    COUNTER_OF_PRODUCT,
    DECIDE,
    KINDS,
    LOCAL,
    MOBILE,
    PRODUCTION,
)

#: Units a month above which a fault of the product has a price worth a word.
COSTLY = {
    "error_tracking": 250_000,
    "llm_analytics": 180_000,
    "data_warehouse": 2_500_000,
    "realtime_destinations": 60_000,
}
UNREAD = ("custom_events_unread", "web_vitals_unread", "pageleave_unread", "dead_clicks_unread")
MANY_RECORDINGS = 8_000
WEB_EVENTS = 40_000
#: Below these, noise that every account has stays under any floor in dollars.
FEW_EVENTS = 9_000
FEW_CLICKS = 12_000
FEW_RECORDINGS = 300


class Further:
    """Who has which of ``faults.FURTHER``; shares are of production's events or recordings."""

    def __init__(self, plan: Plan, products: Products) -> None:
        self.plan, self.products = plan, products
        able = self._able()
        self._planted = {
            check: planting.open_to_more(plan.draws, check, faults=plan.faults) & able[check]
            for check in planting.FURTHER
        }
        # Spans are too many for each generation only where there are generations.
        self._planted["ai_spans_dominate"] &= ~self._planted["ai_generations_absent"]
        # A destination that takes every event reads every event.
        for check in UNREAD:
            self._planted["destination_unfiltered"] &= ~self._planted[check]

    def has(self, check: str) -> Truths:
        """(organizations,)"""
        return self._planted[check]

    def at(self, check: str) -> Truths:
        """(organizations, kinds): the same, at production."""
        return self.has(check)[:, None] & (np.arange(KINDS) == PRODUCTION)

    def quantity(self, product: str) -> Floats:
        return np.asarray(self.products.quantity[:, PRODUCTION, COUNTER_OF_PRODUCT[product]])

    def _able(self) -> dict[str, Truths]:
        plan, products = self.plan, self.products
        recordings = products.recordings[:, PRODUCTION] > MANY_RECORDINGS
        # Where autocapture fills the project, every other share is squeezed.
        roomy = ~plan.faulty("autocapture_unread")[:, PRODUCTION] & (
            plan.autocapture[:, PRODUCTION] < 0.5
        )
        flags = products.requested()[:, PRODUCTION] & ~products.is_unused("feature_flags")
        uses = {product: self.quantity(product) > 0 for product in COSTLY}
        costly = {product: self.quantity(product) > units for product, units in COSTLY.items()}
        web = plan.project_events[:, PRODUCTION] > WEB_EVENTS
        large = (plan.events > 3e6) & ~plan.free
        generations = uses["llm_analytics"] & (self.quantity("llm_analytics") > 1_000)
        able = dict.fromkeys(planting.FURTHER, np.ones(plan.size, dtype=bool))
        able |= {
            "custom_events_unread": roomy,
            "web_vitals_unread": roomy,
            "pageleave_unread": roomy,
            "nonproduction_recordings": recordings,
            "idle_recordings": recordings,
            "throwaway_ids_on_server_flags": flags,
            "stale_flags": flags,
            "flags_fully_rolled_out": flags,
            "experiment_running_for_months": flags,
            "survey_running_for_months": self.quantity("surveys") > 0,
            "exceptions_without_suppression": costly["error_tracking"],
            "error_tracking_silent": ~uses["error_tracking"] & web,
            "ai_generations_absent": generations,
            "ai_spans_dominate": costly["llm_analytics"],
            "warehouse_full_refresh": costly["data_warehouse"],
            "warehouse_sync_failing": uses["data_warehouse"],
            "destination_failing": ~plan.has("data_pipelines_unused"),
            "destination_unfiltered": costly["realtime_destinations"],
            "legacy_package": large,
            "billing_limit_set": ~plan.has("billing_limit_cuts_data"),
        }
        return {check: mask & ~plan.free for check, mask in able.items()}

    @cached_property
    def leak(self) -> Floats:
        """Share of events that a developer's machine sends."""
        draws, events = self.plan.draws, self.plan.project_events[:, PRODUCTION]
        small = np.minimum(draws.between("leak share", 0.0004, 0.004), FEW_EVENTS / events)
        nearly = draws.chance("nearly leaking", 0.25) & (events < 1.2e6)
        small = np.where(nearly, draws.between("near leak", 0.012, 0.016), small)
        # Recordings of a developer's machine would make even little of it dear.
        some = draws.chance("leak", 0.2) & ~self.plan.free & ~self.has("nonproduction_recordings")
        small = np.where(some, small, 0.0)
        faulty = draws.between("faulty leak", 0.026, 0.06)
        return np.where(self.has("nonproduction_traffic"), faulty, small)

    @cached_property
    def recordings_leak(self) -> Floats:
        draws, recordings = self.plan.draws, self.products.recordings[:, PRODUCTION]
        small = np.minimum(
            draws.between("leaked recordings", 0.0, 0.004),
            FEW_RECORDINGS / np.maximum(recordings, 1),
        )
        small = np.where(draws.chance("recordings leak", 0.2), small, 0.0)
        faulty = draws.between("faulty leaked recordings", 0.03, 0.1)
        return np.where(self.has("nonproduction_recordings"), faulty, small)

    @cached_property
    def idle(self) -> Floats:
        """Share of the long web recordings in which nothing happens."""
        draws, recordings = self.plan.draws, self.products.recordings[:, PRODUCTION]
        small = np.minimum(
            draws.between("idle recordings", 0.002, 0.03),
            FEW_RECORDINGS / np.maximum(recordings, 1),
        )
        return np.where(
            self.has("idle_recordings"), draws.between("faulty idle", 0.16, 0.28), small
        )

    @cached_property
    def rageclicks(self) -> Floats:
        """(organizations, kinds); none in apps."""
        most = FEW_CLICKS / np.maximum(self.plan.project_events, 1)
        return np.where(np.arange(KINDS) == MOBILE, 0.0, np.minimum(0.002, most))

    @cached_property
    def dead_clicks(self) -> Floats:
        """(organizations, kinds); where they are captured."""
        draws = self.plan.draws
        usual = np.where(self.captures_dead_clicks, self.rageclicks, 0.0)
        faulty = draws.between("dead clicks share", 0.06, 0.1)[:, None]
        return np.where(self.at("dead_clicks_unread"), faulty, usual)

    @cached_property
    def captures_dead_clicks(self) -> Truths:
        usual = self.plan.draws.chance("dead clicks", 0.25, KINDS)
        return np.asarray((usual & (np.arange(KINDS) != MOBILE)) | self.at("dead_clicks_unread"))

    @cached_property
    def watches_web_analytics(self) -> Truths:
        """Somebody opens web analytics; else insights read web vitals and page leaves."""
        unread = self.has("web_vitals_unread") | self.has("pageleave_unread")
        return np.asarray((self.plan.draws.chance("web analytics", 0.8) | self.plan.free) & ~unread)

    @cached_property
    def bots(self) -> Floats:
        """Share of web events that bots send."""
        draws, events = self.plan.draws, self.plan.project_events[:, PRODUCTION]
        small = np.minimum(draws.between("bots", 0.0, 0.006), FEW_EVENTS / events)
        return np.where(self.has("bots_billed"), draws.between("many bots", 0.08, 0.2), small)

    @cached_property
    def stale_flags(self) -> Integers:
        """How many flags beside the one that every second account forgets."""
        draws = self.plan.draws
        usual = np.where(
            draws.chance("some stale flags", 0.1), 1 + draws.below("few stale flags", 3), 0
        )
        return np.where(
            self.has("stale_flags"), 5 + draws.below("many stale flags", 4), usual
        ).astype(np.int64)

    @cached_property
    def throwaway_ids(self) -> Floats:
        """Distinct ids per flag call of the servers."""
        draws = self.plan.draws
        return np.where(
            self.has("throwaway_ids_on_server_flags"),
            draws.between("throwaway ids", 0.95, 1.0),
            draws.between("lasting ids", 0.02, 0.4),
        )

    def server_flag_calls(self) -> Floats:
        """(organizations,): flag evaluations on production servers, in the window."""
        draws, products = self.plan.draws, self.products
        asked = products.quantity[:, PRODUCTION, [DECIDE, LOCAL]].sum(axis=1)
        usual = np.minimum(asked * draws.between("server checks", 0.05, 0.5), 400_000)
        many = np.maximum(usual, draws.between("many server checks", 15_000, 90_000))
        return np.where(self.has("throwaway_ids_on_server_flags"), many, usual)
