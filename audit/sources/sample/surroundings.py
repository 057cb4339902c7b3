"""What people made and did: resources, activity, versions, warnings, lifecycle."""

import json
from collections.abc import Iterator
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.draws import Integers, Truths
from audit.sources.sample.frames import days, same_day, text
from audit.sources.sample.mix import Mix
from audit.sources.sample.products import UNUSED_BUT_FREE, UNUSED_RANGE, Products
from audit.sources.sample.vocabulary import (
    COUNTER_OF,
    COUNTER_OF_PRODUCT,
    EVENT_CODE,
    EVENTS,
    KINDS,
    LIBRARIES,
    METERS,
    NEWEST_VERSION,
    PRODUCTION,
    USED_PRODUCTS,
)

Template = tuple[str, str, str, Truths, Integers | int]
AUTOCAPTURE_READ_BELOW = 0.5
WARNINGS = (
    "cannot_merge_already_identified",
    "cannot_merge_with_illegal_distinct_id",
    "skipping_event_invalid_uuid",
)
PIPELINE = (
    "1. New Account",
    "2. Onboarding Initiated",
    "3. Onboarding Completed",
    "6c. Sales Handoff",
)


class Surroundings:
    """Frames of one batch of organizations."""

    def __init__(
        self,
        mix: Mix,
        products: Products,
        ids: npt.NDArray[np.object_],
        project_ids: npt.NDArray[np.object_],
        as_of: date,
        window: tuple[date, date],
    ) -> None:
        self.mix, self.products, self.plan = mix, products, mix.plan
        self.ids, self.project_ids = ids, project_ids
        self.as_of, self.window = as_of, window

    def resources(self, active_pipelines: Truths) -> pd.DataFrame:
        templates = list(self._templates(active_pipelines))
        organizations, kinds, which, events = [], [], [], []
        for place, (_, _, _, mask, event) in enumerate(templates):
            organization, kind = np.nonzero(mask & self.plan.present)
            organizations.append(organization)
            kinds.append(kind)
            which.append(np.full(len(kind), place))
            codes = np.broadcast_to(np.asarray(event), (self.plan.size,))
            events.append(codes[organization])
        organization, kind = np.concatenate(organizations), np.concatenate(kinds)
        template, event = np.concatenate(which), np.concatenate(events)
        order = np.lexsort((template, kind, organization))
        organization, kind, template, event = (
            values[order] for values in (organization, kind, template, event)
        )
        states = sorted({t[2] for t in templates})
        names = [t[1] for t in templates]
        age = self.plan.draws.below("resource age", 300, len(templates))[organization, template]
        never = np.array([t[2] == "inactive" for t in templates])[template]
        return pd.DataFrame(
            {
                "organization_id": text(self.ids, organization),
                "project_id": text(self.project_ids[organization, kind], np.arange(len(kind))),
                "kind": text([t[0] for t in templates], template),
                "resource_id": text([str(100 + n) for n in range(len(templates))], template),
                "name": text(names, template),
                "state": text(states, np.array([states.index(t[2]) for t in templates])[template]),
                "created_at": days(self.as_of, -31 - age),
                "updated_at": days(self.as_of, -1 - age // 4),
                "last_used_at": days(self.as_of, -1 - age % 7).mask(never),
                "refers_to": text([json.dumps([e]) for e in EVENTS], event),
            }
        )

    def _templates(self, active_pipelines: Truths) -> Iterator[Template]:
        plan, mix, products, draws = self.plan, self.mix, self.products, self.plan.draws
        main = np.broadcast_to(np.arange(KINDS) == PRODUCTION, (plan.size, KINDS))
        view, click = EVENT_CODE["$pageview"], EVENT_CODE["$autocapture"]

        def some(purpose: str, share: float) -> Truths:
            return draws.chance("resource " + purpose, share, KINDS)

        def uses(product: str) -> Truths:
            return np.asarray(products.quantity[:, :, COUNTER_OF_PRODUCT[product]] > 0)

        unread = plan.faulty("autocapture_unread")
        reads = plan.lookalikes["autocapture_read_by_actions"]
        by_chance = (plan.autocapture < AUTOCAPTURE_READ_BELOW) & some("reads clicks", 0.35)
        yield "action", "Saw the pricing page", "active", some("pricing", 0.4), view
        yield (
            "action",
            "Reached the first milestone",
            "active",
            some("milestone", 0.6),
            mix.custom(0),
        )
        yield "action", "Clicked a call to action", "active", (reads | by_chance) & ~unread, click
        yield (
            "action",
            "Clicked the old banner",
            "inactive",
            some("old", 0.15) | (unread & some("was", 0.3)),
            click,
        )
        yield "insight", "Weekly activity", "active", some("weekly", 0.8), view
        yield (
            "insight",
            "Funnel to first value",
            "active",
            main & some("funnel", 0.7),
            mix.custom(0),
        )
        yield "insight", "Retention by plan", "active", main & some("retention", 0.4), mix.custom(1)
        yield "dashboard", "Key metrics", "active", main & some("dashboard", 0.8), view
        yield "cohort", "Power users", "active", main & some("cohort", 0.4), mix.custom(1)
        forgotten = products.is_unused("feature_flags")[:, None]
        requested = (products.requested() & ~forgotten) | (
            main & some("flag at rest", 0.2) & ~forgotten
        )
        yield "flag", "new-onboarding", "active", requested, view
        yield "flag", "beta-reports", "active", requested & some("beta", 0.5), mix.custom(1)
        yield "flag", "old-banner", "inactive", some("old flag", 0.3) | (forgotten & main), view
        yield (
            "flag",
            "survey-targeting-welcome",
            "active",
            main & (uses("surveys") | (forgotten & some("target", 0.5))),
            view,
        )
        rested = (requested & some("stale", 0.3)) | (forgotten & main)
        yield "flag", "checkout-2024", "stale", rested, view
        yield (
            "experiment",
            "Shorter checkout",
            "active",
            requested & main & some("experiment", 0.3),
            mix.custom(0),
        )
        yield "survey", "How did it go?", "active", uses("surveys"), mix.custom(0)
        sends = uses("realtime_destinations") | (active_pipelines[:, None] & main)
        yield "destination", "Customer messages", "active", sends, mix.custom(0)
        yield "destination", "Old webhook", "inactive", main & some("old webhook", 0.15), view
        yield "transformation", "Bot filter", "active", main & some("bot filter", 0.2), view
        yield "batch_export", "Nightly warehouse copy", "active", uses("batch_exports"), view
        yield "warehouse_schema", "charges", "active", uses("data_warehouse"), view
        yield (
            "warehouse_schema",
            "customers",
            "active",
            uses("data_warehouse") & some("second", 0.6),
            view,
        )

    def activity(self, members: Integers) -> pd.DataFrame:
        plan, mix, draws = self.plan, self.mix, self.plan.draws
        grouped = COUNTER_OF["event_count_with_groups_in_period"]
        measures = {
            "sessions": plan.sessions * plan.scale,
            "people": plan.people * plan.scale,
            "group_events": mix.billed[:, :, grouped] * plan.observed_ratio[:, None],
        }
        main = np.arange(KINDS) == PRODUCTION
        for product in USED_PRODUCTS:
            watchers = 1 + (draws.uniform("watchers " + product) * members).astype(np.int64)
            used = self.products.quantity[:, :, COUNTER_OF_PRODUCT[product]].sum(axis=1) > 0
            used |= product == "product_analytics"
            if product in UNUSED_RANGE:
                used &= ~self.products.is_unused(product)
            if product in UNUSED_BUT_FREE:
                used &= self.products.free_unused != list(UNUSED_BUT_FREE).index(product)
            measures["people_using_" + product] = (watchers * used)[:, None] * main
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
        behind = np.select([share < 0.6, share < 0.85], [share * 4, share * 10], share * 30)
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
        draws = self.plan.draws
        shares = np.array([0.08, 0.03, 0.02])
        present = (draws.uniform("warned", KINDS, len(WARNINGS)) < shares) & self.plan.present[
            :, :, None
        ]
        organization, kind, which = np.nonzero(present)
        amount = 1 + draws.below("warnings", 40, KINDS, len(WARNINGS))[organization, kind, which]
        return self._in_window(
            organization,
            kind,
            {
                "type": text(WARNINGS, which),
                "quantity": pd.Series(amount),
                "last_seen_at": days(self.as_of, -1 - amount % 9),
            },
        )

    def lifecycle(self, period_end: pd.Series) -> pd.DataFrame:
        plan, draws = self.plan, self.plan.draws
        known = np.flatnonzero(draws.chance("in the CRM", 0.7) & ~plan.free)
        stage = draws.below("stage", len(PIPELINE))[known]
        renewal = period_end.dt.strftime("%Y-%m-%d").to_numpy(dtype=object)[known]
        size = len(known)
        organization = np.tile(known, 2)
        return pd.DataFrame(
            {
                "organization_id": text(self.ids, organization),
                "field": text(
                    ("onboarding_pipeline", "next_renewal_date"), np.repeat([0, 1], size)
                ),
                "value": pd.Series([*(PIPELINE[s] for s in stage), *renewal], dtype="str"),
                "updated_at": same_day(self.as_of, 2 * size),
            }
        )
