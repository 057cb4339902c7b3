"""Flags, experiments and surveys that outlived their purpose."""

from corpus.customer import Customer
from corpus.planters.flags import only_flags
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import UnsuitableError

THROWAWAY = "throwaway_ids_on_server_flags"
FORGOTTEN = "forgotten_flag_bills_requests"
STALE = "stale_flags"
FULL = "flags_fully_rolled_out"
EXPERIMENT = "experiment_running_for_months"
SURVEY = "survey_running_for_months"


def _checks(one: Customer, calls: float, share: float) -> Truth:
    project = one.project()
    one.activity[project, "server_flag_calls"] = round(calls)
    one.activity[project, "server_flag_people"] = round(calls * share)
    return Truth(THROWAWAY, project)


@fault(THROWAWAY, group="server flags")
def a_new_id_for_every_request(one: Customer) -> Truth:
    return _checks(one, one.between(11_000, 4_000_000), one.between(0.92, 1.0))


@inside(THROWAWAY)
def just_over_nine_tenths(one: Customer) -> Truth:
    return _checks(one, 50_000, one.between(0.9005, 0.905))


@inside(THROWAWAY)
def just_over_ten_thousand_calls(one: Customer) -> Truth:
    return _checks(one, one.between(10_001, 10_100), 0.99)


@outside(THROWAWAY)
def just_under_nine_tenths(one: Customer) -> Truth:
    return _checks(one, 50_000, one.between(0.89, 0.8995))


@outside(THROWAWAY)
def just_under_ten_thousand_calls(one: Customer) -> Truth:
    return _checks(one, one.between(9_900, 9_999), 0.99)


@lookalike(THROWAWAY)
def many_users_each_checked_twice(one: Customer) -> Truth:
    return _checks(one, one.between(20_000, 900_000), one.between(0.4, 0.55))


def _second_project(one: Customer) -> str:
    """A project beside production. Raises: UnsuitableError."""
    for name in ("Marketing site", "Mobile app", "Staging"):
        for project, row in one.projects.items():
            if row["name"] == name:
                return project
    raise UnsuitableError("one project")


def _left_on(one: Customer, *, stale: int, active: bool = False) -> Truth:
    """A landing page once tested something; its flag is on and nobody asks for it any more."""
    project = _second_project(one)
    only_flags(one, project, requests=one.between(30_000, 2_000_000))
    one.activity[project, "sessions"] = max(
        one.sessions(project), round(one.counted(project, "flags", "feature_flags") / 2)
    )
    one.remove("flag", project)
    for number in range(stale):
        one.resource(
            project, "flag", f"landing-{number}", state="stale", age_days=300, changed_days=250
        )
    if active:
        one.resource(project, "flag", "landing-now", rollout_percentage=50)

    def requests(one: Customer) -> dict[str, float]:
        asked = one.counted(project, "flags", "feature_flags")
        return {"feature_flags": asked * one.ratio(project, "feature_flags")}

    return Truth(FORGOTTEN, project, waste=requests)


@fault(FORGOTTEN, group="forgotten flag")
def the_flag_of_an_old_landing_page(one: Customer) -> Truth:
    return _left_on(one, stale=round(one.between(1, 4)))


@outside(FORGOTTEN)
def one_flag_there_is_still_called(one: Customer) -> Truth:
    return _left_on(one, stale=1, active=True)


@lookalike(FORGOTTEN)
def no_flag_at_all_is_left(one: Customer) -> Truth:
    return _left_on(one, stale=0)


def _stale(one: Customer, count: int) -> Truth:
    project = one.project()
    for row in one.resources("flag", project):
        if row["state"] == "stale":
            row["state"] = "inactive"
    for number in range(count):
        one.resource(
            project,
            "flag",
            f"old-idea-{number}",
            state="stale",
            age_days=200,
            used_days=None,
            rollout_percentage=40,
        )
    return Truth(STALE, project)


@fault(STALE, group="stale flags")
def old_ideas_stay_in_the_list(one: Customer) -> Truth:
    return _stale(one, round(one.between(6, 80)))


