"""Status words of all times: known by the whole word, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import SettingsError
from audit.lifecycle import folded, vocabulary
from audit.lifecycle.words import read_vocabulary

#: Every status the handbook has published or its users are known to set, word for word.
PUBLISHED = {
    "Reach Out": "new",
    "Waiting for Response": "outreach_sent",
    "Meeting Scheduled": "meeting",
    "Ongoing": "engaged",
    "No Response (Follow-Up)": "outreach_sent",
    "Onboarded (Follow-Up)": "follow_up",
    "Onboarded (Done)": "completed",
    "No Engagement": "no_engagement",
    "Churned": "churned",
    "1. New Account": "new",
    "2. Onboarding Initiated": "outreach_sent",
    "3. Customer Engaged": "engaged",
    "3a. Engaged \u2014 Email": "engaged",
    "3b. Engaged \u2014 Call Booked": "meeting",
    "4a. Intro Call Completed": "meeting",
    "4b. Second Call Completed": "meeting",
    "4c. Homework Offered": "follow_up",
    "5. Awaiting Final Outreach": "follow_up",
    "6a. Onboarded \u2014 No Engagement": "no_engagement",
    "6b. Onboarded \u2014 Engaged": "completed",
    "6c. Sales Handoff": "sales",
    "6d. Churned": "churned",
    "3. Onboarded": "completed",
    "3. Onboarding Completed": "completed",
    "Sales Handoff": "sales",
    "Paid call purchased": "paid_call",
    "7. Paid Call Purchased": "paid_call",
    "Check-in": "check_in",
}


@pytest.mark.parametrize(("word", "stage"), PUBLISHED.items())
def test_every_published_status_has_its_stage(word, stage):
    assert vocabulary().stage(word) == stage


def test_no_word_is_known_that_was_not_published():
    assert set(vocabulary().stages) == {folded(word) for word in PUBLISHED}


def test_only_ends_are_terminal():
    assert vocabulary().terminal == {"completed", "no_engagement", "sales", "churned"}


@pytest.mark.parametrize(
    "word",
    [
        "3A. ENGAGED - EMAIL",
        "3a. Engaged \u2013 Email",
        "3a. Engaged\u2014Email",
        "  3a.\u00a0Engaged  \u2212 Email\n",
    ],
)
def test_dashes_spaces_and_case_do_not_count(word):
    assert vocabulary().stage(word) == "engaged"


@pytest.mark.parametrize(
    "word",
    [
        "3a",
        "Engaged - Email",
        "3a. Engaged",
        "3a Engaged - Email",
        "Check in",
        "1. New Accounts",
        "Onboarded",
        "",
        "<b>Ongoing</b>",
    ],
)
def test_a_part_of_a_word_or_one_like_it_is_not_guessed(word):
    assert vocabulary().stage(word) is None


@given(
    st.sampled_from(sorted(PUBLISHED)),
    st.sampled_from("-\u2010\u2011\u2012\u2013\u2014\u2212"),
    st.sampled_from([" ", "  ", "\u00a0", "\t"]),
    st.booleans(),
)
def test_a_word_means_the_same_however_it_is_typed(word, dash, space, upper):
    typed = word.replace("\u2014", dash).replace("-", dash).replace(" ", space)

    assert vocabulary().stage(typed.upper() if upper else typed) == PUBLISHED[word]


@given(st.text())
def test_folding_twice_is_folding_once(word):
    assert folded(folded(word)) == folded(word)


@pytest.mark.parametrize(
    ("segment", "role"),
    [
        ("Onboarding Lead", "onboarding"),
        ("Create AE lead", "handed_over"),
        ("Onboarding referral", "handed_over"),
        ("AM Managed", "sales"),
        ("Paid three nonzero bills", "paid_three"),
        ("$20K ARR", "none"),
        ("Onboarding", None),
    ],
)
def test_a_segment_says_what_the_handbook_says_of_it(segment, role):
    assert vocabulary().role(segment) == role


BROKEN = """
[stages]
new = {{ meaning = "waits", terminal = false }}
sales = {{ meaning = "is with Sales", terminal = true }}
[roles]
[segments.values]
[[era]]
name = "one"
title = ""
field = "onboarding_status"
source = ""
values = {{ "Reach Out" = "new" }}
[[era]]
name = "two"
title = ""
field = "onboarding_status"
source = ""
retired = {retired}
values = {{ "{word}" = "{stage}" }}
"""


@pytest.mark.parametrize(
    ("word", "stage", "retired", "said"),
    [
        ("REACH OUT", "sales", "[]", "'REACH OUT' means 'sales' here and 'new' before"),
        ("Ongoing", "busy", "[]", "'Ongoing' means 'busy', which is none of new, sales"),
        ("Ongoing", "new", '["Gone"]', "era two has no 'Gone'"),
    ],
)
def test_a_vocabulary_that_contradicts_itself_is_refused(word, stage, retired, said):
    with pytest.raises(SettingsError, match=said):
        read_vocabulary(BROKEN.format(word=word, stage=stage, retired=retired))


def test_a_vocabulary_may_repeat_a_word_of_another_time():
    repeated = read_vocabulary(BROKEN.format(word="reach  out", stage="new", retired="[]"))

    assert repeated.stage("Reach Out") == "new"
