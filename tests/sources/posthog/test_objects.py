import pytest

from audit.sources.posthog.objects import event_names


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
