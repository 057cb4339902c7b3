"""The main library of a project, months behind its newest release."""

import pytest

from audit.checks import Severity, sdk_outdated
from audit.facts.releases import MAJOR, releases

CHECK = "sdk_outdated"

#: The newest version of posthog-js that was known on this day is 1.442, of the day itself.
AS_OF = "2026-10-29"


def test_an_old_main_library_is_flagged_with_its_version(acme):
    found = acme(AS_OF).version("web", "1.372.6", 900).version("web", "1.442.0", 100).finding(CHECK)

    # 1.372 was out on 2026-04-24, the newest, 1.442, on 2026-10-29: 188 days.
    assert found.message == (
        "At least half of Project 1's posthog-js events come from version 1.372 or older, 188 days "
        "or more behind the newest release."
    )
    assert (found.severity, found.saving.alone) == (Severity.WORTH_ATTENTION, 0)


@pytest.mark.parametrize(
    ("version", "days"),
    [("1.442.0", 0), ("1.409.5", 91), ("1.408.0", 91), ("1.407.1", 99), ("1.0.0", 694)],
)
def test_days_behind_are_those_between_the_releases(acme, version, days):
    # 1.407 was out on 2026-07-22, 1.409 on 2026-07-30; 1.408 came before it, and what is older
    # than all that are listed before 2024-12-04.
    one = acme(AS_OF).version("web", version, 900)

    assert len(one.findings(CHECK, behind_days=days)) == (days > 0)
    assert one.findings(CHECK, behind_days=days + 1) == []


@pytest.mark.parametrize(("version", "flagged"), [("1.409.0", []), ("1.407.0", ["1"])])
def test_three_months_are_the_limit(acme, version, flagged):
    # 91 and 99 days, against 92.
    assert acme(AS_OF).version("web", version, 900).flagged(CHECK) == flagged


def test_ninety_two_days_are_enough(acme):
    # 1.374 was out on 2026-05-18; 92 days later, on 2026-08-18, 1.418.
    assert acme("2026-08-18").version("web", "1.374.0", 9).flagged(CHECK) == ["1"]
    assert acme("2026-08-17").version("web", "1.374.0", 9).flagged(CHECK) == []


@pytest.mark.parametrize(("old", "flagged"), [(499, []), (500, ["1"]), (501, ["1"])])
def test_half_of_the_events_is_the_bulk_of_them(acme, old, flagged):
    one = acme(AS_OF).version("web", "1.300.0", old).version("web", "1.442.0", 1000 - old)

    assert one.flagged(CHECK) == flagged


def test_versions_that_browsers_load_by_themselves_are_not_outweighed_by_one_old_one(acme):
    # The old one sends most of any version, and less than half of all.
    one = acme(AS_OF).version("web", "1.300.0", 300)
    for patch in range(10):
        one.version("web", f"1.44{patch % 5}.{patch}", 70)

    assert one.flagged(CHECK) == []


def test_several_old_versions_count_together(acme):
    one = acme(AS_OF).version("web", "1.442.0", 400)
    for minor in range(300, 306):
        one.version("web", f"1.{minor}.0", 100)

    assert "come from version 1.304 or older" in one.finding(CHECK).message


def test_the_library_that_sends_most_is_the_one(acme):
    one = acme(AS_OF).version("web", "1.300.0", 400).version("posthog-python", "7.78.0", 600)

    assert one.flagged(CHECK) == []


@pytest.mark.parametrize(
    ("library", "version", "name"),
    [
        ("web", "1.300.0", "posthog-js"),
        ("js", "3.2.1", "posthog-js-lite"),
        ("posthog-node", "4.18.0", "posthog-node"),
        ("posthog-python", "6.7.6", "posthog-python"),
        ("posthog-react-native", "3.16.0", "posthog-react-native"),
    ],
)
def test_every_dated_library_is_named(acme, library, version, name):
    found = acme(AS_OF).version(library, version, 900).finding(CHECK)

    minor = version.rpartition(".")[0]
    assert f"{name} events come from version {minor} or older" in found.message


def test_a_version_newer_than_all_that_are_known_is_not_behind(acme):
    assert acme(AS_OF).version("web", "2.0.0", 900).flagged(CHECK) == []


def test_an_audit_of_the_past_knows_no_release_of_its_future(acme):
    # On 2026-05-01 the newest was 1.372 of 2026-04-24; 1.359 was out on 2026-03-06: 49 days.
    one = acme("2026-05-01").version("web", "1.359.0", 900)

    assert one.findings(CHECK, behind_days=50) == []
    assert len(one.findings(CHECK, behind_days=49)) == 1


@pytest.mark.parametrize(
    ("library", "version"), [("posthog-ios", "3.1.0"), ("web", "custom build"), ("web", "")]
)
def test_a_library_without_dates_and_a_version_that_is_none_are_not_evaluated(
    acme, library, version
):
    gap = acme(AS_OF).version(library, version, 900).gap(CHECK)

    assert gap.missing == "main_sdk_behind_days"
    assert "names no version, or no release days of it are known" in gap.reason


def test_before_the_first_release_that_is_known_it_is_not_evaluated(acme):
    gap = acme("2024-06-01").version("web", "1.130.0", 900).gap(CHECK)

    assert "no release days of it are known" in gap.reason


def test_a_version_that_cannot_be_read_does_not_hide_those_that_can(acme):
    one = acme(AS_OF).version("web", "next", 900).version("web", "1.300.0", 10)

    assert one.flagged(CHECK) == ["1"]


def test_without_its_facts_it_is_not_evaluated(acme):
    gap = acme(AS_OF).version("web", "1.300.0", 900).without("sdk_versions").gap(CHECK)

    assert (gap.missing, gap.reason) == ("main_sdk_behind_days", "The key lacks a scope.")


def test_a_project_whose_events_name_no_library_is_left_alone(acme):
    assert acme(AS_OF).events("x", 900).flagged(CHECK) == []


def test_the_threshold_can_be_set(acme):
    assert acme(AS_OF).version("web", "1.372.6", 900).findings(CHECK, behind_days=189) == []


def test_later_versions_of_a_library_are_out_later():
    for _, of in releases().groupby("library"):
        assert of["version"].is_monotonic_increasing
        assert of["out_by"].is_monotonic_increasing
        assert of["out_by"].is_unique
        assert (of["version"] % MAJOR < 1_000).all()


def test_the_libraries_are_numbered_as_the_fact_and_the_message_say():
    listed = releases().drop_duplicates("number").set_index("number")["library"]
    shown = {"web": "posthog-js", "js": "posthog-js-lite"}

    assert {n: shown.get(name, name) for n, name in listed.items()} == dict(
        enumerate(sdk_outdated.LIBRARIES, start=1)
    )
