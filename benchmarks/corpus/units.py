"""What is counted and under which names, and the refusal of a planter."""

from typing import NamedTuple

WINDOW = 30
WHOLE_MONTHS_DAYS = 65
EVENT_METERS = ("product_analytics", "enhanced_persons", "group_analytics", "data_pipelines")
COUNTERS = {
    "product_analytics": "event_count_in_period",
    "enhanced_persons": "enhanced_persons_event_count_in_period",
    "group_analytics": "group_analytics",
    "data_pipelines": "data_pipelines",
    "session_replay": "recording_count_in_period",
    "mobile_replay": "mobile_recording_count_in_period",
    "feature_flags": "billable_feature_flag_requests_count_in_period",
    "error_tracking": "exceptions_captured_in_period",
    "surveys": "survey_responses_count_in_period",
    "llm_analytics": "ai_event_count_in_period",
    "data_warehouse": "rows_synced_in_period",
    "data_warehouse_historical": "free_historical_rows_synced_in_period",
    "realtime_destinations": "cdp_billable_invocations_in_period",
    "batch_exports": "rows_exported_in_period",
    "posthog_ai": "ai_credits_used_in_period",
    "logs": "logs_mb_in_period",
    "logs_retention_30d": "logs_retention_30d_mb_in_period",
    "inbox": "signals_credits_used_in_period",
    "posthog_code_usage": "posthog_code_credits_used_in_period",
    "replay_vision": "replay_vision_credits_used_in_period",
    "workflows_emails": "workflow_emails_sent_in_period",
    "workflows_destinations": "workflow_billable_invocations_in_period",
}
DECIDE = "decide_requests_count_in_period"
LOCAL = "local_evaluation_requests_count_in_period"
BILLED_PER_POLL = 10
PACKAGES = ("boost", "scale", "teams", "enterprise")
DURATIONS = ("under_2_seconds", "2_to_5_seconds", "5_seconds_or_longer")


class UnsuitableError(Exception):
    """This customer cannot have what is to be planted; take another one."""


class Row(NamedTuple):
    """The key of a usage row within its organization."""

    project: str
    meter: str
    event: str
    library: str
    host: str
    identified: bool
    known: bool
