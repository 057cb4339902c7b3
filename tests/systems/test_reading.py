"""What each system says arrives whole and unchanged, under the organization it is about."""

import json
from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

from audit.errors import SettingsError, SourceError
from audit.lifecycle.fields import fields
from audit.sources.systems import Who, configured, pull_systems
from audit.sources.systems.portfolio import READABLE
from audit.store import Store, publish
from audit.testing import Answer, FakeMetabase, FakeStripe, FakeVitally, FakeWarehouse
from audit.testing.filling import crm_fields
from audit.web.systems import Systems

AS_OF = date(2026, 11, 1)


def lifecycle(pulled, organization):
    rows = pulled.tables["lifecycle"]
    rows = rows[rows["organization_id"] == organization]
    return dict(zip(rows["field"], rows["value"], strict=True))


def said(pulled, kind):
    quality = pulled.tables["data_quality"]
    return quality[quality["kind"] == kind]


def test_every_field_of_the_crm_arrives_as_it_was_written(pull, sample):
    pulled = pull("vitally")

    for organization, _, given in crm_fields(sample):
        held = {}
        for name, value in lifecycle(pulled, organization).items():
            known = fields().field(name)
            held[known.name if known else name] = value
        for name, value in given.items():
            if name == "segments":
                assert [one["name"] for one in json.loads(held[name])] == value.split(", ")
            elif name == "mrr_usd":
                assert Decimal(held[name]) == Decimal(value)
            elif name not in (
                *("tickets_30_days", "urgent_tickets"),
                *("days_since_ticket", "days_since_meeting"),
                *("company_has_revenue",),
            ):
                assert held[name] == value, name


def test_tickets_arrive_as_the_crm_counted_them(pull, sample):
    pulled = pull("zendesk", "vitally")

    for organization, _, given in crm_fields(sample):
        held = lifecycle(pulled, organization)
        assert held["zendesk.tickets_30_days"] == given.get("tickets_30_days", "0")
        # The sample draws the two apart; no more can be urgent than there are.
        urgent = min(int(given.get("urgent_tickets", 0)), int(given.get("tickets_30_days", 0)))
        assert held["zendesk.urgent_tickets"] == str(urgent)
        assert held["zendesk.open_conversation"] == str(urgent > 0).lower()


def test_invoices_arrive_to_the_cent(pull, sample):
    pulled = pull("stripe")

    columns = list(sample["invoices"].columns)
    key = ["organization_id", "invoice_id"]
    ours = pulled.tables["invoices"][columns].sort_values(key, ignore_index=True)
    theirs = sample["invoices"].sort_values(key, ignore_index=True)
    for name in columns:
        mine, given = ours[name], theirs[name]
        if name in ("issued_at", "paid_at", "period_start", "period_end"):
            mine, given = mine.astype("str").str[:10], given.astype("str").str[:10]
        assert mine.astype("str").tolist() == given.astype("str").tolist(), name


def test_lines_that_an_invoice_does_not_carry_are_read_and_add_up(pull, fakes):
    pulled = pull("stripe")

    long = sum(len(lines) > 10 for lines in fakes.stripe.lines.values())
    further = [a for a in fakes.stripe.asked if a.path.endswith("/lines")]
    assert long > 0
    assert len(further) == long
    lines = sum(map(len, fakes.stripe.lines.values()))
    coverage = pulled.tables["coverage"].set_index("subject")
    assert set(coverage.loc["invoices.lines", "row_count"]) == {lines}
    assert "data_quality" not in pulled.tables


def test_lines_that_do_not_add_up_are_said(pull, fakes):
    invoice, lines = next((k, v) for k, v in fakes.stripe.lines.items() if len(v) > 10)
    lines[-1]["amount"] += 1
    try:
        pulled = pull("stripe")
    finally:
        lines[-1]["amount"] -= 1

    (message,) = said(pulled, "lines_do_not_add_up")["message"]
    assert invoice in message


