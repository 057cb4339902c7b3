import pytest

from audit.sources.posthog.details import has_filters, rollout_percentage
from audit.sources.posthog.hogql import Answer, named
from audit.sources.posthog.objects import event_names
from audit.sources.posthog.observed import delivered, synced

TARGETED = [{"key": "email", "type": "person", "value": "x"}]
HALVES = {"variants": [{"key": "a", "rollout_percentage": 50}] * 2}


@pytest.mark.parametrize(
    ("saved", "names"),
    [
        ([{"event": "$autocapture", "url": "/x"}, {"event": None}], ["$autocapture"]),
        (
            {
                "kind": "InsightVizNode",
                "source": {"series": [{"kind": "EventsNode", "event": "b"}]},
            },
            ["b"],
        ),
        ({"events": [{"id": "old", "type": "events"}, {"id": 7, "type": "actions"}]}, ["old"]),
        ({"values": [{"type": "behavioral", "event_type": "events", "key": "k"}]}, ["k"]),
        (
            {"kind": "HogQLQuery", "query": "SELECT 1 FROM events WHERE event IN ('a', 'it\\'s')"},
            ["a", "it's"],
        ),
        ({"kind": "HogQLQuery", "query": "SELECT 'x' FROM persons"}, []),
        ({"series": [{"kind": "EventsNode", "event": None}]}, []),
        (None, []),
        ("text", []),
        ([{"event": "twice"}, {"event": "twice"}], ["twice"]),
    ],
)
def test_event_names_are_found_wherever_a_saved_object_keeps_them(saved, names):
    assert event_names(saved) == names


def release(percentage=100, properties=(), **more):
    return {"properties": list(properties), "rollout_percentage": percentage, **more}


@pytest.mark.parametrize(
    ("filters", "percentage"),
    [
        ({"groups": [release(30)]}, 30),
        ({"groups": [release(33.3)]}, 33.3),
        ({"groups": [release(None)]}, 100),
        ({"groups": [release(0)]}, 0),
        ({"groups": [release(10), release(100, TARGETED), release(40)]}, 40),
        ({"groups": [release(100, TARGETED)]}, None),
        ({"groups": []}, None),
        # Half of everyone gets each variant; nobody knows of a flag that is decided.
        ({"groups": [release()], "multivariate": HALVES}, 50),
        ({"groups": [release(50)], "multivariate": HALVES}, 25),
        ({"groups": [release(variant="a")], "multivariate": HALVES}, 100),
        ({"groups": [release()], "multivariate": {"variants": []}}, 100),
        ({"groups": [release("all"), "x", None]}, None),
        ({"groups": "all"}, None),
        (None, None),
    ],
)
def test_a_rollout_is_the_largest_share_of_everyone_with_one_answer(filters, percentage):
    assert rollout_percentage(filters) == percentage


@pytest.mark.parametrize(
    ("item", "narrowed"),
    [
        ({"filters": {"events": [{"id": "paid", "type": "events"}]}}, True),
        ({"filters": {"actions": [{"id": 7}]}}, True),
        ({"filters": {"properties": TARGETED}}, True),
        ({"filters": {"filter_test_accounts": True}}, True),
        ({"filters": {"events": [{"id": None, "properties": TARGETED}]}}, True),
        ({"filters": {"events": [{"id": None, "name": "All events"}]}}, False),
        ({"filters": {"source": "events", "bytecode": ["_H", 1, 29]}}, False),
        ({"filters": {}}, False),
        ({"filters": None}, False),
        ({}, False),
        # Its mappings have filters of their own, which the list does not show.
        ({"filters": {}, "template": {"mapping_templates": [{"name": "Page"}]}}, None),
        ({"filters": {}, "template": {"mapping_templates": []}}, False),
    ],
)
def test_a_destination_without_filters_is_told_from_one_that_hides_them(item, narrowed):
    assert has_filters(item) is narrowed


def outcomes(*rows):
    names = ("resource_id", "succeeded", "failed", "billable")
    return Answer(named("deliveries"), [dict(zip(names, row, strict=True)) for row in rows])


def test_what_a_destination_is_billed_is_known_where_it_is_counted_by_destination():
    details = delivered(outcomes(("a", 5, 1, 6)))

    assert details["a"] == {"succeeded": 5, "failed": 1, "billable": 6}
    assert details["never ran"] == {"succeeded": 0, "failed": 0, "billable": 0}


def test_what_a_destination_is_billed_is_unknown_where_the_vendor_bills_by_event():
    details = delivered(outcomes(("_event_trigger", 0, 0, 9), ("a", 5, 1, 0)))

    assert details["a"] == {"succeeded": 5, "failed": 1, "billable": None}
    assert details["never ran"] == {"succeeded": 0, "failed": 0, "billable": None}


def test_a_table_without_a_completed_sync_synced_nothing():
    row = {"resource_id": "a", "synced_rows": 70, "syncs": 2}
    details = synced(Answer(named("syncs"), [row]))

    assert details["a"] == {"rows_synced": 70, "syncs": 2}
    assert details["b"] == {"rows_synced": 0, "syncs": 0}


def test_a_sync_that_moved_no_number_of_rows_is_no_zero():
    row = {"resource_id": "a", "synced_rows": None, "syncs": 2}

    with pytest.raises(ValueError, match="synced_rows is None"):
        synced(Answer(named("syncs"), [row]))
