"""What an object of the API says of itself beyond name and state: ``resources.details``."""

from collections.abc import Mapping
from typing import Any

Item = Mapping[str, Any]

EVERYONE_PERCENT = 100
#: Details that only queries know; they stay null where those could not be read.
OF_SYNCS = ("rows_synced", "syncs")
OF_DELIVERIES = ("succeeded", "failed", "billable")


def rollout_percentage(filters: Any) -> int | float | None:
    """Share of everyone who gets one and the same answer from a flag, 0-100; None if nobody knows.

    The largest of the release conditions that ask for no property; one without a percentage
    releases to all. Of several variants the largest counts, unless a condition names its own: a
    test of two halves is rolled out to 50.

    >>> rollout_percentage({"groups": [{"properties": [], "rollout_percentage": 30}]})
    30
    """
    if not isinstance(filters, Mapping) or not isinstance(filters.get("groups"), list):
        return None
    shares = [
        share
        for group in filters["groups"]
        if isinstance(group, Mapping)
        and not group.get("properties")
        and (share := _released(group, filters.get("multivariate"))) is not None
    ]
    return max(shares, default=None)


def _released(group: Item, multivariate: Any) -> int | float | None:
    share = _percent(group.get("rollout_percentage"))
    variants = multivariate.get("variants") if isinstance(multivariate, Mapping) else None
    if share is None or not variants or group.get("variant"):
        return share
    largest = max(
        (_percent(v.get("rollout_percentage")) or 0 for v in variants if isinstance(v, Mapping)),
        default=0,
    )
    whole = share * largest / EVERYONE_PERCENT
    return int(whole) if whole == int(whole) else whole


def _percent(value: Any) -> int | float | None:
    """A percentage; null is everyone, and what is no percentage is unknown."""
    if value is None:
        return EVERYONE_PERCENT
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value <= EVERYONE_PERCENT else None


def has_filters(item: Item) -> bool | None:
    """Whether a destination asks for anything but every event; None where its list hides that.

    A destination with mappings filters in each of them, and the list does not show mappings.
    """
    filters = item.get("filters")
    if not isinstance(filters, Mapping):
        filters = {}
    events = filters.get("events") or []
    narrowed = any(
        not isinstance(event, Mapping) or event.get("id") is not None or event.get("properties")
        for event in events
    )
    rest = ("actions", "properties", "data_warehouse", "filter_test_accounts")
    if narrowed or any(filters.get(name) for name in rest):
        return True
    template = item.get("template")
    hidden = isinstance(template, Mapping) and template.get("mapping_templates")
    return None if hidden else False