def test_a_bill_so_far_a_credit_and_a_discount_arrive():
    with FakeStripe() as fake:
        customer = {"id": "cus_1", "name": "Acme", "created": 1, "balance": -12_34}
        coupon = {"coupon": {"percent_off": 12.5, "amount_off": None}}
        fake.lists["customers"].append(
            {**customer, "metadata": {"organization_id": "acme"}, "discount": {"source": coupon}}
        )
        item = {"current_period_start": 1_790_812_800, "current_period_end": 1_793_491_200}
        item["price"] = {"recurring": {"interval": "month"}}
        fake.lists["subscriptions"].append(
            {
                **{"id": "sub_1", "customer": "cus_1", "status": "active", "created": 1},
                "items": {"data": [item]},
            }
        )
        fake.previews["sub_1"] = {"subtotal": 100_00, "total": 87_50}
        pulled = only(fake, "stripe", STRIPE_RESTRICTED_KEY=fake.key)

    row = pulled.tables["organizations"].iloc[0]
    assert row["credit_balance_usd"] == Decimal("12.34")
    assert row["discount_percent"] == Decimal("12.5")
    assert row["current_total_usd"] == Decimal(100)
    assert row["current_total_after_discount_usd"] == Decimal("87.5")
    assert str(row["period_start"])[:10] == "2026-10-01"
    assert str(row["period_end"])[:10] == "2026-11-01"
    assert row["period_interval"] == "month"


def test_stripe_is_asked_with_the_pinned_version_and_nothing_is_written(pull, fakes):
    from audit.sources.systems.stripe import API_VERSION

    pull("stripe")

    assert {one.headers["stripe-version"] for one in fakes.stripe.asked} == {API_VERSION}
    assert {one.path for one in fakes.stripe.writes} <= {"/v1/invoices/create_preview"}
    assert not any("x-stripe-client-telemetry" in one.headers for one in fakes.stripe.asked)


def test_failed_charges_become_the_day_of_the_failure(pull, fakes):
    pulled = pull("stripe")

    failed = [c for c in fakes.stripe.lists["charges"] if c["status"] == "failed"]
    rows = pulled.tables["lifecycle"]
    days = rows[rows["field"] == "stripe.payment_failed_at"]
    assert len(days) == len(failed) > 0
    assert set(days["value"]) == {"2026-10-28"}
    assert fields().field("stripe.payment_failed_at").name == "payment_failed_at"


def test_usage_of_the_warehouse_is_that_of_all_projects(pull, sample):
    pulled = pull("warehouse", history_days=30)

    key = ["organization_id", "day", "usage_type"]
    ours = pulled.tables["usage_daily"].set_index(key)["quantity"].sort_index()
    daily = sample["usage_daily"]
    recent = daily[daily["day"] >= pd.Timestamp("2026-10-02")]
    theirs = recent.groupby(key)["quantity"].sum().sort_index()
    assert ours.index.equals(theirs.index)
    assert ours.tolist() == theirs.tolist()


def test_a_counter_the_report_has_not_is_unknown_and_no_zero():
    with FakeWarehouse() as fake:
        columns = {"customers": "", "invoices": "", "upcoming": "", "accounts": "", "usage": "u"}
        report = {"event_count_in_period": 0}
        reports = pd.DataFrame(
            {
                "organization_id": ["acme"] * 2,
                "date": [pd.Timestamp("2026-10-30")] * 2,
                # A day reported twice: the last report counts.
                "timestamp": pd.to_datetime(["2026-10-31 01:00", "2026-10-31 02:00"]),
                "report": [json.dumps({"event_count_in_period": 9}), json.dumps(report)],
            }
        )
        fake.add_table("u", reports)
        given = {"host": fake.url, **columns}
        pulled = only(
            fake,
            "warehouse",
            given,
            POSTHOG_PERSONAL_API_KEY=fake.key,
            who=Who("acme"),
        )

    usage = pulled.tables["usage_daily"]
    assert usage[["usage_type", "quantity"]].to_numpy().tolist() == [["event_count_in_period", 0]]


def test_a_table_of_many_pages_is_read_whole():
    from audit.sources.posthog.client import Client
    from audit.sources.posthog.key import Key
    from audit.sources.systems.warehouse import Mirror
    from audit.web.systems import Warehouse

    with FakeWarehouse() as fake:
        frame = pd.DataFrame({"a": [f"{n // 7:03}" for n in range(100)], "b": range(100)})
        fake.add_table("things", frame)
        with Client(fake.url, Key(fake.key)) as client:
            mirror = Mirror(client, Warehouse(host=fake.url), None)
            pages = list(
                mirror.rows("things", {"a": "a", "b": "b"}, "things", ("a", "b"), page_rows=9)
            )

    assert [row["b"] for page in pages for row in page] == list(range(100))
    assert len(pages) == 12


