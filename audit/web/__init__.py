"""HTTP to other systems: keys that never show, limits, retries, and errors of one line."""

from audit.web.connection import Connection
from audit.web.failures import RequestError
from audit.web.key import Key
from audit.web.limits import SlidingWindow

__all__ = ["Connection", "Key", "RequestError", "SlidingWindow"]
