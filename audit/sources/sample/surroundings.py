"""What people and clients did: activity, library versions and warnings."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.draws import Floats, Integers
from audit.sources.sample.frames import days, same_day, text
from audit.sources.sample.further import Further
from audit.sources.sample.mix import Mix
from audit.sources.sample.products import UNUSED_BUT_FREE, UNUSED_RANGE, Products
from audit.sources.sample.vocabulary import (
    COUNTER_OF,
    COUNTER_OF_PRODUCT,
    DURATIONS,
    EVENT_CODE,
    KINDS,
    LIBRARIES,
    MEASURES,
    METERS,
    MOBILE,
    NEWEST_VERSION,
    PRODUCTION,
    USED_PRODUCTS,
)

WARNINGS = (
    "cannot_merge_already_identified",
    "cannot_merge_with_illegal_distinct_id",
    "skipping_event_invalid_uuid",
)
FEW_WARNINGS = 6
#: Minor releases in about three months, where a library is released every few days.
OLD_MINORS = 40


class Surroundings:
    """Frames of one batch of organizations."""

    def __init__(
        self,
        mix: Mix,
        products: Products,
        further: Further,
        ids: npt.NDArray[np.object_],
        project_ids: npt.NDArray[np.object_],
        as_of: date,
        window: tuple[date, date],
    ) -> None:
        self.mix, self.products, self.further, self.plan = mix, products, further, mix.plan
        self.ids, self.project_ids = ids, project_ids
        self.as_of, self.window = as_of, window

    def activity(self, members: Integers) -> pd.DataFrame:
        plan = self.plan
        measures = {name: np.zeros((plan.size, KINDS)) for name in MEASURES}
        grouped = COUNTER_OF["event_count_with_groups_in_period"]
        measures["sessions"] = plan.sessions * plan.scale
        measures["people"] = plan.people * plan.scale
        measures["group_events"] = self.mix.billed[:, :, grouped] * plan.observed_ratio[:, None]
        measures |= self._behaviour() | self._servers() | self._queries(members)
        watchers = self._watchers(members)
        measures |= watchers
        # Whoever looked at something ran a query.
        seen = np.sum(list(watchers.values()), axis=0)
        measures["app_queries"] = np.maximum(measures["app_queries"], seen)
        values = np.stack(list(measures.values()), axis=2)
        values[:, :, :2] = np.maximum(values[:, :, :2], 1)
        organization, kind = np.nonzero(plan.present)
        counts = np.rint(values[organization, kind]).astype(np.int64)
        size = len(measures)
        organization, kind = np.repeat(organization, size), np.repeat(kind, size)
        return self._in_window(
            organization,
            kind,
            {
                "measure": text(list(measures), np.tile(np.arange(size), len(kind) // size)),
                "quantity": pd.Series(counts.ravel()),
            },
        )

    def _observed(self, meter: str, *, web: bool = False, event: str = "") -> Floats:
        """(organizations, kinds): observed in the window."""
        rows = self.mix.rows
        mine = rows.meter == METERS.index(meter)
        if web:
            mine &= rows.library == LIBRARIES.index("web")
        if event:
            mine &= rows.event == EVENT_CODE[event]
        out = np.zeros((self.plan.size, KINDS))
        np.add.at(out, (rows.organization[mine], rows.kind[mine]), rows.quantity[mine])
        return out

    def _behaviour(self) -> dict[str, Floats]:
        plan, draws, further = self.plan, self.plan.draws, self.further
        main = np.arange(KINDS) == PRODUCTION
        events = self._observed("product_analytics")
        on_web = self._observed("product_analytics", web=True)
        through = draws.between("through a proxy", 0.9, 1.0, KINDS)
        through[further.at("no_reverse_proxy")] = 0.0
        bots = np.floor(on_web * (further.bots[:, None] * main))
        internal = draws.between("internal events", 0.01, 0.05, KINDS) * (events - bots)
        internal[further.at("internal_users_unfiltered")] = 0.0
        people = np.maximum(np.rint(plan.people * plan.scale), 1)
        return {
            "web_events": on_web,
            "proxied_web_events": np.floor(on_web * through),
            "bot_events": bots,
            "behaviour_events": np.maximum(events - bots - np.floor(internal), 0),
            "behaviour_people": np.maximum(np.floor(people * 0.97), 1) * (events > 0),
            "idle_recordings": np.floor(
                self._observed("session_replay", event=DURATIONS[-1])
                * (further.idle[:, None] * main)
            ),
        }

    def _servers(self) -> dict[str, Floats]:
        plan, draws, further = self.plan, self.plan.draws, self.further
        main = np.arange(KINDS) == PRODUCTION
        calls = np.floor(further.server_flag_calls() * plan.scale)
        place = COUNTER_OF_PRODUCT["llm_analytics"]
        events = np.rint(self.mix.billed[:, :, place] * plan.observed_ratio[:, None])
        spans = np.where(
            further.has("ai_spans_dominate"),
            draws.between("many spans", 13, 30),
            draws.between("spans", 0.5, 6),
        )
        # Spans, generations, and a tenth of other events such as embeddings and feedback.
        generations = np.ceil(0.9 * events / (1 + spans[:, None]))
        generations = np.where(further.has("ai_generations_absent")[:, None], 0, generations)
        generations = np.where(events > 0, generations, 0)
        return {
            "server_flag_calls": calls[:, None] * main,
            "server_flag_people": np.ceil(calls * further.throwaway_ids)[:, None] * main,
            "ai_events": events,
            "ai_generations": generations,
            "ai_spans": np.floor(generations * spans[:, None]),
        }

    def _queries(self, members: Integers) -> dict[str, Floats]:
        draws, further = self.plan.draws, self.further
        main = np.arange(KINDS) == PRODUCTION
        app = np.rint(members * draws.between("queries a member", 60, 900)) + 40
        by_key = app * draws.between("queries by key", 0.0, 1.5)
        many = np.maximum(app, 1_500) * draws.between("many queries by key", 14, 40)
        by_key = np.where(further.has("api_queries_dominate"), many, by_key)
        failed = np.where(
            further.has("queries_failing"),
            draws.between("many failed queries", 0.13, 0.3),
            draws.between("failed queries", 0.002, 0.03),
        )
        return {
            "app_queries": app[:, None] * main,
            "api_queries": np.floor(by_key)[:, None] * main,
            "failed_queries": np.floor(failed * (app + by_key))[:, None] * main,
        }

    def _watchers(self, members: Integers) -> dict[str, Floats]:
        draws, main = self.plan.draws, np.arange(KINDS) == PRODUCTION
        out = {}
        for product in USED_PRODUCTS:
            watchers = 1 + (draws.uniform("watchers " + product) * members).astype(np.int64)
            used = self.products.quantity[:, :, COUNTER_OF_PRODUCT[product]].sum(axis=1) > 0
            used |= product == "product_analytics"
            if product in UNUSED_RANGE:
                used &= ~self.products.is_unused(product)
            if product in UNUSED_BUT_FREE:
                used &= self.products.free_unused != list(UNUSED_BUT_FREE).index(product)
            out["people_using_" + product] = (watchers * used)[:, None] * main
        watchers = 1 + (draws.uniform("watchers web_analytics") * members).astype(np.int64)
        on_web = self.plan.present & (np.arange(KINDS) != MOBILE)
        watched = on_web & self.further.watches_web_analytics[:, None]
        web = out["people_using_web_analytics"] = watchers[:, None] * watched
        # Web analytics reads the events of product analytics: who opens it reads both.
        product = "people_using_product_analytics"
        out[product] = np.maximum(out[product], web)
        return out

    def _in_window(
        self, organization: Integers, kind: Integers, columns: dict[str, pd.Series]
    ) -> pd.DataFrame:
        size = len(kind)
        projects = self.project_ids[organization, kind]
        return pd.DataFrame(
            {
                "organization_id": text(self.ids, organization),
                "project_id": text(projects, np.arange(size)),
                "window_start": same_day(self.window[0], size),
                "window_end": same_day(self.window[1], size),
                **columns,
            }
        )

    def sdk_versions(self) -> pd.DataFrame:
        rows = self.mix.rows
        mine = rows.meter == METERS.index("product_analytics")
        size = len(LIBRARIES)
        key = (rows.organization[mine] * KINDS + rows.kind[mine]) * size + rows.library[mine]
        found, place = np.unique(key, return_inverse=True)
        events = np.bincount(place, weights=rows.quantity[mine]).astype(np.int64)
        library, organization = found % size, found // (size * KINDS)
        kind = found // size % KINDS
        share = self.plan.draws.uniform("version", size)[organization, library]
        old = self.further.at("sdk_outdated")[organization, kind] & (library == 0)
        behind = np.where(old, OLD_MINORS * (1.2 + share), share * 2)
        newest = np.array([NEWEST_VERSION[name] for name in LIBRARIES])[library]
        minor = np.maximum(newest[:, 1] - behind.astype(np.int64), 0)
        versions = [
            f"{major}.{low}.{low % 4}" for major, low in zip(newest[:, 0], minor, strict=True)
        ]
        return self._in_window(
            organization,
            kind,
            {
                "library": text(LIBRARIES, library),
                "version": pd.Series(versions, dtype="str"),
                "events": pd.Series(events),
            },
        )

    def ingestion_warnings(self) -> pd.DataFrame:
        draws, further = self.plan.draws, self.further
        shape = (KINDS, len(WARNINGS))
        shares = np.array([0.08, 0.0, 0.02])
        present = (draws.uniform("warned", *shape) < shares) & self.plan.present[:, :, None]
        few = 1 + draws.below("few warnings", FEW_WARNINGS, *shape)
        many = 14 + draws.below("warnings", 60, *shape)
        amount = few
        for place, check in ((0, "merges_refused"), (1, "illegal_distinct_ids")):
            faulty = further.at(check)
            present[:, :, place] |= faulty
            amount[:, :, place] = np.where(faulty, many[:, :, place], few[:, :, place])
        organization, kind, which = np.nonzero(present)
        counted = amount[organization, kind, which]
        return self._in_window(
            organization,
            kind,
            {
                "type": text(WARNINGS, which),
                "quantity": pd.Series(counted),
                "last_seen_at": days(self.as_of, -1 - counted % 9),
            },
        )
