"""Value read over cost: which share of what is billed anyone looked at, by product."""

import json
from decimal import Decimal

import pytest

from audit.roi import roi
from audit.roi.reading import Kind


@pytest.fixture
def product(build):
    """The value of one product of an examined account."""

    def of(name, *rows, own=None, **told):
        return next(
            p for p in roi(build.examined(*rows, **told), own).products if p.product == name
        )

    return of


def test_events_that_something_names_are_read_and_setup_events_follow_them(build, product):
    # Of 4,000,000 events 1,000,000 are $identify and count for neither; 750,000 of 3,000,000 are
    # named: 0.25. 3,000,000 beyond the free million: 1,000,000 x 0.00005 + 2,000,000 x 0.0000343
    # = 50.00 + 68.60 = 118.60; a quarter is 29.65.
    found = product(
        "product_analytics",
        build.row("product_analytics", "paid", 750_000),
        build.row("product_analytics", "noise", 2_250_000),
        build.row("product_analytics", "$identify", 1_000_000),
        resources=[build.resource("insight", refers_to='["paid"]')],
        activity={"people_using_product_analytics": 4},
    )

    assert (found.read.kind, found.read.share) == (Kind.MEASURED, Decimal("0.25"))
    assert (found.cost, found.read_cost) == (Decimal("118.60"), Decimal("29.65"))
    assert found.cost_per_reader == Decimal("29.65")  # 118.60 / 4 members
    assert [(u.unit, u.usd) for u in found.unit_costs] == [("1,000 events", Decimal("0.029650"))]


def test_page_views_are_read_where_somebody_looks_at_web_analytics(build, product):
    rows = [
        build.row("product_analytics", "$pageview", 300_000),
        build.row("product_analytics", "x", 100_000),
    ]

    watched = product("product_analytics", *rows, activity={"people_using_web_analytics": 1})
    unwatched = product("product_analytics", *rows)

    assert (watched.read.share, unwatched.read.share) == (Decimal("0.75"), 0)


def test_without_knowing_who_looks_at_web_analytics_the_share_has_only_an_upper_end(build, product):
    found = product(
        "product_analytics",
        build.row("product_analytics", "$pageview", 300_000),
        build.row("product_analytics", "x", 100_000),
        missing=["activity.people_using_web_analytics"],
    )

    assert (found.read.kind, found.read.share, found.read.at_most) == (
        Kind.UNKNOWN,
        None,
        Decimal("0.75"),
    )
    assert found.read_cost is None


@pytest.mark.parametrize("missing", ["resources.insight", "usage_rows.product_analytics"])
def test_events_are_unknown_and_never_unread_where_something_was_not_read(build, product, missing):
    found = product(
        "product_analytics", build.row("product_analytics", "x", 100_000), missing=[missing]
    )

    assert (found.read.kind, found.read.share) == (Kind.UNKNOWN, None)
    assert missing in found.read.words
    assert found.read.tells


def test_groups_that_no_event_carries_are_read_by_nobody(build, product):
    rows = [
        build.row("product_analytics", "paid", 2_000_000),
        build.row("group_analytics", "paid", 2_000_000),
    ]
    resources = [build.resource("insight", refers_to='["paid"]')]

    without = product(
        "group_analytics",
        *rows,
        resources=resources,
        activity={"group_events": 0, "people_using_product_analytics": 4},
    )
    with_groups = product(
        "group_analytics", *rows, resources=resources, activity={"group_events": 9}
    )

    assert (without.read.share, without.cost_per_reader) == (0, None)
    assert with_groups.read.share == 1


