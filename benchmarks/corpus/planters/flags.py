"""Flags: requests of clients, polling servers, and flags that were forgotten."""

from corpus.customer import Customer
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import COUNTERS, DECIDE, LOCAL, UnsuitableError

POLLING = "flag_polling_dominates"
REQUESTS = "flag_requests_per_session_too_high"
#: Polls of one process every 30 seconds in the window of 30 days.
POLLS_OF_A_SERVER = 86_400
SPARED = 0.9  # polling every 5 minutes rather than every 30 seconds


def only_flags(one: Customer, project: str, *, requests: float, polls: float = 0) -> None:
    """The project's flag traffic, from scratch."""
    for row in [r for r in one.rows if (r.project, r.meter) == (project, "feature_flags")]:
        del one.rows[row]
    for counter in (COUNTERS["feature_flags"], DECIDE, LOCAL):
        one.daily.pop((project, counter), None)
    if requests:
        one.ask_flags(project, requests)
    if polls:
        one.poll_flags(project, polls)
    if not one.resources("flag", project):
        one.resource(project, "flag", "new-page", rollout_percentage=25)


def _servers(one: Customer, servers: float, client_share: float) -> Truth:
    project = one.project()
    polls = servers * POLLS_OF_A_SERVER
    requests = 10 * polls * client_share
    only_flags(one, project, requests=requests, polls=polls)
    # Visitors come along with the requests, so that these are not too many for them.
    one.activity[project, "sessions"] = max(one.sessions(project), round(requests / 2.5))
    waste = {"feature_flags": 10 * polls * SPARED}
    return Truth(POLLING, project, waste=waste)


@fault(POLLING, group="flags")
def every_worker_polls_on_its_own(one: Customer) -> Truth:
    return _servers(one, one.between(3.5, 30), one.between(0.02, 0.7))


@inside(POLLING)
def a_little_over_three_servers(one: Customer) -> Truth:
    return _servers(one, one.between(3.02, 3.2), 0.2)


@inside(POLLING)
def a_little_over_half_of_the_requests(one: Customer) -> Truth:
    return _servers(one, 6, one.between(0.95, 0.99))


@outside(POLLING)
def a_little_under_three_servers(one: Customer) -> Truth:
    return _servers(one, one.between(2.8, 2.98), 0.2)


@outside(POLLING)
def a_little_under_half_of_the_requests(one: Customer) -> Truth:
    return _servers(one, 6, one.between(1.01, 1.1))


@lookalike(POLLING)
def one_server_and_hardly_any_visitor(one: Customer) -> Truth:
    return _servers(one, one.between(0.8, 2.2), one.between(0.001, 0.05))


def _asked(one: Customer, per_session: float, project: str | None = None) -> Truth:
    project = project or one.project()
    sessions = one.sessions(project)
    only_flags(one, project, requests=per_session * sessions)
    waste = {"feature_flags": max(per_session - 3, 0) * sessions}
    return Truth(REQUESTS, project, waste=waste, implied=("calls_per_session_too_high",))


def _busy(one: Customer) -> None:
    if one.sessions(one.project()) < 27_000:
        raise UnsuitableError("few sessions")


@fault(REQUESTS, group="flags")
def flags_are_loaded_again_on_every_page(one: Customer) -> Truth:
    _busy(one)
    return _asked(one, one.between(4.3, 16))


@inside(REQUESTS)
def just_over_four_a_session(one: Customer) -> Truth:
    _busy(one)
    return _asked(one, one.between(4.01, 4.1))


@outside(REQUESTS)
def just_under_four_a_session(one: Customer) -> Truth:
    _busy(one)
    return _asked(one, one.between(3.9, 3.99))


@inside(REQUESTS)
def just_over_a_hundred_thousand(one: Customer) -> Truth:
    one.activity[one.project(), "sessions"] = 20_000
    return _asked(one, one.between(5.01, 5.1))


@outside(REQUESTS)
def just_under_a_hundred_thousand(one: Customer) -> Truth:
    one.activity[one.project(), "sessions"] = 20_000
    return _asked(one, one.between(4.9, 4.99))


@lookalike(REQUESTS)
def a_test_suite_on_staging(one: Customer) -> Truth:
    project = one.project("Staging")
    one.activity[project, "sessions"] = 3_000
    return _asked(one, one.between(8, 25), project)


@lookalike(REQUESTS)
def two_pages_a_session_each_with_one_request(one: Customer) -> Truth:
    _busy(one)
    return _asked(one, one.between(2, 3.3))
