"""The fault matrix: every connector meets every fault, and never gives a part for the whole."""

from datetime import date

import pandas as pd
import pytest

from audit.errors import SettingsError, SourceError
from audit.sources.systems import Who, pull_systems
from audit.sources.systems.connecting import bearer, connect
from audit.store import Store, publish
from audit.testing import Answer, FakeCalendly, FakeMetabase, FakeStripe, FakeVitally, FakeZendesk
from audit.testing.server import cut_off
from audit.web.connection import ATTEMPTS, Connection
from audit.web.failures import RequestError
from audit.web.key import Key
from audit.web.keys import READ, WRITE, checked, key_of
from audit.web.systems import Systems

AS_OF = date(2026, 11, 1)

#: System to a part of the path of a request without which nothing of it can be told.
MAIN = {
    "vitally": "/resources/accounts",
    "metabase": "/api/card/",
    "stripe": "/v1/invoices",
    "zendesk": "/api/v2/search/export",
    "calendly": "/scheduled_events",
    "warehouse": "/query/",
}
SYSTEMS = sorted(MAIN)


def fault(fakes, system, *answers):
    getattr(fakes, system).fail(MAIN[system], *answers)


def same(left, right):
    assert left.tables.keys() == right.tables.keys()
    for name, frame in left.tables.items():
        pd.testing.assert_frame_equal(frame, right.tables[name])


@pytest.fixture(scope="module")
def whole(running):
    """What each system says when it is well, pulled once."""
    return {}


@pytest.fixture
def well(pull, whole):
    def of(system):
        if system not in whole:
            whole[system] = pull(system)
        return whole[system]

    return of


ENDS = [
    (Answer({"error": "no"}, 401), "does not know this key"),
    (Answer({"error": "no"}, 403), "may not"),
    (Answer({"error": "no"}, 404), "has nothing at"),
    (Answer({"error": "odd"}, 400), "400"),
    (Answer("", 302, {"Location": "https://elsewhere.test/"}), "redirect"),
    (Answer(raw=b"<html>Log in</html>", content_type="text/html"), "a web page instead of JSON"),
    (Answer(raw=b""), "not whole JSON"),
]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("answer", "said"), ENDS, ids=[said for _, said in ENDS])
def test_a_fault_that_stays_is_one_line_and_no_row(fakes, pull, system, answer, said):
    fault(fakes, system, *[answer] * 60)

    with pytest.raises(SourceError, match=said) as caught:
        pull(system)
    message = str(caught.value)
    assert "\n" not in message
    assert not any(key in message for key in fakes.keys.values())


#: A gateway's timeout of a query says that it is too large: it is not asked again.
STAYS_AWAY = [
    (system, status)
    for system in SYSTEMS
    for status in (429, 500, 502, 503, 504)
    if (system, status) != ("warehouse", 504)
]


@pytest.mark.parametrize(("system", "status"), STAYS_AWAY)
def test_a_server_that_stays_away_is_asked_five_times_and_then_said(fakes, pull, system, status):
    fault(fakes, system, *[Answer({"error": "busy"}, status)] * 200)

    with pytest.raises(SourceError, match=str(status)):
        pull(system)
    paths = [a.path for a in getattr(fakes, system).asked if MAIN[system] in a.path]
    assert max(paths.count(path) for path in paths) >= ATTEMPTS


HINTS = [
    {"Retry-After": "1"},
    {"Retry-After": "Sun, 01 Nov 2020 00:00:00 GMT"},
    {"RateLimit-Reset": "1"},
    {"X-RateLimit-Reset": "1"},
    {"X-RateLimit-Reset": "1793534400"},
    {},
]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("headers", HINTS, ids=str)
def test_a_429_in_any_style_costs_nothing(fakes, pull, well, system, headers):
    expected = well(system)
    fault(fakes, system, Answer({"error": "slow down"}, 429, headers))

    same(pull(system), expected)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "answer", [Answer({}, 500), Answer({}, 503), Answer(drops=True)], ids=["500", "503", "lost"]
)
def test_a_passing_fault_costs_nothing(fakes, pull, well, system, answer):
    expected = well(system)
    fault(fakes, system, answer)

    same(pull(system), expected)


@pytest.mark.parametrize("system", SYSTEMS)
def test_half_an_answer_is_none(fakes, pull, system):
    fault(fakes, system, *[cut_off] * 60)

    with pytest.raises(SourceError, match="cut off"):
        pull(system)


STRANGE = [{"ok": False, "error": "x"}, {"status": "failed", "error": "x"}, [], {}, None, "text", 7]


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("body", STRANGE, ids=str)
def test_an_error_that_calls_itself_a_success_is_none(fakes, pull, system, body):
    fault(fakes, system, *[Answer(body)] * 60)

    with pytest.raises(SourceError) as caught:
        pull(system)
    assert "\n" not in str(caught.value)


