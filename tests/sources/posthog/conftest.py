import sys
from datetime import date
from pathlib import Path

import pytest
import stamina

from audit.sources.posthog import Key, pull
from audit.sources.sample import portfolio

FAKES = Path(__file__).parents[2] / "fakes"
if str(FAKES) not in sys.path:
    sys.path.append(str(FAKES))

AS_OF = date(2026, 11, 1)
#: Small enough for ClickHouse to swallow in a second, large enough for people in every project.
SCALE = 0.002


@pytest.fixture(autouse=True)
def without_waits():
    """Retries happen as ever, without waiting; how long they would wait is tested on its own."""
    with stamina.set_testing(True, attempts=5, cap=True):
        yield


@pytest.fixture(scope="session")
def sample():
    return portfolio(40, as_of=AS_OF, scale=SCALE)


@pytest.fixture(scope="session")
def as_of():
    return AS_OF


@pytest.fixture(scope="session")
def running_vendor(sample):
    """A fake vendor with a small organization of one or two projects."""
    from fake_posthog import serve

    projects = sample.tables["projects"].groupby("organization_id").size()
    with serve(sample.tables, projects.idxmin()) as vendor:
        yield vendor


@pytest.fixture
def vendor(running_vendor):
    running_vendor.reset()
    return running_vendor


@pytest.fixture(scope="module")
def running_rich_vendor(sample):
    """A fake vendor with an organization that has warehouse tables and destinations."""
    from fake_posthog import serve

    there = sample.tables["resources"].groupby("organization_id")["kind"].agg(set)
    rich = there[there.map(lambda kinds: {"warehouse_schema", "destination"} <= kinds)]
    with serve(sample.tables, rich.index[0]) as vendor:
        yield vendor


@pytest.fixture
def rich(running_rich_vendor):
    """The vendor, and a pull from it."""
    from fake_posthog import KEY

    running_rich_vendor.reset()
    return running_rich_vendor, lambda: pull(
        host=running_rich_vendor.url, as_of=AS_OF, key=Key(KEY)
    )


@pytest.fixture
def pulled(vendor):
    """Pull from the vendor with its own key, as a user would."""
    from fake_posthog import KEY

    def run(organization_id=None, **options):
        return pull(organization_id, host=vendor.url, as_of=AS_OF, key=Key(KEY), **options)

    return run
