"""What the price files cannot say: which events are billed, and what has no price.

Facts of the public material as of 2026-07-22, each with the page it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

# The products that bill one and the same event; an event removed leaves all of them.
# Source: posthog.com billing-products.json, the add-ons of product_analytics.
EVENT_METERS = ("product_analytics", "enhanced_persons", "group_analytics", "data_pipelines")

# Names the event meter leaves out; removing them saves nothing on the event meters.
# Source: PostHog/posthog posthog/tasks/usage_report.py. One more is excluded there, the
# prompt-fetch event, whose name the public material does not show.
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

# Billed by llm_analytics instead. Source: as above.
UNBILLED_PREFIXES = ("$ai_",)

# Spend types a billing answer may carry for which no public price was found.
# Source: PostHog/posthog frontend/src/scenes/billing/constants.ts.
UNPRICED_USAGE_TYPES = frozenset({"workflow_push_sent_in_period"})

# Limits every organization starts with, in USD per month: no sign of a customer's choice.
# Source: posthog.com contents/handbook/onboarding/metabase-account-analysis.md.
DEFAULT_BILLING_LIMITS_USD: Mapping[str, Decimal] = MappingProxyType(
    {"data_warehouse": Decimal(500), "posthog_ai": Decimal(150)}
)
