"""What the price files cannot say: what has no price, and the limits nobody chose.

Facts of the public material as of 2026-07-22, each with the page it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

# Spend types a billing answer may carry for which no public price was found.
# Source: PostHog/posthog frontend/src/scenes/billing/constants.ts.
UNPRICED_USAGE_TYPES = frozenset({"workflow_push_sent_in_period"})

# Limits every organization starts with, in USD per month: no sign of a customer's choice.
# Source: posthog.com contents/handbook/onboarding/metabase-account-analysis.md.
DEFAULT_BILLING_LIMITS_USD: Mapping[str, Decimal] = MappingProxyType(
    {"data_warehouse": Decimal(500), "posthog_ai": Decimal(150)}
)
