"""Every system around an account as a fake on a loopback socket, for demos, docs and tests.

>>> from audit.testing import FakeVitally
>>> with FakeVitally(key="k") as vitally:
...     _ = vitally.add_account("org-1", "Acme", {"vitally.custom.onboardingPipeline": "1. New"})
...     vitally.url.startswith("http://127.0.0.1:")
True
"""

from audit.testing.calendly import FakeCalendly
from audit.testing.metabase import FakeMetabase
from audit.testing.server import Answer, Asked, Fake, cut_off, drops
from audit.testing.slack import FakeSlack
from audit.testing.stripe import FakeStripe
from audit.testing.systems import FakeSystems
from audit.testing.vitally import FakeVitally
from audit.testing.warehouse import FakeWarehouse
from audit.testing.zendesk import FakeZendesk

__all__ = [
    "Answer",
    "Asked",
    "Fake",
    "FakeCalendly",
    "FakeMetabase",
    "FakeSlack",
    "FakeStripe",
    "FakeSystems",
    "FakeVitally",
    "FakeWarehouse",
    "FakeZendesk",
    "cut_off",
    "drops",
]
