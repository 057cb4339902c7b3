"""The per-organization billing API, put back together into one overview."""

from collections.abc import Mapping
from typing import Any

from audit.meters import product_of
from audit.sources.billing import items, key_of


def merged_overview(
    *,
    subscription: Mapping[str, Any],
    products: Mapping[str, Any],
    usage: Mapping[str, Any] | None = None,
    spend: Mapping[str, Any] | None = None,
    forecast: Mapping[str, Any] | None = None,
    limits: Mapping[str, Any] | None = None,
    features: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The answers of the per-organization API in the shape of ``GET /api/billing/``."""
    extra: dict[str, dict[str, Any]] = {}
    for part in (usage, spend, forecast):
        for item, _ in items(part or {}):
            fields = {k: v for k, v in item.items() if k not in ("addons", "kind", "key")}
            extra.setdefault(key_of(item), {}).update(fields)
    cut_off = {
        product_of(str(item.get("usage_key"))): item.get("quota_limited_until") is not None
        for item in (usage or {}).get("usage_summary") or []
        if "quota_limited_until" in item
    }

    def completed(item: Mapping[str, Any]) -> dict[str, Any]:
        # The catalogue comes last: its tiers and names win over those of the summaries.
        whole = {**extra.get(key_of(item), {}), **{k: v for k, v in item.items() if v is not None}}
        whole["addons"] = [completed(addon) for addon in item.get("addons") or []]
        return whole

    whole = {**subscription}
    for part, names in (
        (spend, ("current_total_amount_usd", "current_total_amount_usd_after_discount")),
        (forecast, ("projected_total_amount_usd", "projected_total_amount_usd_after_discount")),
        (features, ("available_product_features",)),
    ):
        whole.update({name: part[name] for name in names if part and name in part})
    whole["products"] = [completed(item) for item in products.get("results") or []]
    for item in (limits or {}).get("results") or []:
        whole.setdefault("custom_limits_usd", {})[item["key"]] = item.get("limit_usd")
        following = whole.setdefault("next_period_custom_limits_usd", {})
        following[item["key"]] = item.get("next_period_limit_usd")
        for product, _ in items(whole):
            if key_of(product) == product_of(item["key"]) and "reached" in item:
                product["has_exceeded_limit"] = bool(item["reached"])
    for product, _ in items(whole):
        # A reached limit cuts nothing while the vendor holds its quota back (trust, grace).
        if cut_off.get(key_of(product)) is False and product.get("has_exceeded_limit"):
            product["has_exceeded_limit"] = False
    return whole
