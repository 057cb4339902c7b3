"""The other systems around the account: a reader of canonical rows each, and all at once."""

from audit.sources.systems.gathered import Who
from audit.sources.systems.portfolio import Pulled, configured, forget, pull_systems

__all__ = ["Pulled", "Who", "configured", "forget", "pull_systems"]
