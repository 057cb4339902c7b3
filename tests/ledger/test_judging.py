"""Which findings a suppression covers, when it ends, and when its cap is passed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from audit.ledger import Place, Ruling, State, Suppression, Why, judged

AS_OF = date(2026, 11, 1)
CENT = Decimal("0.01")


def decided(number=1, **changed):
    given = {
        "check": "fault",
        "organization_id": "acme",
        "project_id": "",
        "product": "",
        "reason": "known",
        "owner": "Ada",
        "created_on": date(2026, 10, 1),
        "until": date(2026, 12, 1),
        "up_to_usd": None,
    }
    return Suppression(id=number, **{**given, **changed})


def ruling(place, *suppressions, as_of=AS_OF):
    return judged([place], suppressions, as_of).rulings[0]


def states(judgement):
    return [one.state for one in judgement.standings]


def usd(text):
    return Decimal(text)


FAULT = Place("fault", "acme", "1", None, Decimal("10.00"))

names = st.sampled_from(["", "1", "2"])
places = st.builds(
    Place,
    st.sampled_from(["fault", "other"]),
    st.sampled_from(["acme", "bolt"]),
    st.sampled_from([None, "1", "2"]),
    st.sampled_from([None, "logs"]),
    st.none() | st.decimals(0, 500, places=2),
)
days = st.dates(AS_OF - timedelta(days=5), AS_OF + timedelta(days=5))
drawn = st.builds(
    Suppression,
    id=st.just(0),
    check=st.sampled_from(["fault", "other"]),
    organization_id=st.sampled_from(["acme", "bolt"]),
    project_id=names,
    product=st.sampled_from(["", "logs"]),
    reason=st.just("known"),
    owner=st.just("Ada"),
    created_on=days,
    until=days,
    up_to_usd=st.none() | st.decimals(0, 500, places=2),
    lifted_on=st.none() | days,
)
ledgers = st.lists(drawn, max_size=8).map(
    lambda all: [replace(one, id=number) for number, one in enumerate(all, 1)]
)


def test_a_suppression_of_the_organization_covers_all_its_projects():
    assert ruling(FAULT, decided()) == Ruling(decided())
    assert ruling(FAULT._replace(project_id=None), decided()).suppressed


def test_another_check_organization_project_or_product_is_not_covered():
    elsewhere = [
        decided(check="other"),
        decided(organization_id="bolt"),
        decided(project_id="2"),
        decided(product="logs"),
    ]

    assert ruling(FAULT, *elsewhere) == Ruling()


def test_the_last_day_holds_and_the_next_does_not():
    last = decided(until=AS_OF)

    assert ruling(FAULT, last).suppressed
    after = ruling(FAULT, last, as_of=AS_OF + timedelta(days=1))
    assert after == Ruling(last, Why.EXPIRED)


def test_the_cap_is_exact_to_the_cent():
    capped = decided(up_to_usd=usd("200.00"))

    for saving, why in (("199.99", None), ("200.00", None), ("200.01", Why.CAP_PASSED)):
        assert ruling(FAULT._replace(saving_alone=usd(saving)), capped) == Ruling(capped, why)


def test_a_cap_of_nothing_holds_while_nothing_would_be_saved():
    capped = decided(up_to_usd=usd("0.00"))

    assert ruling(FAULT._replace(saving_alone=usd("0.00")), capped).suppressed
    assert not ruling(FAULT._replace(saving_alone=CENT), capped).suppressed


def test_a_saving_nobody_knows_is_within_no_cap():
    unknown = FAULT._replace(saving_alone=None)

    assert ruling(unknown, decided(up_to_usd=usd("1000"))).reopened is Why.SAVING_UNKNOWN
    assert ruling(unknown, decided()).suppressed


def test_one_that_holds_is_enough():
    over = decided(1, until=AS_OF - timedelta(days=1))
    small = decided(2, project_id="1", up_to_usd=usd("5"))
    holds = decided(3)

    assert ruling(FAULT, over, small, holds) == Ruling(holds)


def test_the_narrowest_that_holds_is_named():
    wide, narrow = decided(1), decided(2, project_id="1")

    assert ruling(FAULT, wide, narrow) == Ruling(narrow)


def test_of_several_reasons_the_passed_cap_is_told_and_of_caps_the_highest():
    over = decided(1, project_id="1", until=AS_OF - timedelta(days=1))
    five, seven = decided(2, up_to_usd=usd("5")), decided(3, up_to_usd=usd("7"))

    assert ruling(FAULT, over, five, seven) == Ruling(seven, Why.CAP_PASSED)


def test_a_lifted_one_says_nothing_any_more():
    lifted = decided(lifted_on=AS_OF)
    found = judged([FAULT], [lifted], AS_OF - timedelta(days=9))

    assert found.rulings == (Ruling(),)
    assert not found.unused


def test_unused_is_what_holds_and_matches_nothing():
    used, idle, over = decided(1), decided(2, check="other"), decided(3, until=date(2026, 1, 1))

    assert judged([FAULT], [used, idle, over], AS_OF).unused == (idle,)


def test_one_whose_cap_is_passed_is_not_unused():
    assert not judged([FAULT], [decided(up_to_usd=usd("1"))], AS_OF).unused


def test_where_a_check_could_not_be_evaluated_nothing_is_called_unused():
    one = decided(project_id="2")
    at_project = judged([FAULT], [one], AS_OF, gaps=[Place("fault", "acme", "2")])
    nowhere = judged([], [one], AS_OF, gaps=[Place("fault", "acme")])
    elsewhere = judged([FAULT], [one], AS_OF, gaps=[Place("fault", "acme", "1")])

    assert states(at_project) == [State.NOT_EVALUATED]
    assert states(nowhere) == [State.NOT_EVALUATED]
    assert states(elsewhere) == [State.UNUSED]


def test_every_suppression_stands_somewhere_with_the_findings_it_covers():
    all = [
        decided(1, up_to_usd=usd("10")),
        decided(2, up_to_usd=usd("9.99")),
        decided(3, until=date(2026, 1, 1)),
        decided(4, lifted_on=AS_OF),
        decided(5, project_id="2"),
    ]
    other = FAULT._replace(project_id="2", saving_alone=usd("3"))
    found = judged([FAULT, other], all, AS_OF).standings

    assert [(one.state, one.covers) for one in found] == [
        (State.SUPPRESSES, (FAULT, other)),
        (State.REOPENED, (FAULT, other)),
        (State.EXPIRED, (FAULT, other)),
        (State.LIFTED, ()),
        (State.SUPPRESSES, (other,)),
    ]


def test_overlapping_are_those_that_can_meet():
    everywhere, one, two, logs = (
        decided(1),
        decided(2, project_id="1"),
        decided(3, project_id="2"),
        decided(4, product="logs"),
    )
    pairs = judged([], [everywhere, one, two, logs], AS_OF).overlapping

    assert pairs == (
        (everywhere, one),
        (everywhere, two),
        (everywhere, logs),
        (one, logs),
        (two, logs),
    )


@given(places, ledgers, days)
def test_an_expired_one_never_suppresses(place, suppressions, as_of):
    found = ruling(place, *suppressions, as_of=as_of)

    if found.suppressed:
        assert found.suppression.until >= as_of
        assert found.suppression.lifted_on is None


@given(places, drawn, days)
def test_past_its_end_a_lone_suppression_leaves_the_finding_open(place, one, as_of):
    over = replace(one, until=as_of - timedelta(days=1))

    assert not ruling(place, over, as_of=as_of).suppressed


@given(st.decimals(0, 10**9, places=2), st.decimals(0, 10**9, places=2))
def test_the_cap_decides_alone_while_the_suppression_holds(saving, most):
    found = ruling(FAULT._replace(saving_alone=saving), decided(up_to_usd=most))

    assert found.suppressed == (saving <= most)


@given(st.lists(places, max_size=5), ledgers, days, st.randoms(use_true_random=False))
def test_the_order_of_suppressions_does_not_matter(findings, suppressions, as_of, random):
    shuffled = list(suppressions)
    random.shuffle(shuffled)

    assert judged(findings, shuffled, as_of) == judged(findings, suppressions, as_of)


@given(st.lists(places, max_size=5), ledgers, days)
def test_every_suppression_that_holds_covers_something_or_is_listed(findings, suppressions, as_of):
    found = judged(findings, suppressions, as_of)

    for one in suppressions:
        covers = any(one.covers(*place[:4]) for place in findings)
        assert (one in found.unused) == (one.holds_on(as_of) and not covers)


@given(st.lists(places, max_size=5), ledgers, drawn, days)
def test_another_suppression_never_opens_a_finding(findings, suppressions, more, as_of):
    before = judged(findings, suppressions, as_of).rulings
    after = judged(findings, [*suppressions, replace(more, id=99)], as_of).rulings

    assert all(b.suppressed <= a.suppressed for b, a in zip(before, after, strict=True))
