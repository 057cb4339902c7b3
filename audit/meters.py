"""How the vendor's answers name one meter: product key, counter of the reports, short key.

Data only; prices live in :mod:`audit.pricing`. A meter the vendor invents tomorrow is not an
error here: the functions return the name they were given.

Source: PostHog/posthog frontend/src/scenes/billing/constants.ts (counters),
products/billing/skills/investigating-billing-costs/references/usage-data-shape.md (short keys).
"""

from dataclasses import dataclass


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


METERS: tuple[Meter, ...] = (
    Meter("product_analytics", "Product analytics", "event_count_in_period", ("events",)),
    Meter(
        "enhanced_persons",
        "Identified events",
        "enhanced_persons_event_count_in_period",
        ("enhanced_persons_events",),
        "product_analytics",
    ),
    Meter("group_analytics", "Group analytics", "group_analytics", (), "product_analytics"),
    Meter("data_pipelines", "Data pipelines", "data_pipelines", (), "product_analytics"),
    Meter("session_replay", "Session replay", "recording_count_in_period", ("recordings",)),
    Meter(
        "mobile_replay",
        "Mobile session replay",
        "mobile_recording_count_in_period",
        ("mobile_recordings", "mobile_billable_recording_count_in_period"),
        "session_replay",
    ),
    Meter(
        "realtime_destinations",
        "Realtime destinations",
        "cdp_billable_invocations_in_period",
        ("cdp_trigger_events",),
    ),
    Meter(
        "batch_exports",
        "Batch exports",
        "rows_exported_in_period",
        ("rows_exported",),
        "realtime_destinations",
    ),
    Meter(
        "feature_flags",
        "Feature flags",
        "billable_feature_flag_requests_count_in_period",
        ("feature_flag_requests",),
    ),
    Meter("surveys", "Surveys", "survey_responses_count_in_period", ("survey_responses",)),
    Meter("data_warehouse", "Data warehouse", "rows_synced_in_period", ("rows_synced",)),
    Meter(
        "data_warehouse_historical",
        "Data warehouse historical syncs",
        "free_historical_rows_synced_in_period",
        ("historical_rows_synced", "free_historical_rows_synced"),
        "data_warehouse",
    ),
    Meter("error_tracking", "Error tracking", "exceptions_captured_in_period", ("exceptions",)),
    Meter("llm_analytics", "AI observability", "ai_event_count_in_period", ("llm_events",)),
    Meter(
        "logs",
        "Logs",
        "logs_mb_in_period",
        ("logs_mb_ingested",),
        metered_units_per_priced_unit=1000,
    ),
    Meter(
        "logs_retention_30d",
        "Logs 30-day retention",
        "logs_retention_30d_mb_in_period",
        (),
        "logs",
        metered_units_per_priced_unit=1000,
    ),
    Meter("posthog_ai", "PostHog AI", "ai_credits_used_in_period", ("ai_credits",)),
    Meter(
        "replay_vision",
        "Replay vision",
        "replay_vision_credits_used_in_period",
        ("replay_vision_credits",),
    ),
    Meter("inbox", "Inbox", "signals_credits_used_in_period", ("signals_credits",)),
    Meter(
        "posthog_code_usage",
        "PostHog Desktop",
        "posthog_code_credits_used_in_period",
        ("posthog_code_credits",),
    ),
    Meter(
        "workflows_emails",
        "Workflows: emails",
        "workflow_emails_sent_in_period",
        ("workflow_emails",),
    ),
    Meter(
        "workflows_destinations",
        "Workflows: destinations",
        "workflow_billable_invocations_in_period",
        ("workflow_destinations", "workflow_destinations_dispatches"),
        "workflows_emails",
    ),
    Meter("boost", "Boost", parent="platform_and_support"),
    Meter("teams", "Teams", parent="platform_and_support"),
    Meter("scale", "Scale", parent="platform_and_support"),
    Meter("enterprise", "Enterprise", parent="platform_and_support"),
)

BY_PRODUCT: dict[str, Meter] = {meter.product: meter for meter in METERS}

BY_ANY_NAME: dict[str, Meter] = {
    name: meter
    for meter in METERS
    for name in (meter.product, meter.usage_type, *meter.usage_keys)
    if name is not None
}

#: Counters of the usage reports that bill nothing themselves.
DECIDE_REQUESTS = "decide_requests_count_in_period"
LOCAL_EVALUATION_REQUESTS = "local_evaluation_requests_count_in_period"
EVENTS_WITH_GROUPS = "event_count_with_groups_in_period"

#: A local evaluation poll is billed as this many flag requests.
#: Source: PostHog/posthog posthog/tasks/usage_report.py.
BILLED_REQUESTS_PER_LOCAL_EVALUATION = 10

EVENT_METERS = ("product_analytics", "enhanced_persons", "group_analytics", "data_pipelines")

PACKAGES = frozenset(m.product for m in METERS if m.parent == "platform_and_support")


def product_of(name: str) -> str:
    """Product key for a product key, counter or short key; an unknown name stands for itself.

    >>> product_of("recordings"), product_of("event_count_in_period"), product_of("new_thing")
    ('session_replay', 'product_analytics', 'new_thing')
    """
    meter = BY_ANY_NAME.get(name)
    return meter.product if meter else name


def usage_type_of(name: str | None) -> str | None:
    """Counter for a product key, counter or short key; an unknown name stands for itself."""
    if name is None:
        return None
    meter = BY_ANY_NAME.get(name)
    return meter.usage_type if meter else name
