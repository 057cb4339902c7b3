"""How the vendor's answers name one meter: product key, counter of the reports, short key.

The names stand in the price files, beside the prices; this module is how layers that know no
price read them. A meter the vendor invents tomorrow is not an error here: the functions return the
name they were given. Which events no meter counts stands here too.

Source: PostHog/posthog frontend/src/scenes/billing/constants.ts (counters),
products/billing/skills/investigating-billing-costs/references/usage-data-shape.md (short keys).
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Meter:
    """One product key and every other name its meter goes by.

    ``usage_type`` is the counter of the usage and spend series; packages have none.
    ``usage_keys`` are further spellings seen in billing answers. ``parent`` is set for add-ons.
    """

    product: str
    name: str
    usage_type: str | None = None
    usage_keys: tuple[str, ...] = ()
    parent: str | None = None
    metered_units_per_priced_unit: int = 1


METERS: tuple[Meter, ...]
BY_PRODUCT: dict[str, Meter]
BY_ANY_NAME: dict[str, Meter]
PACKAGES: frozenset[str]


@cache
def _tables() -> dict[str, Any]:
    """The names as the price files give them; read when one is first asked for."""
    folder = resources.files("audit.pricing") / "prices"
    files = sorted(
        (f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda file: file.name
    )
    meters = tuple(_meter(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files)
    return {
        "METERS": meters,
        "BY_PRODUCT": {meter.product: meter for meter in meters},
        "BY_ANY_NAME": {
            name: meter
            for meter in meters
            for name in (meter.product, meter.usage_type, *meter.usage_keys)
            if name is not None
        },
        "PACKAGES": frozenset(m.product for m in meters if m.parent == "platform_and_support"),
    }


def _meter(price_file: dict[str, Any]) -> Meter:
    return Meter(
        product=price_file["product"],
        name=price_file["name"],
        usage_type=price_file.get("usage_type"),
        usage_keys=tuple(price_file["usage_keys"]),
        parent=price_file.get("parent"),
        metered_units_per_priced_unit=price_file["divisor"],
    )


def __getattr__(name: str) -> Any:
    if name in ("METERS", "BY_PRODUCT", "BY_ANY_NAME", "PACKAGES"):
        return _tables()[name]
    raise AttributeError(f"module 'audit.meters' has no attribute {name!r}")


#: Counters of the usage reports that bill nothing themselves.
DECIDE_REQUESTS = "decide_requests_count_in_period"
LOCAL_EVALUATION_REQUESTS = "local_evaluation_requests_count_in_period"
EVENTS_WITH_GROUPS = "event_count_with_groups_in_period"

#: All of them: usage without a line on the bill.
UNBILLED_COUNTERS = {DECIDE_REQUESTS, LOCAL_EVALUATION_REQUESTS, EVENTS_WITH_GROUPS}

#: A local evaluation poll is billed as this many flag requests.
#: Source: PostHog/posthog posthog/tasks/usage_report.py.
BILLED_REQUESTS_PER_LOCAL_EVALUATION = 10

#: Ours: a billing month has 30 days; a window of another length is scaled to it.
BILLING_MONTH_DAYS = 30

#: The products that bill one and the same event; an event removed leaves all of them.
#: Source: posthog.com billing-products.json, the add-ons of product_analytics.
EVENT_METERS = ("product_analytics", "enhanced_persons", "group_analytics", "data_pipelines")

#: Names the event meter leaves out; removing them saves nothing on the event meters.
#: Source: PostHog/posthog posthog/tasks/usage_report.py. One more is excluded there, the
#: prompt-fetch event, whose name the public material does not show.
UNBILLED_EVENTS = frozenset(
    {
        "$feature_flag_called",
        "$experiment_exposure",
        "survey sent",
        "survey shown",
        "survey dismissed",
        "$exception",
        "$conversations_loaded",
        "$conversations_widget_loaded",
        "$conversations_message_sent",
        "$conversations_user_identified",
        "$conversations_restore_link_requested",
        "$conversations_widget_state_changed",
        "$conversations_back_to_tickets",
    }
)

#: Billed by llm_analytics instead. Source: as above.
UNBILLED_PREFIXES = ("$ai_",)


def is_unbilled(event: str) -> bool:
    """Whether the event meters leave an event out."""
    return event in UNBILLED_EVENTS or event.startswith(UNBILLED_PREFIXES)


def product_of(name: str) -> str:
    """Product key for a product key, counter or short key; an unknown name stands for itself.

    >>> product_of("recordings"), product_of("event_count_in_period"), product_of("new_thing")
    ('session_replay', 'product_analytics', 'new_thing')
    """
    meter = _tables()["BY_ANY_NAME"].get(name)
    return meter.product if meter else name


def usage_type_of(name: str | None) -> str | None:
    """Counter for a product key, counter or short key; an unknown name stands for itself."""
    if name is None:
        return None
    meter = _tables()["BY_ANY_NAME"].get(name)
    return meter.usage_type if meter else name