def test_recordings_nobody_watches_are_unread_and_watched_ones_are_unknown(build, product):
    rows = [
        build.row("session_replay", "under_2_seconds", 6_000),
        build.row("session_replay", "5_seconds_or_longer", 9_000),
    ]

    nobody = product("session_replay", *rows, activity={"people_using_session_replay": 0})
    somebody = product("session_replay", *rows, activity={"people_using_session_replay": 2})

    assert (nobody.read.kind, nobody.read.share, nobody.read_cost) == (Kind.MEASURED, 0, 0)
    assert (somebody.read.kind, somebody.read.share) == (Kind.UNKNOWN, None)
    assert somebody.read.at_most == Decimal("0.6")
    assert "session_replay_read_percent" in somebody.read.tells
    # 15,000 recordings, 5,000 free: 10,000 x 0.005 = 50.00; for two members 25.00 each.
    assert (somebody.cost, somebody.cost_per_reader) == (50, 25)
    assert somebody.unit_costs[0].usd == Decimal("0.003333")


def test_a_share_that_the_reader_tells_stands_and_says_whose_it_is(build, product):
    found = product(
        "session_replay",
        build.row("session_replay", "5_seconds_or_longer", 15_000),
        activity={"people_using_session_replay": 2},
        own={"session_replay_read_percent": 12.5},
    )

    assert (found.read.kind, found.read.share, found.read.words) == (
        Kind.ASSUMED,
        Decimal("0.125"),
        "your assumption",
    )
    assert found.read_cost == Decimal("6.25")


def test_flag_requests_are_read_in_projects_with_a_flag_in_use(build, product):
    # Project 1 has a flag: all 400,000 values, and of 1,000,000 poll requests the tenth that a
    # poll every five minutes needs. Project 2 has none. 500,000 of 2,000,000.
    found = product(
        "feature_flags",
        build.row("feature_flags", "flags", 400_000),
        build.row("feature_flags", "local_evaluation", 1_000_000),
        build.row("feature_flags", "flags", 600_000, project="2"),
        resources=[
            build.resource("flag", name="beta"),
            build.resource("flag", name="survey-targeting-x", project="2"),
            build.resource("flag", name="old", project="2", state="stale"),
        ],
    )

    assert (found.read.share, found.users.count, found.users.are_people) == (
        Decimal("0.25"),
        1,
        False,
    )
    assert found.cost_per_reader is None


def test_requests_without_any_flag_in_use_are_read_by_nobody(build, product):
    found = product("feature_flags", build.row("feature_flags", "flags", 2_000_000))

    assert (found.read.share, found.read.words) == (0, "no flag is in use")


def test_deliveries_are_read_where_they_arrive(build, product):
    # 900 of 1,000 deliveries of active destinations arrived.
    def destination(good, bad, state="active"):
        return build.resource(
            "destination",
            state=state,
            name=f"{good}",
            details=json.dumps({"succeeded": good, "failed": bad, "has_filters": True}),
        )

    daily = [
        {
            "organization_id": "acme",
            "project_id": "1",
            "day": f"2026-10-{day:02d}",
            "usage_type": "cdp_billable_invocations_in_period",
            "quantity": 1_000,
        }
        for day in range(2, 32)
    ]

    found = product(
        "realtime_destinations",
        resources=[destination(600, 100), destination(300, 0), destination(5, 995, "inactive")],
        usage_daily=daily,
    )
    none = product("realtime_destinations", usage_daily=daily)

    assert (found.read.share, found.users.count) == (Decimal("0.9"), 2)
    assert none.read.share == 0


def test_a_fixed_fee_is_no_part_of_what_can_be_read(build):
    found = roi(
        build.examined(
            build.row("product_analytics", "x", 2_000_000),
            subscriptions=[
                {"organization_id": "acme", "product": "boost", "subscribed": True},
            ],
        )
    )
    fee = next(p for p in found.products if p.product == "boost")

    assert (fee.read.kind, fee.read.share, fee.read_cost) == (Kind.FEE, None, None)
    assert found.account.before.reading.known_share == 1
    assert found.account.before.reading.cost > found.account.before.reading.known_cost


def test_a_product_that_no_rule_knows_is_unknown(build, product):
    found = product(
        "new_thing",
        subscriptions=[
            {
                "organization_id": "acme",
                "product": "new_thing",
                "subscribed": True,
                "flat_amount_usd": "20",
            },
        ],
    )

    assert (found.read.kind, found.unit_costs) == (Kind.UNKNOWN, ())
    assert found.cost == 20
