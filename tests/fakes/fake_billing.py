"""The billing answers of the fake vendor, old and new.

Shapes: the vendor's generated API schema and end-to-end specifications (PostHog/posthog
products/billing, MIT).
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pandas as pd
from fake_values import answer, error, moment, plain, text
from werkzeug import Request, Response

from audit.meters import BY_PRODUCT, METERS

HELPER_COUNTERS = (
    "decide_requests_count_in_period",
    "local_evaluation_requests_count_in_period",
    "event_count_with_groups_in_period",
)
BILLED_COUNTERS = tuple(meter.usage_type for meter in METERS if meter.usage_type)


class BillingAnswers:
    """The billing views of :class:`fake_posthog.Vendor`, which has the tables and the switches."""

    def _billing(self, request: Request, organization: str, part: str) -> Response:
        if not self.organization_billing or organization != self.organization_id:
            return error(404, "not_found", "Not found.")
        row = self.tables["organizations"].iloc[0]
        if part == "subscription":
            return answer(self._subscription(row))
        if part == "products":
            return answer({"results": self._catalogue()})
        if part == "features":
            features = json.loads(plain(row["features"]) or "[]")
            return answer({"available_product_features": [{"key": f, "name": f} for f in features]})
        if part == "usage":
            return answer({"usage_summary": [], "products": self._amounts("usage")})
        if part in ("spend", "forecast"):
            word = {"spend": "current", "forecast": "projected"}[part]
            totals = {
                f"{word}_total_amount_usd": text(row[f"{word}_total_usd"]),
                f"{word}_total_amount_usd_after_discount": text(
                    row[f"{word}_total_after_discount_usd"]
                ),
            }
            return answer({**totals, "products": self._amounts(part)})
        if part == "limits":
            return answer({"results": [self._limit(limit) for limit in self._limits()]})
        if part == "invoices":
            return answer({"next": None, "previous": None, "results": self._invoices()})
        return error(404, "not_found", "Not found.")

    def _subscription(self, row: "pd.Series[Any]") -> dict[str, Any]:
        return {
            "customer_id": plain(row["customer_id"]),
            "has_active_subscription": plain(row["has_active_subscription"]),
            "subscription_level": plain(row["subscription_level"]),
            "billing_plan": plain(row["billing_plan"]),
            "is_annual_plan_customer": plain(row["is_annual_plan_customer"]),
            "billing_period": {
                "current_period_start": moment(row["period_start"]),
                "current_period_end": moment(row["period_end"]),
                "interval": plain(row["period_interval"]),
            },
            "discount_percent": None
            if row["discount_percent"] is None
            else float(row["discount_percent"]),
            "discount_amount_usd": text(row["discount_amount_usd"]),
            "amount_off_expires_at": moment(row["discount_expires_at"]),
            "startup_program_label": plain(row["startup_program"]),
        }

    def _nested(self, item: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
        """``item`` for every product there is something about, add-ons inside their product."""
        subscriptions = self.tables["subscriptions"].set_index("product")["parent"]
        parents = {p: plain(parent) for p, parent in subscriptions.items()}
        for product in self.tables["limits"]["product"]:
            parents.setdefault(product, BY_PRODUCT[product].parent)
        tops = [p for p, parent in parents.items() if parent is None]
        tops += sorted({p for p in parents.values() if p and p not in tops})
        return [
            {**item(top), "addons": [item(p) for p, parent in parents.items() if parent == top]}
            for top in tops
        ]

    def _catalogue(self) -> list[dict[str, Any]]:
        rows = {row["product"]: row for row in self.tables["subscriptions"].to_dict("records")}

        def item(product: str) -> dict[str, Any]:
            row = rows.get(product, {})
            tiers = plain(row.get("tiers"))
            return {
                "kind": "product" if plain(row.get("parent")) is None else "addon",
                "key": product,
                "usage_key": plain(row.get("usage_type")),
                "name": plain(row.get("name")) or product,
                "subscribed": bool(row.get("subscribed", False)),
                "legacy_product": plain(row.get("legacy")),
                "unit": plain(row.get("unit")),
                "tiered": True,
                "tiers": json.loads(tiers) if tiers else None,
                "plans": [
                    {"plan_key": "free", "current_plan": False, "tiers": [{"unit_amount_usd": "9"}]}
                ],
                "inclusion_only": False,
            }

        return self._nested(item)

    def _amounts(self, part: str) -> list[dict[str, Any]]:
        lines = self.tables["bill_lines"]
        current = lines[~lines["is_complete"].astype(bool)].set_index("product")
        usage_limits = {row.product: row for row in self._limits()}

        def item(product: str) -> dict[str, Any]:
            line = current.loc[product] if product in current.index else None
            out: dict[str, Any] = {"kind": "product", "key": product, "usage_key": None}
            if part == "usage":
                limit = usage_limits.get(product)
                known = line is not None or limit is not None
                quantity = line["quantity"] if line is not None else limit.usage if limit else 0
                out |= {
                    "current_usage": int(quantity) if known and not pd.isna(quantity) else None,
                    "usage_limit": plain(limit.usage_limit) if limit else None,
                    "has_exceeded_limit": False,
                }
            elif part == "spend":
                out["current_amount_usd"] = None if line is None else text(line["amount_usd"])
            elif line is not None:
                out["projected_usage"] = plain(line["projected_quantity"])
                out["projected_amount_usd"] = text(line["projected_amount_usd"])
            return out

        return self._nested(item)

    def _limits(self) -> list[Any]:
        return list(self.tables["limits"].itertuples(index=False))

    def _limit(self, row: Any) -> dict[str, Any]:
        following = row.next_period_limit_usd
        return {
            "key": row.product,
            "limit_usd": None if row.limit_usd is None else float(row.limit_usd),
            "next_period_limit_usd": None if following is None else float(following),
            "spend_usd": None,
            "reached": bool(row.data_was_cut),
        }

    def _invoices(self) -> list[dict[str, Any]]:
        return [
            {
                "id": row.invoice_id,
                "status": row.status,
                "total": text(row.total_usd),
                "amount_due": text(row.amount_due_usd),
                "period_start": moment(row.period_start),
                "period_end": moment(row.period_end),
                "created": moment(row.issued_at),
            }
            for row in self.tables["invoices"].itertuples(index=False)
        ]

    def _overview(self, request: Request) -> Response:
        row = self.tables["organizations"].iloc[0]
        spend = {i["key"]: i for p in self._amounts("spend") for i in (p, *p["addons"])}
        used = {i["key"]: i for p in self._amounts("usage") for i in (p, *p["addons"])}

        def older(item: dict[str, Any]) -> dict[str, Any]:
            merged = {**used[item["key"]], **spend[item["key"]], **item}
            merged["type"] = merged.pop("key")
            merged["addons"] = [older(addon) for addon in item.get("addons", [])]
            return merged

        limits = self._limits()
        cut = {limit.product for limit in limits if limit.data_was_cut}
        products = [older(item) for item in self._catalogue()]
        for product in products:
            for item in (product, *product["addons"]):
                item["has_exceeded_limit"] = item["type"] in cut
        features = json.loads(plain(row["features"]) or "[]")
        return answer(
            {
                **self._subscription(row),
                "products": products,
                "custom_limits_usd": {limit.product: float(limit.limit_usd) for limit in limits},
                "next_period_custom_limits_usd": {},
                "never_drop_data": False,
                "available_product_features": [{"key": feature} for feature in features],
            }
        )

    def _older_timeseries(self, request: Request, part: str) -> Response:
        return self._series(request, part, size="page_size", cursor="after", link=False)

    def _timeseries(self, request: Request, organization: str, part: str) -> Response:
        if not self.organization_billing or organization != self.organization_id:
            return error(404, "not_found", "Not found.")
        return self._series(request, part, size="limit", cursor="cursor", link=True)

    def _series(
        self, request: Request, part: str, *, size: str, cursor: str, link: bool
    ) -> Response:
        asked = request.args
        start = date.fromisoformat(asked.get("start_date", "2020-01-01"))
        end = date.fromisoformat(asked.get("end_date", start.isoformat()))
        if end - start > timedelta(days=366):
            return error(400, "usage_date_range_too_long", "Ask for at most one year.")
        kinds = json.loads(asked.get("usage_types", "null"))
        allowed = BILLED_COUNTERS + (HELPER_COUNTERS if self.helper_counters else ())
        if unknown := [kind for kind in kinds or () if kind not in allowed]:
            return error(400, "invalid_input", f"Invalid usage_types: {unknown[0]}")
        breakdowns = json.loads(asked.get("breakdowns", "[]"))
        data: dict[Any, dict[str, float]] = defaultdict(dict)
        for (usage_type, team, day), value in self._values(part):
            if (
                usage_type in (kinds or BILLED_COUNTERS)
                and start.isoformat() <= day <= end.isoformat()
            ):
                key = (usage_type, team) if "team" in breakdowns else usage_type
                data[key][day] = data[key].get(day, 0.0) + value
        items = [
            {
                "id": number,
                "label": str(key),
                "dates": sorted(values),
                "data": [values[day] for day in sorted(values)],
                "breakdown_type": "multiple" if isinstance(key, tuple) else "type",
                "breakdown_value": list(key) if isinstance(key, tuple) else key,
            }
            for number, (key, values) in enumerate(sorted(data.items(), key=str))
        ]
        limit = min(int(asked.get(size, len(items) or 1)), self.page_rows)
        offset = int(asked.get(cursor, "c0")[1:])
        following = f"c{offset + limit}" if offset + limit < len(items) else None
        if following and link:
            following = self._link(request, **{cursor: following})
        count = {"count" if link else "total_count": len(items)}
        return answer({**count, "next": following, "results": items[offset : offset + limit]})

    def _values(self, part: str) -> Iterator[tuple[tuple[str, str, str], float]]:
        if part == "spend":
            for (product, day), usd in self.spend.items():
                usage_type = BY_PRODUCT[product].usage_type or product
                yield (usage_type, "1", day), usd
            return
        for row in self.tables["usage_daily"].itertuples(index=False):
            yield (row.usage_type, row.project_id, row.day.date().isoformat()), float(row.quantity)