@inside(STALE)
def five_flags(one: Customer) -> Truth:
    return _stale(one, 5)


@outside(STALE)
def four_flags(one: Customer) -> Truth:
    return _stale(one, 4)


@lookalike(STALE)
def many_flags_that_are_off(one: Customer) -> Truth:
    project = one.project()
    truth = _stale(one, 2)
    for number in range(15):
        one.resource(project, "flag", f"off-{number}", state="inactive", rollout_percentage=0)
    return truth


def _for_everybody(one: Customer, percent: int | None, days: int, name: str = "v2") -> Truth:
    project = one.project()
    for row in one.resources("flag", project):
        row["details"] = '{"name": "", "rollout_percentage": 30}'
    one.resource(
        project, "flag", name, age_days=days + 60, changed_days=days, rollout_percentage=percent
    )
    return Truth(FULL, project)


@fault(FULL, group="rolled out")
def everybody_has_had_it_for_months(one: Customer) -> Truth:
    return _for_everybody(one, 100, round(one.between(35, 600)))


@inside(FULL)
def since_thirty_two_days(one: Customer) -> Truth:
    return _for_everybody(one, 100, 32)


@outside(FULL)
def since_thirty_days(one: Customer) -> Truth:
    return _for_everybody(one, 100, 30)


@lookalike(FULL)
def nearly_everybody(one: Customer) -> Truth:
    return _for_everybody(one, 99, 200)


@lookalike(FULL)
def everybody_with_a_property(one: Customer) -> Truth:
    return _for_everybody(one, None, 200)


@lookalike(FULL)
def the_flag_that_shows_a_survey(one: Customer) -> Truth:
    return _for_everybody(one, 100, 200, "survey-targeting-nps")


def _experiment(one: Customer, days: int, *, ended: bool = False) -> Truth:
    project = one.project()
    one.resource(
        project,
        "experiment",
        "Longer headline",
        state="complete" if ended else "active",
        age_days=days + 3,
        start_date=one.ago(days).isoformat(),
        end_date=one.ago(days - 30).isoformat() if ended else None,
    )
    return Truth(EXPERIMENT, project)


@fault(EXPERIMENT, group="experiment")
def nobody_ended_it(one: Customer) -> Truth:
    return _experiment(one, round(one.between(95, 700)))


@inside(EXPERIMENT)
def ninety_one_days(one: Customer) -> Truth:
    return _experiment(one, 91)


@outside(EXPERIMENT)
def ninety_days(one: Customer) -> Truth:
    return _experiment(one, 90)


@lookalike(EXPERIMENT)
def an_old_one_that_ended(one: Customer) -> Truth:
    return _experiment(one, round(one.between(120, 600)), ended=True)


def _survey(one: Customer, days: int, *, limit: int | None = None, responses: float = 0) -> Truth:
    project = one.project()
    one.remove("survey", project)
    if responses:
        one.use(project, "surveys", responses)
    one.activity[project, "people_using_surveys"] = 2
    one.resource(
        project,
        "survey",
        "How likely are you to recommend us?",
        age_days=days + 2,
        start_date=one.ago(days).isoformat(),
        end_date=None,
        responses_limit=limit,
    )

    def answers(one: Customer) -> dict[str, float]:
        return {"surveys": one.billed(project, "surveys")}

    return Truth(SURVEY, project, waste=answers)


@fault(SURVEY, group="survey")
def it_asks_for_ever(one: Customer) -> Truth:
    responses = one.between(200, 9_000)
    return _survey(one, round(one.between(95, 800)), responses=responses)


@inside(SURVEY)
def ninety_one_days_of_a_survey(one: Customer) -> Truth:
    return _survey(one, 91, responses=2_500)


@outside(SURVEY)
def ninety_days_of_a_survey(one: Customer) -> Truth:
    return _survey(one, 90, responses=2_500)


@lookalike(SURVEY)
def an_old_one_with_a_limit(one: Customer) -> Truth:
    return _survey(one, 300, limit=5_000, responses=2_500)