@pytest.mark.parametrize(
    "name", ["users; DROP TABLE x", "a b", "x--", "(SELECT 1)", "a.b.c.d", "'x'", "1a"]
)
def test_a_table_name_is_a_name_and_nothing_else(name):
    with pytest.raises(ValueError, match="customers"):
        Systems(warehouse={"customers": name})


def test_bills_of_the_warehouse_arrive_by_product(pull, sample):
    pulled = pull("warehouse")

    lines = pulled.tables["bill_lines"]
    complete = lines[lines["is_complete"]]
    totals = complete.groupby("organization_id")["amount_usd"].sum()
    theirs = sample["invoices"].groupby("organization_id")["total_usd"].sum()
    for organization, total in theirs.items():
        assert Decimal(totals[organization]) == Decimal(total)


def test_churned_accounts_are_read_and_labels_name_what_keys_do_not():
    with FakeVitally() as fake:
        traits = {"vitally.custom.cf_17": "1. New Account", "vitally.custom.cf_18": "x"}
        fake.add_account("acme", "Acme", traits, churnedAt="2026-10-01T00:00:00Z")
        fake.add_account(None, "No organization")
        fake.custom_fields = [
            {"label": "Onboarding Pipeline", "path": "cf_17", "type": "STRING"},
        ]
        pulled = only(fake, "vitally", VITALLY_API_KEY=fake.key)

    held = lifecycle(pulled, "acme")
    assert held["traits.Onboarding Pipeline"] == "1. New Account"
    assert held["traits.vitally.custom.cf_18"] == "x"
    assert held["churnedAt"] == "2026-10-01T00:00:00Z"
    assert "Left out, without an organization id: 1 of the accounts in Vitally." in pulled.remarks


def test_of_two_accounts_of_one_organization_the_newer_counts_and_it_is_said():
    with FakeVitally() as fake:
        for number, stamp in enumerate(("2026-10-05", "2026-10-01")):
            fake.add_account(
                "acme", f"Acme {number}", {"mrr": number}, id=f"a{number}", updatedAt=stamp
            )
        pulled = only(fake, "vitally", VITALLY_API_KEY=fake.key)

    assert lifecycle(pulled, "acme")["traits.mrr"] == "0"
    assert len(said(pulled, "two_crm_accounts")) == 1


def test_open_conversations_tasks_and_notes_are_seen():
    with FakeVitally() as fake:
        one, two = (fake.add_account(name, name) for name in ("one", "two"))
        fake.add("conversations", accountId=one["id"], status="open")
        fake.add("conversations", accountId=two["id"], status="closed")
        fake.add("conversations", accountId="nobody", status="open")
        fake.add("tasks", accountId=one["id"], name="x", completedAt="2026-10-01")
        fake.add("tasks", accountId=two["id"], name="x", completedAt=None)
        fake.add("notes", accountId=two["id"], note="x", noteDate="2026-10-09T10:00:00Z")
        pulled = only(fake, "vitally", VITALLY_API_KEY=fake.key)

    assert lifecycle(pulled, "one")["vitally.open_conversation"] == "true"
    assert "vitally.open_task" not in lifecycle(pulled, "one")
    assert "vitally.open_conversation" not in lifecycle(pulled, "two")
    assert lifecycle(pulled, "two")["vitally.open_task"] == "true"
    assert lifecycle(pulled, "two")["vitally.newest_note_at"] == "2026-10-09T10:00:00Z"
    assert fields().field("vitally.open_conversation").name == "open_conversation"


def test_one_organization_is_asked_for_alone(pull, fakes, sample):
    organization = sample["lifecycle"]["organization_id"].iloc[0]
    account = sample["organizations"].set_index("organization_id").loc[organization]
    people = sample["members"][sample["members"]["organization_id"] == organization]["email"]
    who = Who(organization, account["customer_id"], tuple(people))
    pulled = pull(who=who)
    whole = pull()

    for name, frame in pulled.tables.items():
        if len(frame):
            assert set(frame["organization_id"]) == {organization}, name
    mine = lifecycle(whole, organization)
    for name, value in lifecycle(pulled, organization).items():
        assert mine.get(name, value) == value
    other = [a for a in fakes.stripe.asked if a.path == "/v1/customers"]
    assert len(other) == 1  # of the whole portfolio alone


