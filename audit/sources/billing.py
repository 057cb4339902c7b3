"""The vendor's billing answers as canonical rows, whether they came by API or as a JSON export.

One shape is understood: that of ``GET /api/billing/``, whose products are named by ``type``
or by ``key``. Money is text there and becomes a decimal here; the vendor's series carry
floats, which are read by their shortest text.

Source: PostHog/posthog products/billing (generated API schema, investigating-billing-costs).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from audit.errors import SourceError
from audit.meters import BY_PRODUCT, PACKAGES, product_of, usage_type_of

Row = dict[str, Any]

#: Series the vendor builds by folding projects together; they belong to no one project.
WHOLE_ORGANIZATION = ""


def overview_tables(
    answer: Mapping[str, Any], *, organization_id: str, as_of: date
) -> dict[str, list[Row]]:
    """Rows of organizations (billing columns only), subscriptions, bill_lines and limits.

    The bill lines are those of the current period, actual and per product: where a product's
    amount includes its add-ons, they are taken out again. Own tiers come from a product's
    ``tiers``, never from ``plans``, which is the vendor's public list.

    Raises: SourceError when the answer is no billing overview or a number in it is none.
    """
    if not isinstance(answer.get("products"), list):
        raise SourceError(
            "This is not a billing answer: it has no list `products`. Save the answer of "
            "GET /api/billing/ unchanged."
        )
    start, end = _period(answer)
    with_addons = _products_include_addons(answer)
    subscriptions: dict[str, Row] = {}
    lines: dict[str, Row] = {}
    limits: dict[str, Row] = {}
    amounts = {
        product_of(name): (
            _limit(answer, "custom_limits_usd", name),
            _limit(answer, "next_period_custom_limits_usd", name),
        )
        for name in (
            *_mapping(answer.get("custom_limits_usd")),
            *_mapping(answer.get("next_period_custom_limits_usd")),
        )
    }
    for item, parent in items(answer):
        product = key_of(item)
        subscriptions[product] = _subscription(item, parent, organization_id)
        line = _line(item, parent, with_addons)
        if start and end and line is not None:
            lines[product] = {
                "organization_id": organization_id,
                "period_start": start,
                "period_end": end,
                "product": product,
                **line,
                "is_complete": False,
            }
        limit = _limit_row(item, amounts.pop(product, (None, None)), answer)
        if limit is not None:
            limits[product] = {"organization_id": organization_id, "product": product, **limit}
    for product, (now, following) in amounts.items():
        if now is not None or following is not None:
            limits[product] = {
                "organization_id": organization_id,
                "product": product,
                "limit_usd": now,
                "next_period_limit_usd": following,
                "data_was_cut": None,
            }
    organization = _organization(answer, organization_id, as_of, start, end)
    return {
        "organizations": [organization],
        "subscriptions": list(subscriptions.values()),
        "bill_lines": list(lines.values()),
        "limits": list(limits.values()),
    }


def series_rows(answer: Mapping[str, Any], *, organization_id: str) -> list[Row]:
    """Rows of usage_daily from one usage time series, by type and project or by type alone.

    Without a project breakdown ``project_id`` is empty: the whole organization.

    Raises: SourceError for a series without a usage type, a quantity that is not whole or is
    negative, or dates and values of different length.
    """
    rows = []
    for usage_type, project_id, day, value in series(answer):
        rows.append(
            {
                "organization_id": organization_id,
                "project_id": project_id,
                "day": day,
                "usage_type": usage_type,
                "quantity": _whole(value, f"usage of {usage_type} on {day}"),
            }
        )
    return rows


def spend_by_day(answer: Mapping[str, Any]) -> list[tuple[str, str, Decimal]]:
    """(product, ISO day, USD) of one spend time series; projects are not added up."""
    out = []
    for usage_type, _, day, value in series(answer):
        amount = _decimal(value, f"spend of {usage_type} on {day}")
        if amount is not None:
            out.append((product_of(usage_type), day, amount))
    return out


def series(answer: Mapping[str, Any]) -> Iterator[tuple[str, str, str, Any]]:
    """(usage type, project id or "", ISO day, value) of a usage or spend time series.

    ``breakdown_value`` is text with one breakdown and a list with two.
    """
    results = answer.get("results")
    if not isinstance(results, list):
        raise SourceError(
            "This is not a usage series: it has no list `results`. Save the answer of "
            "GET /api/billing/usage/ unchanged."
        )
    for item in results:
        usage_type, project_id = _breakdown(item)
        dates, data = item.get("dates") or [], item.get("data") or []
        if len(dates) != len(data):
            raise SourceError(
                f"The series {item.get('label')!r} has {len(dates)} dates and {len(data)} values. "
                "Fetch it again."
            )
        for day, value in zip(dates, data, strict=True):
            yield usage_type, project_id, str(day)[:10], value


def items(answer: Mapping[str, Any]) -> Iterator[tuple[Any, Mapping[str, Any] | None]]:
    """Every product and add-on, with the product an add-on belongs to."""
    for product in answer.get("products") or []:
        if not isinstance(product, dict):
            raise SourceError(f"A billing product is {product!r}, not an object. Fetch it again.")
        yield product, None
        for addon in product.get("addons") or []:
            yield addon, product


def key_of(item: Mapping[str, Any]) -> str:
    name = item.get("type") or item.get("key") or item.get("product_key") or item.get("usage_key")
    if not isinstance(name, str):
        raise SourceError(
            f"A billing product has neither `type` nor `key` (name {item.get('name')!r}). "
            "Fetch the answer again."
        )
    return product_of(name)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _period(answer: Mapping[str, Any]) -> tuple[str | None, str | None]:
    period = _mapping(answer.get("billing_period"))
    return (_day(period.get("current_period_start")), _day(period.get("current_period_end")))


def _day(value: Any) -> str | None:
    return str(value)[:10] if value else None


def _decimal(value: Any, what: str) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite():
        raise SourceError(f"The {what} is {value!r}, not a number. Fetch the billing answer again.")
    return number


def _whole(value: Any, what: str) -> int:
    number = _decimal(value, what)
    if number is None or number < 0 or number != number.to_integral_value():
        raise SourceError(f"The {what} is {value!r}; counters are whole numbers from 0 up.")
    return int(number)


def _quantity(value: Any, what: str) -> int | None:
    return None if value is None else _whole(value, what)


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


def _amount(item: Mapping[str, Any], name: str) -> Decimal | None:
    return _decimal(item.get(name), f"{name} of {key_of(item)}")


def _products_include_addons(answer: Mapping[str, Any]) -> Mapping[str, bool]:
    """Whether a product's amounts count its add-ons again, for ``current`` and ``projected``.

    The vendor's app takes add-ons out of a product's amount; the published fixtures do not
    need that. The total decides; when neither reading meets it, the app's.
    """
    out = {}
    for kind in ("current", "projected"):
        name = f"{kind}_amount_usd"
        products = _sum(_amount(item, name) for item, parent in items(answer) if parent is None)
        addons = _sum(_amount(item, name) for item, parent in items(answer) if parent is not None)
        total = _decimal(answer.get(f"{kind}_total_amount_usd"), f"{kind}_total_amount_usd")
        if total is None:
            out[kind] = any(
                _amount(item, "current_amount_usd_before_addons") not in (None, _amount(item, name))
                for item, parent in items(answer)
                if parent is None
            )
        else:
            out[kind] = abs(products - total) < abs(products + addons - total)
    return out


def _own(
    item: Mapping[str, Any], parent: Mapping[str, Any] | None, kind: str, with_addons: bool
) -> Decimal | None:
    name = f"{kind}_amount_usd"
    amount = _amount(item, name)
    if parent is not None:
        return amount
    before = _amount(item, "current_amount_usd_before_addons")
    if kind == "current" and before is not None:
        return before
    if amount is None or not with_addons:
        return amount
    return amount - _sum(_amount(addon, name) for addon in item.get("addons") or [])


def _line(
    item: Mapping[str, Any], parent: Mapping[str, Any] | None, with_addons: Mapping[str, bool]
) -> Row | None:
    line = {
        "quantity": _quantity(item.get("current_usage"), f"current_usage of {key_of(item)}"),
        "amount_usd": _own(item, parent, "current", with_addons["current"]),
        "projected_quantity": _projected_quantity(item),
        "projected_amount_usd": _own(item, parent, "projected", with_addons["projected"]),
    }
    known = line["quantity"] is not None or line["amount_usd"] is not None
    return line if known else None


def _projected_quantity(item: Mapping[str, Any]) -> int | None:
    # A forecast need not be whole; the canonical column is.
    number = _decimal(item.get("projected_usage"), f"projected_usage of {key_of(item)}")
    return None if number is None else max(0, int(number.to_integral_value()))


def _subscription(
    item: Mapping[str, Any], parent: Mapping[str, Any] | None, organization_id: str
) -> Row:
    product = key_of(item)
    plans = item.get("plans") or []
    plan: Mapping[str, Any] = next((p for p in plans if p.get("current_plan")), {})
    subscribed = item.get("subscribed")
    follows_parent = item.get("inclusion_only") or item.get("included_with_main_product")
    if subscribed is None and parent is not None and follows_parent:
        subscribed = parent.get("subscribed")
    is_package = product in PACKAGES or bool(plan.get("flat_rate"))
    meter = BY_PRODUCT.get(product)
    per_unit = meter.metered_units_per_priced_unit if meter else 1
    free = item.get("free_allocation")
    return {
        "organization_id": organization_id,
        "product": product,
        "name": item.get("name"),
        "parent": key_of(parent) if parent is not None else None,
        "subscribed": subscribed,
        "plan": plan.get("plan_key"),
        "usage_type": usage_type_of(item.get("usage_key") or product) if not is_package else None,
        "unit": item.get("unit"),
        "tiers": _tiers(item),
        "flat_amount_usd": _amount(item, "unit_amount_usd") if is_package else None,
        "free_allowance": None
        if free is None
        else _whole(free, f"free_allocation of {product}") * per_unit,
        "legacy": item.get("legacy_product"),
    }


def _tiers(item: Mapping[str, Any]) -> list[Row] | None:
    tiers: Sequence[Mapping[str, Any]] = item.get("tiers") or []
    return [
        {
            "up_to": tier.get("up_to"),
            "unit_amount_usd": str(tier["unit_amount_usd"]),
            "flat_amount_usd": str(tier.get("flat_amount_usd") or "0"),
        }
        for tier in tiers
    ] or None


def _limit(answer: Mapping[str, Any], field: str, name: str) -> Decimal | None:
    """A limit by product key, counter or short key; 0 is a limit, null is none."""
    limits = _mapping(answer.get(field))
    for spelled, value in limits.items():
        if product_of(spelled) == product_of(name):
            return _decimal(value, f"{field} of {spelled}")
    return None


def _limit_row(
    item: Mapping[str, Any],
    amounts: tuple[Decimal | None, Decimal | None],
    answer: Mapping[str, Any],
) -> Row | None:
    product = key_of(item)
    now, following = amounts
    usage_limit = _quantity(item.get("usage_limit"), f"usage_limit of {product}")
    if now is None and following is None and usage_limit is None:
        return None
    exceeded = item.get("has_exceeded_limit")
    return {
        "limit_usd": now,
        "next_period_limit_usd": following,
        "usage_limit": usage_limit,
        "usage": _quantity(item.get("current_usage"), f"current_usage of {product}"),
        "data_was_cut": None
        if exceeded is None
        else bool(exceeded) and answer.get("never_drop_data") is not True,
    }


def _organization(
    answer: Mapping[str, Any],
    organization_id: str,
    as_of: date,
    start: str | None,
    end: str | None,
) -> Row:
    features = answer.get("available_product_features")
    customer = answer.get("customer_id")
    owner = _mapping(answer.get("account_owner"))
    return {
        "organization_id": organization_id,
        "as_of": as_of.isoformat(),
        "subscription_level": answer.get("subscription_level"),
        "billing_plan": answer.get("billing_plan"),
        "has_active_subscription": answer.get("has_active_subscription"),
        "is_annual_plan_customer": answer.get("is_annual_plan_customer"),
        "startup_program": answer.get("startup_program_label"),
        "customer_id": None if customer is None else str(customer),
        "account_owner": owner.get("email") or owner.get("name"),
        "period_start": start,
        "period_end": end,
        "period_interval": _mapping(answer.get("billing_period")).get("interval"),
        "discount_percent": _decimal(answer.get("discount_percent"), "discount_percent"),
        "discount_amount_usd": _decimal(answer.get("discount_amount_usd"), "discount_amount_usd"),
        "discount_expires_at": _day(answer.get("amount_off_expires_at")),
        "current_total_usd": _decimal(
            answer.get("current_total_amount_usd"), "current_total_amount_usd"
        ),
        "current_total_after_discount_usd": _decimal(
            answer.get("current_total_amount_usd_after_discount"),
            "current_total_amount_usd_after_discount",
        ),
        "projected_total_usd": _decimal(
            answer.get("projected_total_amount_usd"), "projected_total_amount_usd"
        ),
        "projected_total_after_discount_usd": _decimal(
            answer.get("projected_total_amount_usd_after_discount"),
            "projected_total_amount_usd_after_discount",
        ),
        "never_drop_data": answer.get("never_drop_data"),
        "features": None if features is None else [_feature(feature) for feature in features],
    }


def _feature(feature: Any) -> str:
    return str(feature.get("key")) if isinstance(feature, Mapping) else str(feature)


def _breakdown(item: Mapping[str, Any]) -> tuple[str, str]:
    value = item.get("breakdown_value")
    if isinstance(value, list | tuple) and len(value) == 2:
        return usage_type_of(str(value[0])) or str(value[0]), str(value[1])
    if isinstance(value, str) and item.get("breakdown_type") != "team":
        return usage_type_of(value) or value, WHOLE_ORGANIZATION
    raise SourceError(
        f"The series {item.get('label')!r} is not broken down by type (breakdown_value {value!r}). "
        'Ask for breakdowns ["type","team"].'
    )
