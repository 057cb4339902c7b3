"""PostHog over its API: one organization, read with a personal API key."""

from audit.sources.posthog.key import Key, api_key
from audit.sources.posthog.probe import Probe, probe
from audit.sources.posthog.pull import pull

__all__ = ["Key", "Probe", "api_key", "probe", "pull"]