def test_meetings_are_known_by_the_people_of_the_crm(pull, fakes, sample):
    pulled = pull("vitally", "calendly")

    rows = pulled.tables["lifecycle"]
    ahead = rows[rows["field"] == "calendly.open_conversation"]
    owners = dict(
        zip(sample["members"]["email"], sample["members"]["organization_id"], strict=True)
    )
    known = set(sample["lifecycle"]["organization_id"])
    expected = {
        owners[fakes.calendly.invitees[event["uri"].rpartition("/")[2]][0]]
        for event in fakes.calendly.events
        if event["start_time"] > "2026-11-01"
    }
    assert set(ahead["organization_id"]) == expected & known != set()


# Metabase: the worst failure is a table of everybody under one name.


def dashboards(mapped=True, owner=True, rows=None):
    fake = FakeMetabase()
    columns = ("organization_id", "day", "usage_type", "quantity")[0 if owner else 1 :]
    given = rows or [
        [who, "2026-10-30", "event_count_in_period", number]
        for number, who in enumerate(("acme", "other"), start=5)
    ]
    fake.add_card(7, "Usage by day", columns, [row[0 if owner else 1 :] for row in given])
    fake.add_dashboard(139, [7], mapped=mapped)
    return fake


def test_the_dashboard_is_filtered_to_the_organization():
    with dashboards() as fake:
        pulled = only(fake, "metabase", METABASE_API_KEY=fake.key, who=Who("acme"))

    usage = pulled.tables["usage_daily"]
    assert usage[["organization_id", "quantity"]].to_numpy().tolist() == [["acme", 5]]


@pytest.mark.parametrize("owner", [True, False])
def test_a_filter_that_is_not_connected_is_found_before_a_row_is_used(owner):
    with (
        dashboards(mapped=False, owner=owner) as fake,
        pytest.raises(SourceError, match=r"filter is not connected to it"),
    ):
        only(fake, "metabase", METABASE_API_KEY=fake.key, who=Who("acme"))


def test_a_card_over_everybody_must_say_whose_a_row_is():
    with (
        dashboards(owner=False) as fake,
        pytest.raises(SourceError, match="no column that says whose a row is"),
    ):
        only(fake, "metabase", {"url": fake.url, "cards": [7]}, METABASE_API_KEY=fake.key)


def test_a_failed_query_behind_a_202_is_no_table():
    with dashboards() as fake:
        fake.failing[7] = "Timed out\nafter 30 s"
        with pytest.raises(SourceError, match=r"failed \(Timed out after 30 s\)"):
            only(fake, "metabase", METABASE_API_KEY=fake.key, who=Who("acme"))


def test_a_user_logs_in_once_and_the_password_is_in_no_url():
    fake = FakeMetabase(user="ada@example.com", password="correct-horse")
    fake.add_card(7, "Usage by day", ("organization_id", "day", "events"), [["a", "2026-10-30", 5]])
    with fake:
        given = {"url": fake.url, "cards": [7], "user": fake.user}
        only(fake, "metabase", given, METABASE_PASSWORD="correct-horse")
        with pytest.raises(SourceError, match="did not match stored password"):
            only(fake, "metabase", given, METABASE_PASSWORD="wrong-horse")

    assert sum(one.path == "/api/session" for one in fake.asked) == 2
    assert not any("horse" in f"{one.path}{one.query}" for one in fake.asked)
    assert all("x-api-key" not in one.headers for one in fake.asked if "card" in one.path)


def test_numbers_are_asked_for_unformatted_and_uncapped():
    with dashboards() as fake:
        only(fake, "metabase", METABASE_API_KEY=fake.key, who=Who("acme"))

    (query,) = [one for one in fake.asked if "/query" in one.path]
    assert query.path.endswith("/query/api")
    assert query.body["format_rows"] is False


# All together.


