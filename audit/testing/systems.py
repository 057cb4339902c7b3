"""All fakes at once, filled from canonical tables, with the settings and keys that lead to them."""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, Self

import pandas as pd

from audit.testing import filling
from audit.testing.calendly import FakeCalendly
from audit.testing.metabase import FakeMetabase
from audit.testing.server import Fake
from audit.testing.slack import FakeSlack
from audit.testing.stripe import FakeStripe
from audit.testing.vitally import FakeVitally
from audit.testing.warehouse import FakeWarehouse
from audit.testing.zendesk import FakeZendesk


class FakeSystems:
    """Vitally, Stripe, Zendesk, Calendly, Metabase, Slack and the warehouse, all of one portfolio.

    ``tables``: canonical tables, such as ``audit.sources.sample.portfolio(12).tables``.
    ``as_of``: their day. ``latency``: seconds before every answer. Use as a context manager.
    """

    def __init__(
        self, tables: Mapping[str, pd.DataFrame], as_of: date, *, latency: float = 0.0
    ) -> None:
        self.vitally = FakeVitally(key="vitally-read-key", latency=latency)
        self.vitally_write_key = self.vitally.write_key = "vitally-write-key"
        self.stripe = FakeStripe(latency=latency)
        self.zendesk = FakeZendesk(latency=latency)
        self.calendly = FakeCalendly(latency=latency)
        self.metabase = FakeMetabase(latency=latency)
        self.warehouse = FakeWarehouse(latency=latency)
        self.slack = FakeSlack(key="xoxb-test-0123456789", latency=latency)
        filling.vitally(self.vitally, tables)
        filling.stripe(self.stripe, tables, as_of)
        filling.zendesk(self.zendesk, tables, as_of)
        filling.calendly(self.calendly, tables, as_of)
        filling.metabase(self.metabase, tables)
        filling.warehouse(self.warehouse, tables)
        self._open = ExitStack()

    @property
    def all(self) -> tuple[Fake, ...]:
        return (
            *(self.vitally, self.stripe, self.zendesk, self.calendly),
            *(self.metabase, self.warehouse, self.slack),
        )

    def __enter__(self) -> Self:
        for fake in self.all:
            self._open.enter_context(fake)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def settings(self) -> dict[str, dict[str, Any]]:
        """What ``[systems]`` of audit.toml says to reach them."""
        return {
            "vitally": {"url": self.vitally.url},
            "stripe": {"url": self.stripe.url},
            "zendesk": {"url": self.zendesk.url, "email": self.zendesk.email},
            "calendly": {"url": self.calendly.url},
            "metabase": {"url": self.metabase.url, "cards": [filling.USAGE_CARD]},
            "warehouse": {"host": self.warehouse.url, "project_id": self.warehouse.project_id},
            "slack": {"url": self.slack.url, "channel": next(iter(self.slack.channels))},
        }

    @property
    def toml(self) -> str:
        """The same as text for audit.toml."""
        lines = []
        for name, values in self.settings.items():
            lines.append(f"[systems.{name}]")
            lines += [f"{key} = {_toml(value)}" for key, value in values.items()]
            lines.append("")
        return "\n".join(lines)

    @property
    def keys(self) -> dict[str, str]:
        """Environment variables with the keys."""
        return {
            "POSTHOG_PERSONAL_API_KEY": self.warehouse.key,
            "VITALLY_API_KEY": self.vitally.key,
            "VITALLY_WRITE_KEY": self.vitally_write_key,
            "STRIPE_RESTRICTED_KEY": self.stripe.key,
            "ZENDESK_API_TOKEN": self.zendesk.key,
            "CALENDLY_TOKEN": self.calendly.key,
            "METABASE_API_KEY": self.metabase.key,
            "SLACK_BOT_TOKEN": self.slack.key,
        }

    def write(self, folder: Path) -> Path:
        """audit.toml in a folder."""
        file = folder / "audit.toml"
        file.write_text(self.toml, "utf-8")
        return file


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