EMPTY_WITH_MORE = {
    "stripe": {"object": "list", "data": [], "has_more": True},
    "zendesk": {"results": [], "meta": {"has_more": True, "after_cursor": "9"}},
    "calendly": {"collection": [], "pagination": {"next_page_token": "9"}},
}


@pytest.mark.parametrize("system", sorted(EMPTY_WITH_MORE))
def test_an_empty_page_with_more_to_come_is_an_error(fakes, pull, system):
    fault(fakes, system, *[Answer(EMPTY_WITH_MORE[system])] * 60)

    with pytest.raises(SourceError, match="empty page with more pages"):
        pull(system)


def test_vitally_ends_with_an_empty_page_that_names_a_next_one(fakes, pull, well):
    expected = well("vitally")
    fakes.vitally.ends_with_an_empty_page = True
    try:
        same(pull("vitally"), expected)
    finally:
        fakes.vitally.ends_with_an_empty_page = False


REPEATED = {
    "vitally": lambda a: {"results": a["results"], "next": "same"},
    "stripe": lambda a: {**a, "has_more": True},
    "zendesk": lambda a: {**a, "meta": {"has_more": True, "after_cursor": "same"}},
    "calendly": lambda a: {**a, "pagination": {"next_page_token": "same"}},
}


@pytest.mark.parametrize("system", sorted(REPEATED))
def test_a_page_that_comes_again_and_again_ends(fakes, pull, system):
    path = "/v1/customers" if system == "stripe" else MAIN[system]
    first = {}

    def again(asked, right):
        if asked.path not in first:
            first[asked.path] = right()
        return Answer(REPEATED[system](first[asked.path].body))

    getattr(fakes, system).fail(path, *[again] * 60)

    with pytest.raises(SourceError, match="repeats a page"):
        pull(system)


@pytest.mark.parametrize("system", sorted(REPEATED))
def test_a_row_that_stands_on_two_pages_counts_once(system):
    with one_of(system) as (fake, read):
        grow(fake, 250)
        expected = read()
        fake.fail(PAGED[system], *[overlapping(system)] * 40)

        assert read() == expected


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_nobody_asked_for_changes_nothing(fakes, pull, well, system):
    expected = well(system)

    def more(_, right):
        answer = right()
        body = dict(answer.body) if isinstance(answer.body, dict) else answer.body
        if isinstance(body, dict):
            body["surprise"] = {"a": [1]}
        return Answer(body, answer.status)

    fault(fakes, system, *[more] * 60)

    same(pull(system), expected)


def test_a_null_where_a_number_was_is_unknown_and_no_zero(fakes, pull):
    def without_totals(_, right):
        answer = right()
        for invoice in answer.body["data"]:
            invoice.update(total=None, amount_due=None, attempt_count=None)
        return answer

    fakes.stripe.fail("/v1/invoices", *[without_totals] * 60)
    invoices = pull("stripe").tables["invoices"]

    assert len(invoices)
    assert invoices["total_usd"].isna().all()
    assert invoices["attempts"].isna().all()


def test_a_value_that_cannot_be_costs_its_system_alone(fakes, pull):
    def odd(_, right):
        answer = right()
        results = [{**one, "updatedAt": "yesterday"} for one in answer.body["results"]]
        return Answer({**answer.body, "results": results})

    fakes.vitally.fail("/resources/accounts", odd)
    pulled = pull("vitally", "stripe")

    assert "'yesterday'" in pulled.failed["vitally"]
    assert len(pulled.tables["invoices"])
    coverage = pulled.tables["coverage"]
    assert set(coverage[~coverage["complete"]]["subject"]) == {"lifecycle"}


def test_an_invoice_in_another_currency_is_left_out_and_said(fakes, pull):
    def one_in_euro(_, right):
        answer = right()
        answer.body["data"] = [dict(one) for one in answer.body["data"]]
        answer.body["data"][0]["currency"] = "eur"
        return answer

    whole = pull("stripe").tables["invoices"]
    for _ in range(20):
        fakes.stripe.fail("/v1/invoices", one_in_euro_if_any(one_in_euro))
    pulled = pull("stripe")

    said = pulled.tables["data_quality"]
    lost = len(whole) - len(pulled.tables["invoices"])
    assert lost > 0
    assert said["kind"].eq("invoice_not_read").any()
    assert said["message"].str.contains("'eur'").any()


def one_in_euro_if_any(change):
    def run(asked, right):
        answer = right()
        if asked.path == "/v1/invoices" and answer.body["data"]:
            return change(asked, lambda: answer)
        return answer

    return run