def test_a_pull_that_was_broken_off_goes_on_where_it_stopped(fakes, pull, tmp_path):
    kept = tmp_path / "kept"
    whole = pull("vitally", "stripe", "zendesk", "warehouse")
    for fake in fakes.all:
        fake.well()
    fakes.zendesk.fail("/search/export", *[Answer({"error": "down"}, 500)] * 5)
    broken = pull("vitally", "stripe", "zendesk", "warehouse", kept=kept)
    assert list(broken.failed) == ["zendesk"]
    for fake in fakes.all:
        fake.well()

    again = pull("vitally", "stripe", "zendesk", "warehouse", kept=kept)

    asked = {fake.name: len(fake.asked) for fake in fakes.all if fake.asked}
    assert asked == {"zendesk": 1}
    for name, frame in whole.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], frame)


def test_kept_answers_hold_no_key_and_are_the_owners_alone(fakes, pull, tmp_path):
    kept = tmp_path / "kept"
    pull(kept=kept)

    text = "".join(file.read_text() for file in kept.rglob("*.json"))
    assert len(text) > 1_000
    assert not any(key in text for key in fakes.keys.values())
    folders = [
        folder for folder in kept.rglob("*") if folder.is_dir() and any(folder.glob("*.json"))
    ]
    assert folders
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)


def test_systems_that_disagree_are_shown_side_by_side(pull, fakes):
    for subscription in fakes.stripe.lists["subscriptions"]:
        subscription["items"]["data"][0]["current_period_end"] += 86_400
    try:
        pulled = pull("warehouse", "stripe")
    finally:
        for subscription in fakes.stripe.lists["subscriptions"]:
            subscription["items"]["data"][0]["current_period_end"] -= 86_400

    message = said(pulled, "systems_disagree_period_end")["message"].iloc[0]
    assert message.startswith("Systems disagree on the renewal date: warehouse 2026-1")
    assert ", stripe 2026-1" in message


def test_what_the_own_key_read_for_the_same_day_stays(pull, sample, tmp_path):
    store = publish(tmp_path / "audit.duckdb", as_pulled(sample))
    pulled = pull("warehouse", store=store)
    publish(store, pulled.tables, merge=True)

    organization = sample["organizations"]["organization_id"].iloc[0]
    with Store.open(store) as opened:
        account = opened.account(organization)
    theirs = sample["usage_daily"]
    assert len(account["usage_daily"]) == (theirs["organization_id"] == organization).sum()
    assert account["usage_daily"]["project_id"].ne("").all()


def as_pulled(tables):
    return {**tables, "coverage": tables["coverage"].assign(source="posthog")}


def test_the_day_of_an_audit_is_that_of_its_usage(pull, sample, tmp_path):
    older = sample["organizations"].assign(as_of=pd.Timestamp("2026-10-20"))
    store = publish(tmp_path / "audit.duckdb", {**sample, "organizations": older})

    without = pull("vitally", store=store).tables["organizations"]
    with_usage = pull("warehouse", store=store).tables["organizations"]

    assert set(without["as_of"].astype("str").str[:10]) == {"2026-10-20"}
    assert set(with_usage["as_of"].astype("str").str[:10]) == {"2026-11-01"}


def test_fields_from_elsewhere_stay_when_only_stripe_is_read(pull, sample, tmp_path):
    store = publish(tmp_path / "audit.duckdb", sample)
    pulled = pull("stripe", store=store)
    publish(store, pulled.tables, merge=True)

    with Store.open(store) as opened:
        fields_kept = opened.connection.execute(
            "SELECT count(*) FROM lifecycle WHERE field NOT LIKE 'stripe.%'"
        ).fetchone()
    assert fields_kept == (len(sample["lifecycle"]),)


def test_no_section_is_said_with_all_that_could_be():
    with pytest.raises(SettingsError) as caught:
        pull_systems(Systems(), as_of=AS_OF)
    assert all(name in str(caught.value) for name in READABLE)
    assert configured(Systems(vitally={})) == ("vitally",)


def only(fake, system, given=None, who=None, **keys):
    """Pull from one fake on its own."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in keys.items():
            patch.setenv(name, value)
        settings = given or {"url": fake.url}
        return pull_systems(Systems(**{system: settings}), as_of=AS_OF, who=who)


def test_what_belongs_to_nobody_is_counted_and_said_of_nobody(pull, fakes):
    fakes.calendly.book(99, "2026-11-05T10:00:00.000000Z", ["stranger@elsewhere.example"])
    try:
        pulled = pull("vitally", "calendly")
    finally:
        fakes.calendly.events.pop()

    assert any("of lifecycle from calendly" in remark for remark in pulled.remarks)
    assert "data_quality" not in pulled.tables
