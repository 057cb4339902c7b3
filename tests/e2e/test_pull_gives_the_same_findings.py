"""The whole road: raw events in ClickHouse, a pull over HTTP, and the findings at the end.

The sample portfolio is made small, so its prices are made large and the thresholds that count
units small: the same faults are found, for dollars that can be compared.
"""

import json
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import stamina

from audit import Account, examine
from audit.findings.document import to_json
from audit.pricing import Catalogue
from audit.sources.posthog import Key, pull
from audit.sources.sample import portfolio
from audit.store import Store, publish

FAKES = Path(__file__).parents[1] / "fakes"
if str(FAKES) not in sys.path:
    sys.path.append(str(FAKES))

AS_OF = date(2026, 11, 1)
SCALE = 0.002

#: Thresholds that count units, at the scale of the small portfolio.
SMALL = {
    "replay_without_controls": {"recordings_count": 15_000 * SCALE},
    "flag_requests_per_session_too_high": {"requests_count": 100_000 * SCALE},
    "flag_polling_dominates": {"always_on_servers_count": 3 * SCALE},
}


def with_large_prices(tables):
    """Own tiers for every priced meter: its first paid price over the scale, none free."""
    catalogue = Catalogue.load()
    subscriptions = tables["subscriptions"].copy()
    tiers = []
    for product in subscriptions["product"]:
        known = catalogue.products.get(product)
        schedule = known.prices[-1].schedule if known else None
        if schedule is None or schedule.model != "graduated" or known.meter_mismatch:
            tiers.append(None)
            continue
        paid = next((t.unit_amount_usd for t in schedule.tiers if t.unit_amount_usd), Decimal(0))
        price = format((paid / Decimal(str(SCALE))).normalize(), "f")
        tiers.append(json.dumps([{"up_to": None, "unit_amount_usd": price}]))
    subscriptions["tiers"] = tiers
    return {**tables, "subscriptions": subscriptions}


def as_the_vendor_tells_them(tables):
    """Without what only a CRM or an invoice itself says: no pull can know it."""
    invoices = tables["invoices"].copy()
    for untold in ("paid_at", "attempts", "credited_usd"):
        invoices[untold] = None
    return {**tables, "invoices": invoices, "lifecycle": tables["lifecycle"].iloc[:0]}


@pytest.fixture(scope="module")
def sample():
    return portfolio(24, as_of=AS_OF, scale=SCALE)


def most_faulty(sample, count):
    planted = sample.truth.groupby("organization_id")["check"].nunique()
    return list(planted.sort_values(ascending=False, kind="stable").index[:count])


def summary(audit):
    return {f.id: (f.severity, f.project_id, f.product) for f in audit.findings}


@pytest.mark.slow
@pytest.mark.parametrize("place", range(3))
def test_a_pull_gives_the_findings_of_the_tables_it_was_made_from(sample, place, tmp_path):
    from fake_posthog import KEY, serve

    organization = most_faulty(sample, 3)[place]
    tables = as_the_vendor_tells_them(with_large_prices(sample.tables))
    expected = examine(Account.from_tables(organization, tables), thresholds=SMALL)
    assert expected.findings

    with (
        stamina.set_testing(True, attempts=5, cap=True),
        serve(tables, organization) as vendor,
    ):
        pulled = pull(organization, host=vendor.url, as_of=AS_OF, key=Key(KEY))
    publish(tmp_path / "pulled.duckdb", pulled)
    with Store.open(tmp_path / "pulled.duckdb") as store:
        account = store.account(organization)
    audit = examine(account, thresholds=SMALL)

    assert summary(audit) == summary(expected)
    assert audit.bill.total == expected.bill.total
    assert audit.bill.total > 100
    theirs = {f.id: f for f in expected.findings}
    for finding in audit.findings:
        # Flag requests by kind come from the vendor's counters, which the sample observes with
        # an error of up to 8%: the facts differ by that ratio, everything else is exact.
        if finding.check.startswith("flag_"):
            near = theirs[finding.id].saving.alone
            assert finding.saving.alone == pytest.approx(near, rel=Decimal("0.1"))
        else:
            assert finding.saving.alone == theirs[finding.id].saving.alone
            assert finding.message == theirs[finding.id].message


@pytest.mark.slow
def test_a_missing_scope_leaves_its_check_open_and_the_rest_as_it_was(sample):
    from fake_posthog import KEY, serve

    planted = sample.truth[sample.truth["check"] == "autocapture_unread"]["organization_id"]
    organization = planted.iloc[0]
    with (
        stamina.set_testing(True, attempts=5, cap=True),
        serve(with_large_prices(sample.tables), organization) as vendor,
    ):
        whole = pull(organization, host=vendor.url, as_of=AS_OF, key=Key(KEY))
        vendor.missing_scopes = {"action:read"}
        partial = pull(organization, host=vendor.url, as_of=AS_OF, key=Key(KEY))
    before = examine(Account.from_tables(organization, whole), thresholds=SMALL)
    after = examine(Account.from_tables(organization, partial), thresholds=SMALL)

    gaps = [g for g in after.not_evaluated if g.check == "autocapture_unread"]
    assert gaps
    assert all("action:read" in gap.reason for gap in gaps)
    rest = {f.id for f in before.findings if f.check != "autocapture_unread"}
    assert {f.id for f in after.findings} == rest
    assert KEY not in to_json(after)
