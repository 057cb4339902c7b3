import pytest

CHECK = "commercial_ask_paused"


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        ({"open_conversation": "true"}, "an open conversation"),
        ({"pricing_complaint": "yes"}, "a complaint of the price"),
        ({"champion_left": "1"}, "a champion who left"),
        ({"evaluating_alternatives": "true"}, "a look at alternatives"),
        ({"urgent_tickets": 1}, "an urgent ticket"),
    ],
    ids=str,
)
def test_any_objection_pauses_the_ask(acme, sign, said):
    assert acme().crm(**sign).finding(CHECK).message == f"No offer to Acme now: {said}."


def test_all_of_them_are_named(acme):
    built = acme().crm(pricing_complaint="true", champion_left="true", urgent_tickets=2)

    assert built.finding(CHECK).message == (
        "No offer to Acme now: a complaint of the price, a champion who left, an urgent ticket."
    )


@pytest.mark.parametrize(
    "calm",
    [
        {"open_conversation": "false", "urgent_tickets": 0},
        {"tickets_30_days": 40},
        {"pricing_complaint": None},
        {},
    ],
    ids=str,
)
def test_without_an_objection_nothing_is_paused(acme, calm):
    assert not acme().crm(**calm).findings(CHECK)


def test_without_the_crm_nobody_can_tell(acme):
    assert acme().without("lifecycle", "No CRM.").gap(CHECK).reason == "No CRM."
