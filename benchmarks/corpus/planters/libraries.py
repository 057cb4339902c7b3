"""Libraries that were not updated.

Release days of posthog-js from the npm registry: 1.195 on 2024-12-11, 1.300 in early 2026, 1.405 on
2026-07-20, 1.409 on 2026-07-30, 1.410 on 2026-08-03, 1.430 on 2026-09-11, 1.442 on 2026-10-29; the
newest on 2026-11-01 is 1.444 of 2026-10-30.
"""

from corpus.customer import Customer
from corpus.planting import Truth, fault, inside, lookalike, outside

OUTDATED = "sdk_outdated"


def _runs(one: Customer, **shares: float) -> Truth:
    """``v405=0.9``: nine tenths of production's events come from posthog-js 1.405."""
    project = one.project()
    mine = [r for r in one.lists["sdk_versions"] if r["project_id"] == project]
    total = sum(r["events"] for r in mine)
    kept = [r for r in one.lists["sdk_versions"] if r["project_id"] != project]
    one.lists["sdk_versions"] = kept + [
        {
            **mine[0],
            "library": "web",
            "version": f"1.{name[1:]}.0",
            "events": max(round(share * total), 1),
        }
        for name, share in shares.items()
    ]
    return Truth(OUTDATED, project)


@fault(OUTDATED, group="library")
def nobody_updated_it_for_months(one: Customer) -> Truth:
    old = f"v{round(one.between(195, 405))}"
    return _runs(one, **{old: one.between(0.6, 1.0), "v444": 0.3})


@inside(OUTDATED)
def ninety_two_days_behind(one: Customer) -> Truth:
    return _runs(one, v409=1.0)


@inside(OUTDATED)
def just_over_half_is_old(one: Customer) -> Truth:
    return _runs(one, v300=0.51, v444=0.49)


@outside(OUTDATED)
def eighty_eight_days_behind(one: Customer) -> Truth:
    return _runs(one, v410=1.0)


@outside(OUTDATED)
def just_under_half_is_old(one: Customer) -> Truth:
    return _runs(one, v300=0.49, v444=0.51)


@lookalike(OUTDATED)
def some_minors_behind_and_weeks_old(one: Customer) -> Truth:
    return _runs(one, v430=0.4, v442=0.6)
