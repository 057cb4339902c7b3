"""Bills that are kept between comparisons change nothing."""

import pytest

from audit import examine, load_account
from audit.scenarios import compare
from audit.scenarios.sliders import chosen


@pytest.fixture(scope="module")
def audit():
    return examine(load_account())


def test_what_was_priced_before_is_what_is_priced_now(audit):
    kept = {}
    for growth, fixes in ((0, 0), (10, 2), (10, 0), (50, 2), (10, 2)):
        wanted = [
            chosen(audit, {"growth_percent": growth}, "one"),
            chosen(audit, {"growth_percent": growth, "fixes": fixes}, "two"),
        ]
        assert compare(audit, wanted, kept=kept) == compare(audit, wanted)
    # As it is, all fixes, growth of 10 and 50, and both with two fixes.
    assert len(kept) == 6
