"""What ``audit doctor`` learns of a key."""

import pytest
from fake_posthog import KEY

from audit.sources.posthog import Key, probe

pytestmark = pytest.mark.slow


def test_a_good_key_reads_everything(vendor):
    found = probe(vendor.url, key=Key(KEY))

    assert [p.name for p in found if not p.readable] == []


def test_every_subject_of_a_pull_is_probed(vendor, pulled):
    probed = {subject for p in probe(vendor.url, key=Key(KEY)) for subject in p.subjects}

    assert probed == set(pulled()["coverage"]["subject"])


def test_a_missing_scope_names_itself_and_what_it_costs(vendor):
    vendor.missing_scopes = {"hog_function:read"}
    (found,) = [p for p in probe(vendor.url, key=Key(KEY)) if not p.readable]

    assert (found.scope, found.status) == ("hog_function:read", 403)
    assert found.subjects == ("resources.destination", "resources.transformation")
    assert "Settings > Personal API keys" in found.reason


def test_a_missing_table_is_told_apart_from_the_scope(vendor):
    vendor.warehouse.hidden = {"raw_query_log"}
    (found,) = [p for p in probe(vendor.url, key=Key(KEY)) if not p.readable]

    assert found.name == "query log"
    assert "no such table" in found.reason


def test_a_refused_key_is_one_row_with_what_to_do(vendor):
    (found,) = probe(vendor.url, key=Key("phx_wrong"))

    assert found.status == 401
    assert "--host eu or --host us" in found.reason
