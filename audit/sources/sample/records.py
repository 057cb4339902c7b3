"""Organizations, projects and subscriptions of a plan."""

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
from audit.sources.sample.further import Further
from audit.sources.sample.invoices import Terms
from audit.sources.sample.periods import Periods
from audit.sources.sample.plan import Plan
from audit.sources.sample.products import Products
from audit.sources.sample.vocabulary import (
    COUNTER_OF_PRODUCT,
    COUNTERS,
    KINDS,
    MOBILE,
    PACKAGES,
    PARENTS,
    PRODUCTION,
    PROJECT_NAMES,
)

Objects = npt.NDArray[np.object_]

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
PERCENTS = (10, 15)
LEGACY_PERCENT = 30
AMOUNT_OFF_USD = 100
FEATURES = ('["audit_logs", "zapier"]', '["audit_logs", "saml", "zapier"]')
SUPPRESSED = ["ResizeObserver loop limit exceeded", "Script error."]


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
        further: Further,
    ) -> None:
        self.plan, self.products, self.rhythm, self.periods = plan, products, rhythm, periods
        self.ids, self.project_ids = ids, project_ids
        self.legacy_pipelines, self.further = legacy_pipelines, further
        draws, paid = plan.draws, ~plan.free
        self.annual = paid & draws.chance("annual", 0.04)
        self.program = np.where(draws.chance("startup", 0.05) & paid, draws.below("program", 2), -1)
        percent = np.where(
            draws.chance("discounted", 0.05) & paid,
            np.array(PERCENTS)[draws.below("percent", 2)],
            0,
        )
        self.percent = np.where(further.has("legacy_discount"), LEGACY_PERCENT, percent)
        off = paid & draws.chance("amount off", 0.02) & (self.percent == 0)
        self.amount_off_usd = np.where(off, AMOUNT_OFF_USD, 0)
        credit = paid & (draws.chance("credit", 0.05) | self.annual | (self.program >= 0))
        self.credit_usd = np.where(credit, 500 * (1 + draws.below("credits", 40)), 0)
        self.contracted = draws.chance("contracted", CONTRACTED_SHARE) & paid
        self.contracted |= draws.numbers == 5
        share, large = draws.uniform("package"), plan.events > 3e6
        place = np.select([share < 0.1, share < 0.14, share < 0.18, share < 0.19], [0, 1, 2, 3], -1)
        #: Place in PACKAGES, -1 for none.
        self.package = np.where(large & paid, place, -1)
        self.package[further.has("legacy_package")] = PACKAGES.index("teams")

    def terms(self) -> Terms:
        own = {
            "data_pipelines": (self.legacy_pipelines, LEGACY_PIPELINE_TIERS),
            "product_analytics": (self.contracted, CONTRACTED_EVENT_TIERS),
        }
        return Terms(
            paid=~self.plan.free,
            own={
                product: (mine, tuple((up_to, Decimal(price)) for up_to, price in steps))
                for product, (mine, steps) in own.items()
            },
            package=self.package,
            discount_percent=self.percent,
            amount_off_cents=100 * self.amount_off_usd,
            credit_cents=100 * self.credit_usd,
        )

    def organizations(self, names: Objects, as_of: date) -> pd.DataFrame:
        plan, draws = self.plan, self.plan.draws
        size, every = plan.size, np.arange(plan.size)
        paid = ~plan.free
        level = np.where(plan.free, 0, np.where(self.annual, 2, 1))
        # Single sign-on by SAML keeps whoever needs it on the old package.
        saml = (self.package == PACKAGES.index("teams")) & ~self.further.has("legacy_package")
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
                "is_annual_plan_customer": pd.array(self.annual, dtype="boolean"),
                "startup_program": text(STARTUP_PROGRAMS, self.program),
                "customer_id": text([f"cus_{i[-12:]}" for i in self.ids], every),
                "account_owner": text(
                    OWNERS, np.where(draws.chance("owned", 0.2), draws.below("owner", 3), -1)
                ),
                "period_start": start,
                "period_end": end,
                "period_interval": text(("month",), every * 0),
                "discount_percent": _decimals(self.percent),
                "discount_amount_usd": _decimals(self.amount_off_usd),
                "credit_balance_usd": _decimals(self.credit_usd),
                "never_drop_data": pd.array(draws.chance("never drop", 0.02), dtype="boolean"),
                "features": text(FEATURES, saml.astype(np.int64)),
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
        main = kind == PRODUCTION
        errors = at(products.quantity[:, :, COUNTER_OF_PRODUCT["error_tracking"]]) > 0
        errors |= at(self.further.at("error_tracking_silent"))
        flood = at(self.further.at("exceptions_without_suppression"))
        unfiltered = at(self.further.at("internal_users_unfiltered"))
        ours = json.dumps(
            [{"key": "email", "type": "person", "operator": "not_icontains", "value": "@company"}]
        )
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
                "capture_dead_clicks": pd.array(
                    at(self.further.captures_dead_clicks), dtype="boolean"
                ),
                "heatmaps_opt_in": pd.array(
                    at(draws.chance("heatmaps", 0.4, KINDS)), dtype="boolean"
                ),
                "autocapture_exceptions_opt_in": pd.array(errors, dtype="boolean"),
                "autocapture_exceptions_errors_to_ignore": json_where(
                    errors & ~flood & main, SUPPRESSED
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
                "test_account_filters": text((ours, "[]"), unfiltered.astype(np.int64)),
                "timezone": text(
                    ("UTC", "Europe/Paris", "America/New_York"), at(draws.below("zone", 3, KINDS))
                ),
                "group_types": text(("[]", '["company"]'), grouped.astype(np.int64)),
                "has_group_types": pd.array(grouped, dtype="boolean"),
            }
        )

    def subscriptions(self, used: Truths) -> pd.DataFrame:
        """``used``: (organizations, counters) with any billed quantity in the window."""
        plan = self.plan
        parts = []
        for place, counter in enumerate(COUNTERS):
            if not counter.product:
                continue
            mine = np.flatnonzero(used[:, place])
            own = np.full(plan.size, -1)
            if counter.product == "data_pipelines":
                own[self.legacy_pipelines] = 0
            if counter.product == "product_analytics":
                own[self.contracted] = 1
            parts.append((mine, counter.product, counter.usage_type, own[mine], ~plan.free[mine]))
        for place, product in enumerate(PACKAGES):
            mine = np.flatnonzero(self.package == place)
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


def _decimals(amounts: Integers) -> pd.Series:
    """Whole numbers as decimals; 0 is none."""
    return pd.Series([Decimal(int(a)) if a else None for a in amounts], dtype=object)
