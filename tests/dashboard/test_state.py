from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.dashboard.state import FILTERS, SORTS, TABS, VIEWS, State, read

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: float(f"{x:.10g}"))
CONTROLS = st.dictionaries(
    st.sampled_from(["growth_percent", "fixes", "commitment_usd", "from_month"]), NUMBERS
)
STATES = st.one_of(
    st.builds(
        State,
        st.just("portfolio"),
        filters=st.dictionaries(st.sampled_from(FILTERS), TEXT),
        sort=st.sampled_from(SORTS),
        page=st.integers(1, 10_000),
    ),
    st.builds(State, st.just("account"), TEXT, st.sampled_from(TABS)),
    st.builds(State, st.just("scenarios"), TEXT, first=CONTROLS, second=CONTROLS),
    st.just(State("review")),
)


@given(STATES)
def test_a_link_opens_what_its_sender_saw(state):
    found, problems = read(state.query())

    assert (found, problems) == (state, ())


@given(st.text(max_size=300))
def test_any_query_is_some_view_and_says_what_could_not_be(query):
    state, problems = read(query)

    assert state.view in VIEWS
    assert all(one.endswith(".") and len(one) < 200 for one in problems)
    assert read(state.query()) == (state, ())


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"view": "<script>"}, "There is no view"),
        ({"view": "account"}, "names no organization"),
        ({"view": "portfolio", "page": "0"}, "no page"),
        ({"view": "portfolio", "page": "99999999999"}, "no page"),
        ({"view": "portfolio", "sort": "; DROP"}, "cannot be sorted"),
        ({"view": "account", "organization_id": "a", "tab": "secret"}, "no page"),
        ({"view": "scenarios", "organization_id": "a", "fixes": "many"}, "no number"),
        ({"view": "scenarios", "organization_id": "a", "fixes": "nan"}, "no number"),
        ({"view": "scenarios", "organization_id": "a", "b.fixes": "inf"}, "no number"),
    ],
)
def test_what_cannot_be_is_said_and_the_rest_is_kept(told, words):
    state, problems = read(urlencode(told))

    assert len(problems) == 1
    assert words in problems[0]
    assert state.organization_id == (told.get("organization_id", "") if problems else "")


def test_an_organization_alone_opens_its_account():
    assert read("?organization_id=acme")[0] == State("account", "acme")


def test_a_token_in_an_address_goes_no_further():
    state, _ = read("?view=portfolio&token=abcdefghijklmnopqrstuvwxyz")

    assert "token" not in parse_qs(state.query().lstrip("?"))
