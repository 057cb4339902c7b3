"""The older data pipelines add-on bills every event and nothing is sent anywhere."""

from decimal import Decimal

import pytest

CHECK = "data_pipelines_unused"
#: The add-on has a public price up to 2025-09-10.
SOLD = "2025-07-01"


def test_paying_for_pipelines_that_send_nowhere_is_flagged(acme):
    found = acme(SOLD).units("data_pipelines", 2_000_000).finding(CHECK)

    assert found.message == (
        "Acme pays for data pipelines and has no active destination or batch export."
    )


@pytest.mark.parametrize("kind", ["destination", "batch_export"])
def test_one_active_destination_or_export_makes_it_healthy(acme, kind):
    one = acme(SOLD).units("data_pipelines", 2_000_000).resource(kind, project="7")

    assert one.findings(CHECK) == []


@pytest.mark.parametrize("resource", [("destination", "inactive"), ("transformation", "active")])
def test_what_is_paused_or_no_destination_does_not_count(acme, resource):
    one = acme(SOLD).units("data_pipelines", 2_000_000).resource(*resource)

    assert len(one.findings(CHECK)) == 1


@pytest.mark.parametrize(
    ("events", "flagged"),
    [(1_000_000, 0), (1_000_080, 0), (1_000_081, 1)],  # 81 x 0.000062 = 0.005022: one cent
)
def test_without_a_charge_there_is_nothing_to_say(acme, events, flagged):
    assert len(acme(SOLD).units("data_pipelines", events).findings(CHECK)) == flagged


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("resources.destination", "active_destinations"),
        ("resources.batch_export", "active_batch_exports"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme(SOLD).units("data_pipelines", 2_000_000).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_saving_is_the_whole_add_on(acme):
    one = acme(SOLD).units("data_pipelines", 2_000_000).events("x", 2_000_000)

    # The second million: 1,000,000 x 0.000062.
    assert one.finding(CHECK).saving.alone == Decimal("62.00")


def test_an_older_contract_is_priced_by_its_own_tiers(acme):
    tiers = '[{"up_to": null, "unit_amount_usd": "0.0001", "flat_amount_usd": "0"}]'
    one = acme().units("data_pipelines", 300_000).subscription("data_pipelines", tiers=tiers)

    # 300,000 x 0.0001, more than a year after the public price ended.
    assert one.finding(CHECK).saving.alone == Decimal("30.00")