def test_the_1001st_ticket_of_an_organization_is_an_error_and_the_export_reads_it():
    with FakeZendesk() as fake:
        fake.organizations.append({"id": 1, "name": "Acme", "external_id": "acme"})
        fake.tickets += [ticket(number) for number in range(1_001)]
        systems = Systems(zendesk={"url": fake.url, "email": fake.email})
        with keys(ZENDESK_API_TOKEN=fake.key):
            with pytest.raises(SourceError, match="found 1,001 tickets and gives 1,000 at most"):
                pull_systems(systems, as_of=AS_OF, who=Who("acme"))
            pulled = pull_systems(systems, as_of=AS_OF, store="")

    # Nobody named the organization before: the export alone has its tickets, and none is lost.
    assert pulled.tables["coverage"].empty or pulled.tables["coverage"]["complete"].all()
    assert sum("export" in asked.path for asked in fake.asked) == 11


def test_the_1000th_ticket_is_read():
    with FakeZendesk() as fake:
        fake.organizations.append({"id": 1, "name": "Acme", "external_id": "acme"})
        fake.tickets += [ticket(number) for number in range(1_000)]
        systems = Systems(zendesk={"url": fake.url, "email": fake.email})
        with keys(ZENDESK_API_TOKEN=fake.key):
            pulled = pull_systems(systems, as_of=AS_OF, who=Who("acme"))

    fields = pulled.tables["lifecycle"].set_index("field")["value"]
    assert fields["zendesk.tickets_30_days"] == "1000"


@pytest.mark.parametrize("rows", [2_000, 2_001, 6_000])
def test_metabase_has_no_cap_where_the_export_is_asked(rows):
    with FakeMetabase() as fake:
        days = pd.date_range("2010-01-01", periods=rows).strftime("%Y-%m-%d")
        columns = ("organization_id", "day", "usage_type", "quantity")
        fake.add_card(1, "Usage", columns, [["acme", d, "event_count_in_period", 5] for d in days])
        systems = Systems(metabase={"url": fake.url, "cards": [1]})
        with keys(METABASE_API_KEY=fake.key):
            pulled = pull_systems(systems, as_of=date(2030, 1, 1))

    assert len(pulled.tables["usage_daily"]) == rows


def test_an_answer_that_was_cut_is_not_used(fakes, pull):
    def cut(_, right):
        answer = right()
        answer.body["data"]["rows_truncated"] = 2_000
        return answer

    fakes.metabase.fail("/api/card/", cut)

    with pytest.raises(SourceError, match="was cut at 2,000 rows"):
        pull("metabase")


def test_a_count_that_does_not_fit_its_rows_is_an_error(fakes, pull):
    def less(_, right):
        answer = right()
        del answer.body["data"]["rows"][-1]
        return answer

    fakes.metabase.fail("/api/card/", less)

    with pytest.raises(SourceError, match=r"counts .* rows and sent"):
        pull("metabase")


def test_a_timeout_is_tried_again_and_then_one_line():
    with FakeVitally(key="k") as fake:
        fake.fail("/resources/x", *[Answer({"ok": 1}, waits=0.6)] * ATTEMPTS)
        key = Key("k")
        with (
            Connection(
                fake.url,
                "Vitally",
                headers=bearer(key),
                refused=lambda *_: RequestError("no"),
                limits=(),
                check="url",
                timeout=0.1,
            ) as connection,
            pytest.raises(RequestError, match=r"No answer from Vitally .*ReadTimeout"),
        ):
            connection.read("GET", "/resources/x")
        assert len(fake.asked) == ATTEMPTS


def test_a_link_to_another_host_gets_neither_key_nor_request():
    key = Key("secret-key")
    with (
        connect("vitally", "https://rest.vitally.test", READ["vitally"], key, bearer(key)) as c,
        pytest.raises(RequestError, match="the key is not sent there"),
    ):
        c.read("GET", "https://elsewhere.test/resources/accounts")


@pytest.mark.parametrize("system", SYSTEMS)
def test_one_system_that_fails_costs_only_what_it_says(fakes, pull, system, tmp_path):
    store = publish(tmp_path / "audit.duckdb", pull().tables)
    before = fields_of(store)
    fault(fakes, system, *[Answer({"error": "down"}, 403)] * 60)
    pulled = pull(store=store)
    publish(store, pulled.tables, merge=True)

    assert list(pulled.failed) == [system]
    coverage = pulled.tables["coverage"]
    gaps = coverage[~coverage["complete"]]
    if system != "metabase":  # what it says, the warehouse says too
        assert set(gaps["source"]) == {system}
        assert gaps["reason"].str.contains("403").all()
    # What it said before stays, with its date.
    assert fields_of(store) == before


