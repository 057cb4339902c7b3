"""What papermill finds under the name ``audit-warm``.

Papermill loads its engines while it imports itself, so nothing of papermill may be needed here.
"""

from typing import Any


class _Later:
    """The engine, imported when something is first asked of it."""

    def __getattr__(self, name: str) -> Any:
        from audit.engine.warm import WarmEngine

        return getattr(WarmEngine, name)


engine = _Later()
