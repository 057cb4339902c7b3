"""Organizations, members, projects, subscriptions and limits of a plan."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from audit.sources.sample.daily import Rhythm
from audit.sources.sample.draws import Integers, Truths
from audit.sources.sample.frames import days, maybe, same_day, text
from audit.sources.sample.periods import Periods
from audit.sources.sample.plan import Plan
from audit.sources.sample.products import Products
from audit.sources.sample.vocabulary import (
    COUNTER_OF_PRODUCT,
    COUNTERS,
    FAMILY_NAMES,
    GIVEN_NAMES,
    KINDS,
    MOBILE,
    PACKAGES,
    PARENTS,
    PROJECT_NAMES,
)

Objects = npt.NDArray[np.object_]

CUT_PRODUCTS = ("product_analytics", "session_replay", "feature_flags")
CUT_LIMITS_USD = (50, 75, 100, 150, 200, 250)
GENEROUS_LIMIT_USD = 25_000
DEFAULT_LIMITS_USD = {"data_warehouse": 500, "posthog_ai": 150}
STARTUP_PROGRAMS = ("Startup program", "YC program")
OWNERS = ("Dana Whitfield", "Marek Novák", "Leïla Haddad")
LEGACY_PIPELINE_TIERS = (
    (1_000_000, "0"),
    (2_000_000, "0.000062"),
    (15_000_000, "0.000026"),
    (50_000_000, "0.0000164"),
    (100_000_000, "0.0000091"),
    (250_000_000, "0.0000047"),
    (None, "0.0000025"),
)
CONTRACTED_EVENT_TIERS = (
    (1_000_000, "0"),
    (2_000_000, "0.00004"),
    (15_000_000, "0.000027"),
    (50_000_000, "0.000023"),
    (100_000_000, "0.000017"),
    (None, "0.000008"),
)
CONTRACTED_SHARE = 0.02


def _tiers(steps: tuple[tuple[int | None, str], ...]) -> str:
    return json.dumps(
        [
            {"up_to": up_to, "unit_amount_usd": price, "flat_amount_usd": "0"}
            for up_to, price in steps
        ]
    )


class Records:
    """Frames of one batch of organizations; ``ids`` and ``project_ids`` name their rows."""

    def __init__(
        self,
        plan: Plan,
        products: Products,
        rhythm: Rhythm,
        periods: Periods,
        ids: Objects,
        project_ids: Objects,
        legacy_pipelines: Truths,
    ) -> None:
        self.plan, self.products, self.rhythm, self.periods = plan, products, rhythm, periods
        self.ids, self.project_ids = ids, project_ids
        self.legacy_pipelines = legacy_pipelines
        self.member_count = 1 + plan.draws.below("members", 11) ** 2 // 8

    def organizations(self, names: Objects, as_of: date) -> pd.DataFrame:
        plan, draws = self.plan, self.plan.draws
        size, every = plan.size, np.arange(plan.size)
        paid = ~plan.free
        annual = paid & draws.chance("annual", 0.04)
        level = np.where(plan.free, 0, np.where(annual, 2, 1))
        program = np.where(draws.chance("startup", 0.05) & paid, draws.below("program", 2), -1)
        percent = np.where(draws.chance("discounted", 0.05) & paid, draws.below("percent", 3), -1)
        amount = paid & draws.chance("amount off", 0.02) & (percent < 0)
        credit = paid & (draws.chance("credit", 0.05) | annual | (program >= 0))
        credits = (500 * (1 + draws.below("credits", 40))).astype(object)
        start, end = self.periods.current()
        return pd.DataFrame(
            {
                "organization_id": text(self.ids, every),
                "name": text(names, every),
                "region": text(("us", "eu"), (draws.uniform("region") < 0.35).astype(np.int64)),
                "created_at": days(as_of, -self.rhythm.age_days),
                "as_of": same_day(as_of, size),
                "subscription_level": text(("free", "paid", "custom"), level),
                "billing_plan": text(("free-20230117", "paid-20240404", "custom"), level),
                "has_active_subscription": pd.array(paid, dtype="boolean"),
                "is_annual_plan_customer": pd.array(annual, dtype="boolean"),
                "startup_program": text(STARTUP_PROGRAMS, program),
                "customer_id": text([f"cus_{i[-12:]}" for i in self.ids], every),
                "account_owner": text(
                    OWNERS, np.where(draws.chance("owned", 0.2), draws.below("owner", 3), -1)
                ),
                "period_start": start,
                "period_end": end,
                "period_interval": text(("month",), every * 0),
                "discount_percent": pd.Series(
                    [
                        None if p < 0 else (Decimal(10), Decimal(15), Decimal(30))[p]
                        for p in percent
                    ],
                    dtype=object,
                ),
                "discount_amount_usd": pd.Series(
                    [Decimal(100) if a else None for a in amount], dtype=object
                ),
                "credit_balance_usd": pd.Series(
                    [Decimal(int(c)) if k else None for c, k in zip(credits, credit, strict=True)],
                    dtype=object,
                ),
                "never_drop_data": pd.array(draws.chance("never drop", 0.02), dtype="boolean"),
                "features": text(['["audit_logs", "zapier"]'], every * 0),
            }
        )

    def members(self, as_of: date) -> pd.DataFrame:
        draws = self.plan.draws
        most = int(self.member_count.max())
        organization = np.repeat(np.arange(self.plan.size), self.member_count)
        place = np.arange(len(organization)) - np.repeat(
            np.cumsum(self.member_count) - self.member_count, self.member_count
        )
        given = draws.below("given name", len(GIVEN_NAMES), most)[organization, place]
        family = draws.below("family name", len(FAMILY_NAMES), most)[organization, place]
        admin = draws.chance("admin", 0.3, most)[organization, place]
        seen = draws.below("last seen", 60, most)[organization, place]
        share = draws.uniform("joined", most)[organization, place]
        joined = (share * self.rhythm.age_days[organization]).astype(np.int64)
        rows = zip(given, family, organization, place, strict=True)
        people = [(GIVEN_NAMES[g], FAMILY_NAMES[f], self.ids[o], p) for g, f, o, p in rows]
        every = np.arange(len(people))
        return pd.DataFrame(
            {
                "organization_id": text(self.ids, organization),
                "member_id": text([f"{o[:8]}-{p}" for _, _, o, p in people], every),
                "email": text(
                    [f"{_plain(g)}.{_plain(f)}.{o[:6]}{p}@example.com" for g, f, o, p in people],
                    every,
                ),
                "name": text([f"{g} {f}" for g, f, _, _ in people], every),
                "level": np.where(place == 0, 15, np.where(admin, 8, 1)),
                "joined_at": days(as_of, -1 - joined),
                "last_seen_at": days(as_of, -1 - np.minimum(seen, joined)),
            }
        )

    def projects(self, as_of: date, triggers_unknown: Truths) -> pd.DataFrame:
        plan, products, draws = self.plan, self.products, self.plan.draws
        organization, kind = np.nonzero(plan.present)
        size = len(kind)

        def at(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return np.asarray(values[organization, kind])

        def json_where(mask: Truths, value: object) -> pd.Series:
            return text([json.dumps(value)], np.where(mask, 0, -1))

        controls = products.controls[organization, kind]
        triggers = ~triggers_unknown[organization]
        mobile = at(np.broadcast_to(products.mobile_recordings[:, None], plan.present.shape)) > 0
        recorded = (at(products.recordings) > 0) | (mobile & (kind == MOBILE))
        sample = at(products.sample_percent)
        grouped = plan.groups_sent[organization]
        no = np.zeros(size, dtype=bool)
        hosts = np.array(["app", "www", "m", "staging"], dtype=object)[kind]
        return pd.DataFrame(
            {
                "organization_id": text(self.ids, organization),
                "project_id": text(at(self.project_ids), np.arange(size)),
                "name": text(PROJECT_NAMES, kind),
                "created_at": days(
                    as_of, -np.maximum(self.rhythm.age_days[organization] - 9 * kind, 1)
                ),
                "autocapture_opt_out": maybe(
                    no, at(draws.chance("opt known", 0.5, KINDS)), "boolean"
                ),
                "autocapture_web_vitals_opt_in": maybe(
                    ~no, at(draws.chance("vitals known", 0.5, KINDS)), "boolean"
                ),
                "capture_dead_clicks": pd.array(no, dtype="boolean"),
                "heatmaps_opt_in": pd.array(
                    at(draws.chance("heatmaps", 0.4, KINDS)), dtype="boolean"
                ),
                "session_recording_opt_in": pd.array(recorded, dtype="boolean"),
                "session_recording_sample_rate": pd.Series(
                    [
                        Decimal(int(s)) / 100 if c else None
                        for s, c in zip(sample, controls[:, 1], strict=True)
                    ],
                    dtype=object,
                ),
                "session_recording_minimum_duration_milliseconds": maybe(
                    at(products.minimum_duration), controls[:, 0], "Int64"
                ),
                "session_recording_linked_flag": json_where(
                    controls[:, 2], {"id": 17, "key": "record-sessions"}
                ),
                "session_recording_url_trigger_config": json_where(
                    controls[:, 3] & triggers, [{"url": "/checkout", "matching": "regex"}]
                ),
                "session_recording_event_trigger_config": json_where(
                    controls[:, 4] & triggers, ["checkout_started"]
                ),
                "session_recording_trigger_groups": json_where(
                    controls[:, 5] & triggers, {"groups": [{"events": ["support_opened"]}]}
                ),
                "session_recording_retention_period": text(
                    ("30d", "90d"), at(draws.below("kept", 2, KINDS))
                ),
                "capture_console_log_opt_in": pd.array(
                    at(draws.chance("console", 0.5, KINDS)), dtype="boolean"
                ),
                "app_urls": text([f"https://{h}.example.com" for h in hosts], np.arange(size)).map(
                    lambda url: json.dumps([url])
                ),
                "surveys_opt_in": pd.array(
                    products.quantity[organization, kind, COUNTER_OF_PRODUCT["surveys"]] > 0,
                    dtype="boolean",
                ),
                "test_account_filters": text(("[]",), kind * 0),
                "timezone": text(
                    ("UTC", "Europe/Paris", "America/New_York"), at(draws.below("zone", 3, KINDS))
                ),
                "group_types": text(("[]", '["company"]'), grouped.astype(np.int64)),
                "has_group_types": pd.array(grouped, dtype="boolean"),
            }
        )

    def subscriptions(self, used: Truths) -> pd.DataFrame:
        """``used``: (organizations, counters) with any billed quantity in the window."""
        plan, draws = self.plan, self.plan.draws
        contracted = draws.chance("contracted", CONTRACTED_SHARE) & ~plan.free
        contracted |= draws.numbers == 5
        package = self.package()
        parts = []
        for place, counter in enumerate(COUNTERS):
            if not counter.product:
                continue
            mine = np.flatnonzero(used[:, place])
            own = np.full(plan.size, -1)
            if counter.product == "data_pipelines":
                own[self.legacy_pipelines] = 0
            if counter.product == "product_analytics":
                own[contracted] = 1
            parts.append((mine, counter.product, counter.usage_type, own[mine], ~plan.free[mine]))
        for place, product in enumerate(PACKAGES):
            mine = np.flatnonzero(package == place)
            parts.append(
                (mine, product, "", np.full(len(mine), -1), np.ones(len(mine), dtype=bool))
            )
        tiers = (_tiers(LEGACY_PIPELINE_TIERS), _tiers(CONTRACTED_EVENT_TIERS))
        product_names = [part[1] for part in parts]
        which = np.concatenate([np.full(len(part[0]), n) for n, part in enumerate(parts)])
        organization = np.concatenate([part[0] for part in parts])
        counters = sorted({part[2] for part in parts} - {""})
        parents = sorted(set(PARENTS.values()))
        counter_code = np.array([counters.index(p[2]) if p[2] else -1 for p in parts])
        parent_code = np.array(
            [parents.index(PARENTS[p]) if p in PARENTS else -1 for p in product_names]
        )
        legacy = np.array([p in ("data_pipelines", "teams") for p in product_names])
        frame = pd.DataFrame(
            {
                "organization_id": text(self.ids, organization),
                "product": text(product_names, which),
                "name": text([p.replace("_", " ").capitalize() for p in product_names], which),
                "parent": text(parents, parent_code[which]),
                "subscribed": pd.array(
                    np.concatenate([part[4] for part in parts]), dtype="boolean"
                ),
                "usage_type": text(counters, counter_code[which]),
                "tiers": text(tiers, np.concatenate([part[3] for part in parts])),
                "legacy": pd.array(legacy[which], dtype="boolean"),
            }
        )
        order = np.lexsort((which, organization))
        return frame.iloc[order].reset_index(drop=True)

    def package(self) -> Integers:
        """Place in PACKAGES, -1 for none."""
        share = self.plan.draws.uniform("package")
        large = self.plan.events > 3e6
        place = np.select([share < 0.1, share < 0.14, share < 0.18, share < 0.19], [0, 1, 2, 3], -1)
        return np.where(large & ~self.plan.free, place, -1)

    def limits(
        self, used: Truths, so_far: Integers, hidden: Truths
    ) -> tuple[pd.DataFrame, Integers]:
        """The rows, and the place in CUT_PRODUCTS of each planted cut (-1: none)."""
        plan, draws = self.plan, self.plan.draws
        cut = np.where(plan.has("billing_limit_cuts_data"), draws.below("cut product", 3), -1)
        for place, product in enumerate(CUT_PRODUCTS):
            cut[(cut == place) & ~used[:, COUNTER_OF_PRODUCT[product]]] = 0
        amounts = np.array(CUT_LIMITS_USD)[draws.below("cut limit", len(CUT_LIMITS_USD))]
        generous = draws.chance("generous", 0.25)
        rows: list[tuple[int, str, int, bool]] = []
        for row in np.flatnonzero(~hidden):
            limits: dict[str, tuple[int, bool]] = {}
            if not plan.free[row]:
                limits = {p: (usd, False) for p, usd in DEFAULT_LIMITS_USD.items()}
                if generous[row]:
                    limits["product_analytics"] = (GENEROUS_LIMIT_USD, False)
                if cut[row] >= 0:
                    limits[CUT_PRODUCTS[cut[row]]] = (int(amounts[row]), True)
            rows += [(int(row), p, usd, was_cut) for p, (usd, was_cut) in limits.items()]
        frame = pd.DataFrame(
            {
                "organization_id": text(self.ids, np.array([r[0] for r in rows], dtype=np.int64)),
                "product": pd.Series([r[1] for r in rows], dtype="str"),
                "limit_usd": pd.Series([Decimal(r[2]) for r in rows], dtype=object),
                "usage": pd.Series(
                    [so_far[r[0], COUNTER_OF_PRODUCT[r[1]]] for r in rows], dtype="Int64"
                ),
                "usage_limit": pd.Series(
                    [
                        _usage_limit(int(so_far[r[0], COUNTER_OF_PRODUCT[r[1]]]), cut=r[3])
                        for r in rows
                    ],
                    dtype="Int64",
                ),
                "data_was_cut": pd.array([r[3] for r in rows], dtype="boolean"),
            }
        )
        return frame, cut


def _usage_limit(usage: int, *, cut: bool) -> int:
    """A limit in units: reached where data was cut, else far away."""
    return max(usage, 1) if cut else 4 * usage + 1_000_000


def _plain(name: str) -> str:
    letters = name.lower().translate(str.maketrans("áéíóúöëïı", "aeiouoeii"))
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())