def fields_of(path):
    with Store.open(path) as store:
        rows = store.connection.execute(
            "SELECT organization_id, field, value, updated_at FROM lifecycle "
            "WHERE field NOT LIKE 'traits.vitally.custom.%' ORDER BY ALL"
        ).fetchall()
    return rows


@pytest.mark.parametrize("system", sorted(READ))
def test_a_key_to_something_else_is_refused_before_it_is_sent(system):
    place = READ[system]
    foreign = ["phx_abc", "phc_abc", "sk_live_abc", "xoxb-abc", "xoxp-1", "pk_live_1"]

    for value in foreign:
        with pytest.raises(SettingsError) as caught:
            checked(place, value)
        assert value not in str(caught.value)
        assert place.variable in str(caught.value)


@pytest.mark.parametrize("value", ["sk_live_0123456789", "sk_test_0123456789", "whatever"])
def test_stripe_is_read_with_a_restricted_key_alone(value):
    with pytest.raises(SettingsError, match="begins with rk_"):
        checked(READ["stripe"], value)


def test_reading_and_writing_have_keys_of_their_own():
    for system in WRITE.keys() & READ.keys():
        assert WRITE[system].variable != READ[system].variable
        assert WRITE[system].user != READ[system].user


def test_no_key_says_how_to_get_one(monkeypatch):
    monkeypatch.delenv("VITALLY_API_KEY", raising=False)

    with pytest.raises(SettingsError, match=r"export VITALLY_API_KEY=.*keyring set account-audit"):
        key_of(READ["vitally"])


# One system on its own, with a list that has several pages.

PAGED = {
    "vitally": "/resources/accounts",
    "stripe": "/v1/customers",
    "zendesk": "/api/v2/organizations.json",
    "calendly": "/scheduled_events",
}


class one_of:  # noqa: N801 - reads like a function where it is used
    """A fake on its own and what is read from it, as plain values."""

    def __init__(self, system):
        self.system = system
        self.fake = {
            "vitally": FakeVitally,
            "stripe": FakeStripe,
            "zendesk": FakeZendesk,
            "calendly": FakeCalendly,
        }[system]()

    def __enter__(self):
        self.fake.__enter__()
        self.keys = keys(
            VITALLY_API_KEY=self.fake.key,
            STRIPE_RESTRICTED_KEY=self.fake.key,
            ZENDESK_API_TOKEN=self.fake.key,
            CALENDLY_TOKEN=self.fake.key,
        )
        self.keys.__enter__()
        given = {"url": self.fake.url}
        if self.system == "zendesk":
            given["email"] = self.fake.email
        systems = Systems(**{self.system: given})

        def read():
            tables = pull_systems(systems, as_of=AS_OF).tables
            return {name: frame.to_csv() for name, frame in tables.items()}

        return self.fake, read

    def __exit__(self, *error):
        self.keys.__exit__(*error)
        self.fake.__exit__(*error)


def grow(fake, number):
    for n in range(number):
        if isinstance(fake, FakeVitally):
            fake.add_account(f"org-{n:04}", f"Org {n}", {"vitally.custom.employees": n})
        elif isinstance(fake, FakeStripe):
            metadata = {"organization_id": f"org-{n:04}"}
            customer = {"id": f"cus_{n:04}", "name": f"Org {n}", "created": n + 1_700_000_000}
            fake.lists["customers"].append({**customer, "balance": -n, "metadata": metadata})
        elif isinstance(fake, FakeZendesk):
            fake.organizations.append({"id": n, "name": f"Org {n}", "external_id": f"org-{n:04}"})
        else:
            fake.book(n, f"2026-11-{n % 28 + 1:02}T10:00:00.000000Z", [f"p{n}@example.com"])


def overlapping(system):
    """Every page but the first begins with the last row of the page before."""
    last = {}

    def run(asked, right):
        answer = right()
        body = dict(answer.body)
        name = {"vitally": "results", "stripe": "data", "zendesk": "organizations"}.get(
            system, "collection"
        )
        if asked.path in last:
            body[name] = [last[asked.path], *body[name]]
        last[asked.path] = answer.body[name][-1]
        return Answer(body)

    return run


def ticket(number):
    return {
        "id": number,
        "organization_id": 1,
        "status": "solved",
        "priority": "normal",
        "created_at": "2026-10-30T00:00:00Z",
        "updated_at": "2026-10-30T00:00:00Z",
    }


class keys:  # noqa: N801 - reads like a function where it is used
    """Keys in the environment, for a while."""

    def __init__(self, **given):
        self.patch = pytest.MonkeyPatch()
        self.given = given

    def __enter__(self):
        for name, value in self.given.items():
            self.patch.setenv(name, value)

    def __exit__(self, *_):
        self.patch.undo()
